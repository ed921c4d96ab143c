// <j-date> around an <input> and a button: a Jalali date, typed in any digits or picked from a calendar.
//   with-time                       the input takes «۱۴۰۵/۰۹/۰۲ ۱۴:۳۰», the calendar has hour and minute
//   <button data-quick="hours:1">   inside it fills the input: minutes:N, hours:N, days:N, weekday:N (0 is Saturday), at:<text>
// The form submits the text of the input; the server parses it.

import "../shared.js";
import { icon, make } from "../layout/dom.js";
import { latin, persian } from "./digits.js";
import { Calendar } from "./calendar.js";
import * as jalali from "./jalali.js";
import { words } from "../layout/words.js";

const SPANS = { minutes: 60_000, hours: 3_600_000 };
const MORNING = [10, 0];
const GAP = 4;

class JDate extends HTMLElement {
  connectedCallback() {
    if (this.input) return;
    this.input = this.querySelector("input");
    this.button = this.querySelector(".j-date-button") ?? this.#addButton();
    this.input.addEventListener("change", () => this.#tidy());
    this.input.addEventListener("input", () => this.#press(null));
    this.addEventListener("click", ({ target }) => {
      const quick = target.closest("[data-quick]");
      if (quick) this.#quick(quick.dataset.quick);
      else if (target.closest(".j-date-button")) this.open();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.altKey && event.key === "ArrowDown") {
        event.preventDefault();
        this.open();
      }
    });
  }

  get withTime() {
    return this.hasAttribute("with-time");
  }

  /** Opens the calendar beside the input, at the typed day or at today. */
  open() {
    const known = jalali.read(this.input.value);
    const now = jalali.momentFromNow();
    this.time = known?.time ?? (this.withTime ? MORNING : null);
    this.calendar = new Calendar({ day: known?.day ?? now.day, selected: known?.day ?? null, onPick: (day) => this.#picked(day) });
    this.dialog = make("dialog", { class: "calendar", "aria-label": words.calendar }, this.calendar.element, this.withTime ? this.#clock() : null, this.#foot());
    this.dialog.addEventListener("close", () => this.#closed());
    this.dialog.addEventListener("click", ({ target }) => target === this.dialog && this.dialog.close());
    // The surrounding form or panel must not react to Escape or to keys typed in the calendar.
    this.dialog.addEventListener("cancel", (event) => event.stopPropagation());
    this.append(this.dialog);
    this.dialog.showModal();
    this.#place();
    this.button.setAttribute("aria-expanded", "true");
    this.calendar.focus();
  }

  #closed() {
    this.dialog.remove();
    this.button.setAttribute("aria-expanded", "false");
    this.input.focus();
  }

  #place() {
    const box = this.input.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.dialog;
    const below = box.bottom + GAP + height <= innerHeight;
    this.dialog.style.top = `${below ? box.bottom + GAP : Math.max(GAP, box.top - GAP - height)}px`;
    this.dialog.style.left = `${Math.max(GAP, Math.min(box.right - width, innerWidth - width - GAP))}px`;
  }

  #picked(day) {
    this.#write(day, this.time);
    if (this.withTime) this.dialog.querySelector("[data-hour]").focus();
    else this.dialog.close();
  }

  #write(day, time) {
    this.input.value = jalali.written(day, this.withTime ? time : null);
    this.#tell();
  }

  #tell() {
    this.#press(null);
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  /** Writes a valid date in the standard form; an invalid one gets a hint with the expected form. */
  #tidy() {
    const typed = this.input.value.trim();
    const known = jalali.read(typed);
    const wrong = typed !== "" && (!known || (known.time && !this.withTime));
    if (known && !wrong) this.input.value = jalali.written(known.day, known.time);
    this.input.toggleAttribute("data-unreadable", Boolean(wrong));
    this.querySelector(".j-date-hint")?.remove();
    if (wrong) this.append(make("p", { class: "field-error j-date-hint", role: "alert" }, this.withTime ? words.invalidMoment : words.invalidDate));
  }

  /** Fills the input by *rule*, or empties it; this is no typing, so no event is fired. */
  suggest(rule) {
    this.input.value = rule ? this.#textOf(rule) : "";
    this.#tidy();
    this.#press(rule);
  }

  #quick(rule) {
    this.input.value = this.#textOf(rule);
    this.#tell();
    this.#press(rule);
    this.input.focus();
  }

  /** The text that a rule such as `hours:3` stands for. */
  #textOf(rule) {
    const unit = rule.split(":", 1)[0];
    const text = rule.slice(unit.length + 1);
    if (unit === "at") return text;
    const count = Number(text);
    const { day, time } = jalali.momentFromNow((SPANS[unit] ?? 0) * count);
    if (unit in SPANS) return jalali.written(day, this.withTime ? time : null);
    const ahead = unit === "days" ? count : (count - jalali.weekday(day) + 7) % 7 || 7;
    return jalali.written(jalali.addDays(day, ahead), this.withTime ? (unit === "days" ? time : MORNING) : null);
  }

  /** Marks the quick choice that the input has its value from. */
  #press(rule) {
    for (const button of this.querySelectorAll("[data-quick]")) button.setAttribute("aria-pressed", String(button.dataset.quick === rule));
  }

  #addButton() {
    const button = make("button", { type: "button", class: "btn btn-quiet btn-square j-date-button", "aria-label": words.calendar, "aria-haspopup": "dialog", "aria-expanded": "false" }, icon("calendar"));
    this.input.after(button);
    return button;
  }

  #clock() {
    const part = (name, label, at, most, by) => {
      const input = make("input", { class: "form-control", inputmode: "numeric", maxlength: "2", "aria-label": label, [`data-${name}`]: true });
      const show = () => (input.value = persian(String(this.time[at]).padStart(2, "0")));
      const set = (number) => {
        this.time[at] = ((Math.trunc(number) || 0) + most) % most;
        if (this.calendar.selected) this.#write(this.calendar.selected, this.time);
        show();
      };
      input.addEventListener("change", (event) => (event.stopPropagation(), set(Number(latin(input.value)))));
      input.addEventListener("input", (event) => event.stopPropagation());
      input.addEventListener("keydown", (event) => this.#onClockKey(event, (sign) => set(this.time[at] + sign * by)));
      this.time = [...this.time];
      show();
      return input;
    };
    return make(
      "div",
      { class: "calendar-clock", role: "group", "aria-label": words.hour },
      part("hour", words.hour, 0, 24, 1),
      make("span", { "aria-hidden": "true" }, ":"),
      part("minute", words.minute, 1, 60, 5),
    );
  }

  #onClockKey(event, step) {
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      step(event.key === "ArrowUp" ? 1 : -1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      event.target.dispatchEvent(new Event("change"));
      this.#accept();
    }
  }

  #accept() {
    this.#write(this.calendar.selected ?? this.calendar.day, this.time);
    this.dialog.close();
  }

  #foot() {
    const line = (label, act) => make("button", { type: "button", class: "btn btn-quiet btn-small", onclick: act }, label);
    const clear = () => {
      this.input.value = "";
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
      this.dialog.close();
    };
    return make(
      "div",
      { class: "calendar-foot" },
      line(words.today, () => this.calendar.pick(jalali.today())),
      line(words.clear, clear),
      this.withTime ? make("button", { type: "button", class: "btn btn-primary btn-small", onclick: () => this.#accept() }, words.accept) : null,
    );
  }
}

customElements.define("j-date", JDate);
