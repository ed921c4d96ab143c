// Actions as buttons in a row: button[data-act] asks for the confirmation and shows it beside itself in #act-popover, on phones at the bottom.
// The digits press the buttons of the marked row.

import htmx from "../layout/htmx.js";
import { make } from "../layout/dom.js";
import { place } from "../layout/menus.js";
import { rescueToasts } from "../layout/toasts.js";
import { currentRow, markRow } from "./rows.js";

const ID = "act-popover";
const PHONE = matchMedia("(max-width: 575.98px)");
let popover = null;
let button = null;

function open(pressed) {
  popover ??= document.body.appendChild(make("dialog", { id: ID, class: "act-popover", "aria-labelledby": "act-title" }));
  button = pressed;
  const row = pressed.closest("tr[data-pk]");
  markRow(row);
  rescueToasts();
  return htmx.ajax("POST", `${row.closest("table").dataset.acts}${pressed.dataset.act}/${row.dataset.pk}`, { target: `#${ID}`, swap: "innerHTML", values: { _place: ID } });
}

function stand() {
  if (popover?.open && button?.isConnected && !PHONE.matches) place(popover, button);
}

function onSwapped({ detail: { ctx } }) {
  if (!popover || ctx.target !== popover || !popover.firstElementChild) return;
  if (!popover.open) popover.showModal();
  button.setAttribute("aria-expanded", "true");
  stand();
  (popover.querySelector("[aria-invalid=true], .field :is(input, select, textarea)") ?? popover.querySelector("[data-main-submit]"))?.focus({ preventScroll: true });
}

function onClosed({ target }) {
  if (target !== popover) return;
  button?.setAttribute("aria-expanded", "false");
  popover.replaceChildren();
}

function outside({ clientX: x, clientY: y }) {
  const box = popover.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

function onClick(event) {
  const pressed = event.target.closest("button[data-act]");
  if (pressed && pressed.ariaDisabled !== "true") open(pressed);
  // A click on the backdrop has the dialog itself as its target, as one on its padding has.
  if (event.target === popover && outside(event)) popover.close();
}

/** Presses the button of the marked row with this number; returns whether there is one. */
export function pressAct(number) {
  const pressed = currentRow()?.querySelectorAll("button[data-act]")[number - 1];
  pressed?.click();
  return Boolean(pressed);
}

/** Puts the buttons into the rows; rows that allow the same acts share a set of them. */
function fill() {
  for (const cell of document.querySelectorAll("td[data-acts-of]:empty")) {
    const set = cell.closest("table").querySelector(`template[data-acts-of="${cell.dataset.actsOf}"]`);
    cell.append(set.content.cloneNode(true));
  }
}

export function startActs() {
  fill();
  document.addEventListener("htmx:after:swap", fill);
  document.addEventListener("click", onClick);
  document.addEventListener("htmx:after:swap", onSwapped);
  document.addEventListener("close", onClosed, true);
  document.addEventListener("dialog:close", () => popover?.open && popover.close());
  addEventListener("resize", stand);
}
