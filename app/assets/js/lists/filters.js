// The filter popover: a[data-filter] loads the fields of the list, or the values of one field, into #filter-popover beside it.
// A link or Enter applies at once. Of a list of checkboxes the text chooses one value, the boxes collect several, which apply when the popover closes.

import htmx from "../layout/htmx.js";
import { make } from "../layout/dom.js";
import { place } from "../layout/menus.js";
import { rescueToasts } from "../layout/toasts.js";
import { fold } from "../layout/fold.js";

const PHONE = matchMedia("(max-width: 575.98px)");
let popover = null;
let anchor = null; // The id of the button or chip that the popover is beside; morphing replaces the element.

const opener = () => document.getElementById(anchor) ?? document.getElementById("filter-button");
const form = () => popover.querySelector("form");
const stops = () => [...popover.querySelectorAll(".menu-item, .filter-options input, [data-narrow]")].filter((each) => each.checkVisibility());

function open(link) {
  popover ??= document.body.appendChild(make("dialog", { id: "filter-popover", class: "filter-popover", "aria-labelledby": "filter-title" }));
  if (!popover.contains(link)) anchor = link.id;
  rescueToasts();
  return htmx.ajax("GET", link.href, { target: "#filter-popover", swap: "innerHTML" });
}

function stand() {
  if (popover?.open && opener() && !PHONE.matches) place(popover, opener());
}

function focusFirst() {
  const narrow = PHONE.matches ? null : popover.querySelector("[data-narrow]");
  const first = popover.querySelector("[aria-invalid=true]") ?? narrow ?? popover.querySelector(".menu-item, .filter-options input, input:not([type=hidden], [data-narrow])");
  first?.focus({ preventScroll: true });
  if (first?.matches(".filter-values input")) first.select();
}

/** Whether the checkboxes or the looked-up rows differ from the filter of the list. */
function changed() {
  return [...popover.querySelectorAll("[type=checkbox], option")].some((each) => (each.matches("option") ? each.selected !== each.defaultSelected : each.checked !== each.defaultChecked));
}

function leave() {
  if (changed()) form().requestSubmit();
  else popover.close();
}

function onSwapped({ detail: { ctx } }) {
  if (!popover) return;
  if (ctx.target === popover) {
    if (!popover.firstElementChild) return;
    if (!popover.open) popover.showModal();
    stand();
    focusFirst();
  } else if (ctx.target?.id === "list" && popover.open) {
    const field = popover.querySelector("[data-field]")?.dataset.field;
    popover.close();
    (document.getElementById(`chip-${field}`) ?? document.getElementById("filter-button"))?.focus();
  }
}

/** A click on the text of a checkbox, outside the box, applies that value at once. */
function choose(box) {
  box.checked = !box.checked;
  form().requestSubmit();
}

function onClick(event) {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-filter]");
  if (link) {
    event.preventDefault();
    open(link);
  } else if (event.target === popover) {
    // A click on the backdrop has the dialog itself as its target, as one on its padding has.
    const box = popover.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    if (x < box.left || x > box.right || y < box.top || y > box.bottom) leave();
  } else if (event.target.closest("#filter-popover .check") && !event.target.matches("input")) {
    event.preventDefault();
    choose(event.target.closest(".check").querySelector("input"));
  }
}

function step(by) {
  const all = stops();
  const at = all.indexOf(document.activeElement);
  all[(at + by + all.length) % all.length]?.focus();
}

function onKey(event) {
  const { target, key } = event;
  if (!popover?.contains(target)) return;
  const moves = target.matches(".menu-item, [type=checkbox], [data-narrow]");
  if (moves && (key === "ArrowDown" || key === "ArrowUp")) {
    event.preventDefault();
    step(key === "ArrowDown" ? 1 : -1);
  } else if (key === "Enter" && target.matches("[type=checkbox]")) {
    event.preventDefault();
    changed() ? form().requestSubmit() : choose(target);
  } else if (key === "Enter" && target.matches("[data-narrow]")) {
    event.preventDefault();
    const first = stops().find((each) => each !== target);
    first?.matches("a") ? first.click() : first && choose(first);
  }
}

function narrow({ target }) {
  if (!target.matches?.("#filter-popover [data-narrow]")) return;
  const typed = fold(target.value);
  const lines = [...popover.querySelectorAll(".filter-links > li, .filter-options > .check")];
  for (const line of lines) line.hidden = !fold(line.textContent).includes(typed);
  const away = popover.querySelector("[data-narrowed-away]");
  if (away) away.hidden = lines.some((line) => !line.hidden);
}

/** A row that was found by typing applies at once; one that was taken away waits, as the other boxes do. */
function onChange({ target }) {
  if (target.matches?.("#filter-popover select") && [...target.options].some((each) => each.selected && !each.defaultSelected)) form().requestSubmit();
}

export function startFilters() {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("input", narrow);
  document.addEventListener("change", onChange);
  document.addEventListener("htmx:after:swap", onSwapped);
  addEventListener("resize", stand);
}
