// Jalali days as [year, month, day] and the time in Tehran: conversion, formatting, parsing. Pure functions without DOM access.

import { isValidJalaaliDate, jalaaliMonthLength, toGregorian, toJalaali } from "jalaali-js";
import { latin, persian } from "./digits.js";

export const MONTHS = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"];
export const WEEKDAYS = ["شنبه", "یکشنبه", "دوشنبه", "سه‌شنبه", "چهارشنبه", "پنجشنبه", "جمعه"];
export const FIRST_YEAR = 1300;
export const LAST_YEAR = 1499;

const DAY = 86_400_000;
// Iran abolished daylight saving time in September 2022.
const TEHRAN = 3.5 * 3_600_000;

const two = (number) => String(number).padStart(2, "0");

function toUtc([year, month, day]) {
  const { gy, gm, gd } = toGregorian(year, month, day);
  return Date.UTC(gy, gm - 1, gd);
}

function fromUtc(instant) {
  const date = new Date(instant);
  const { jy, jm, jd } = toJalaali(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate());
  return [jy, jm, jd];
}

/** Tehran's day and time of day, *milliseconds* from now. */
export function momentFromNow(milliseconds = 0) {
  const there = Date.now() + TEHRAN + milliseconds;
  const date = new Date(there);
  return { day: fromUtc(there), time: [date.getUTCHours(), date.getUTCMinutes()] };
}

export const today = () => momentFromNow().day;
export const monthLength = (year, month) => jalaaliMonthLength(year, month);
/** 0 is Saturday, the first day of the week. */
export const weekday = (day) => (new Date(toUtc(day)).getUTCDay() + 1) % 7;
export const isSame = (one, other) => String(one) === String(other);

function within(day) {
  if (day[0] < FIRST_YEAR) return [FIRST_YEAR, 1, 1];
  return day[0] > LAST_YEAR ? [LAST_YEAR, 12, monthLength(LAST_YEAR, 12)] : day;
}

export const addDays = (day, count) => within(fromUtc(toUtc(day) + count * DAY));

/** The same day of another month, or the last one where that month is shorter. */
export function addMonths([year, month, day], count) {
  const months = year * 12 + month - 1 + count;
  const [toYear, toMonth] = [Math.floor(months / 12), (months % 12) + 1];
  if (toYear < FIRST_YEAR || toYear > LAST_YEAR) return [year, month, day];
  return [toYear, toMonth, Math.min(day, monthLength(toYear, toMonth))];
}

export const spoken = (day) => `${WEEKDAYS[weekday(day)]} ${persian(day[2])} ${MONTHS[day[1] - 1]} ${persian(day[0])}`;

export function written(day, time = null) {
  const date = `${day[0]}/${two(day[1])}/${two(day[2])}`;
  return persian(time ? `${date} ${two(time[0])}:${two(time[1])}` : date);
}

/** Parses a typed date, in any digits, to {day, time}; null when it is not a Jalali date. */
export function read(text) {
  const match = latin(text.trim()).match(/^(\d{4})[/.-]?(\d{1,2})[/.-]?(\d{1,2})(?:\s+(\d{1,2}):(\d{2}))?$/);
  if (!match) return null;
  const [year, month, day] = match.slice(1, 4).map(Number);
  const time = match[4] === undefined ? null : [Number(match[4]), Number(match[5])];
  const known = year >= FIRST_YEAR && year <= LAST_YEAR && isValidJalaaliDate(year, month, day);
  return known && (!time || (time[0] < 24 && time[1] < 60)) ? { day: [year, month, day], time } : null;
}
