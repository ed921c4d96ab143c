// Tooltips of the rows: the whole date of a moment, as `time_html` of the server says it, and a text that does not fit.

const DATE = new Intl.DateTimeFormat("fa-IR-u-ca-persian-nu-arabext", { timeZone: "Asia/Tehran", weekday: "long", day: "numeric", month: "long", year: "numeric" });
const HOUR = new Intl.DateTimeFormat("fa-IR-u-nu-arabext", { timeZone: "Asia/Tehran", hour: "numeric", minute: "2-digit", hourCycle: "h23" });

/** «دوشنبه ۹ آذر ۱۴۰۵، ۰:۴۱» of a moment, without the hour of a day. */
function fullMoment(text) {
  const hasHour = text.includes("T");
  const moment = new Date(hasHour ? text : `${text}T12:00Z`);
  const part = Object.fromEntries(DATE.formatToParts(moment).map(({ type, value }) => [type, value]));
  const day = `${part.weekday} ${part.day} ${part.month} ${part.year}`;
  return hasHour ? `${day}، ${HOUR.format(moment)}` : day;
}

/** Gives *target*, which the pointer reaches, its tooltip. */
export function showTooltip(target) {
  const moment = target.closest?.(".rows time:not([title])");
  if (moment) moment.title = fullMoment(moment.dateTime);
  const cell = target.closest?.(".rows td, .rows .row-link, .chip");
  if (cell && !cell.title && (cell.scrollWidth > cell.clientWidth || cell.scrollHeight > cell.clientHeight + 4)) cell.title = cell.textContent.trim();
}
