// The calendar of <j-date>: an ARIA grid that can be used by keyboard alone; the arrow keys follow the right-to-left layout.

import { icon, make } from "../layout/dom.js";
import { persian } from "./digits.js";
import * as jalali from "./jalali.js";
import { words } from "../layout/words.js";

const STEPS = {
  ArrowLeft: (day) => jalali.addDays(day, 1),
  ArrowRight: (day) => jalali.addDays(day, -1),
  ArrowUp: (day) => jalali.addDays(day, -7),
  ArrowDown: (day) => jalali.addDays(day, 7),
  Home: (day) => jalali.addDays(day, -jalali.weekday(day)),
  End: (day) => jalali.addDays(day, 6 - jalali.weekday(day)),
  PageUp: (day, year) => jalali.addMonths(day, year ? -12 : -1),
  PageDown: (day, year) => jalali.addMonths(day, year ? 12 : 1),
};

/** A <table role="grid"> that reports the picked day; `move` sets the day with the focus. */
export class Calendar {
  constructor({ day, selected, onPick }) {
    this.day = day;
    this.selected = selected;
    this.onPick = onPick;
    this.title = make("h2", { class: "calendar-title", "aria-live": "polite", id: "calendar-title" });
    this.body = make("tbody");
    const table = make("table", { role: "grid", "aria-labelledby": "calendar-title" }, this.#weekdays(), this.body);
    table.addEventListener("keydown", (event) => this.#onKey(event));
    this.element = make("div", {}, this.#head(), table);
    this.draw();
  }

  move(day) {
    this.day = day;
    this.draw();
  }

  focus() {
    this.body.querySelector('[tabindex="0"]')?.focus();
  }

  draw() {
    const [year, month] = this.day;
    this.title.textContent = `${jalali.MONTHS[month - 1]} ${persian(year)}`;
    const length = jalali.monthLength(year, month);
    const weeks = [];
    for (let number = 1 - jalali.weekday([year, month, 1]); number <= length; number += 7) {
      const days = Array.from({ length: 7 }, (_, offset) => number + offset);
      weeks.push(make("tr", {}, ...days.map((each) => this.#cell(each >= 1 && each <= length ? [year, month, each] : null))));
    }
    this.body.replaceChildren(...weeks);
  }

  #head() {
    const turn = (sign, label, by) =>
      make("button", { type: "button", class: "btn btn-quiet btn-square", "aria-label": label, onclick: () => this.move(jalali.addMonths(this.day, by)) }, icon(sign));
    return make("div", { class: "calendar-head" }, turn("chevron-right", words.previousMonth, -1), this.title, turn("chevron-left", words.nextMonth, 1));
  }

  #weekdays() {
    const cells = jalali.WEEKDAYS.map((name) => make("th", { scope: "col", abbr: name, title: name }, name[0]));
    return make("thead", {}, make("tr", {}, ...cells));
  }

  #cell(day) {
    if (!day) return make("td", {});
    const selected = this.selected !== null && jalali.isSame(day, this.selected);
    const button = make(
      "button",
      {
        type: "button",
        class: "calendar-day",
        tabindex: jalali.isSame(day, this.day) ? "0" : "-1",
        "aria-label": jalali.spoken(day),
        "aria-current": jalali.isSame(day, jalali.today()) ? "date" : null,
        onclick: () => this.pick(day),
      },
      persian(day[2]),
    );
    return make("td", { role: "gridcell", "aria-selected": String(selected) }, button);
  }

  /** Picks the day, as a click on it does. */
  pick(day) {
    this.selected = day;
    this.move(day);
    this.onPick(day);
  }

  #onKey(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    this.move(step(this.day, event.shiftKey));
    this.focus();
  }
}
