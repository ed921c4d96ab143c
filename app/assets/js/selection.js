// Ticked rows of a list and the bar that acts on them. The boxes belong to the form #bulk-bar, which posts them as `rowid`.

import { persian } from "./digits.js";
import { words } from "./words.js";

let last = null; // The box ticked before, where a range with Shift begins.

const boxes = () => [...document.querySelectorAll("#list [data-tick]")];

function refresh() {
  const bar = document.getElementById("bulk-bar");
  if (!bar) return;
  const all = boxes();
  const ticked = all.filter((box) => box.checked);
  for (const box of all) box.closest("tr").classList.toggle("is-ticked", box.checked);
  const head = document.querySelector("#list [data-tick-all]");
  if (head) {
    head.checked = ticked.length > 0 && ticked.length === all.length;
    head.indeterminate = ticked.length > 0 && ticked.length < all.length;
  }
  bar.hidden = ticked.length === 0;
  document.body.classList.toggle("has-bulk-bar", ticked.length > 0);
  bar.querySelector("[data-ticked]").textContent = ticked.length ? persian(words.selected(ticked.length)) : "";
}

function tickRange(from, to, checked) {
  const all = boxes();
  const [start, end] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  if (start < 0) return;
  for (const box of all.slice(start, end + 1)) box.checked = checked;
}

export function clearSelection() {
  for (const box of boxes()) box.checked = false;
  last = null;
  refresh();
}

function onClick(event) {
  const box = event.target.closest("[data-tick]");
  if (box) {
    if (event.shiftKey && last?.isConnected) tickRange(last, box, box.checked);
    last = box;
    refresh();
  }
  if (event.target.closest("[data-clear-selection]")) clearSelection();
}

function onChange({ target }) {
  if (target.matches("[data-tick-all]")) {
    for (const box of boxes()) box.checked = target.checked;
    refresh();
  } else if (target.matches("[data-tick]")) {
    refresh();
  }
}

export function startSelection() {
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("htmx:after:swap", refresh);
  // The server closes the dialog when the act on the ticked rows is done.
  document.addEventListener("dialog:close", clearSelection);
  // A page that comes back from the browser's memory brings its ticks along.
  addEventListener("pageshow", refresh);
}
