// Ticked rows of a list and the bulk bar. The checkboxes belong to the form #bulk-bar, which posts them as `rowid`,
// or all matching rows as `_all` with the `_query` of the list.

import { grouped, persian } from "../forms/digits.js";
import { words } from "../layout/words.js";

let last = null; // The previously ticked checkbox: the start of a range with Shift.
let choosing = false; // Whether a phone shows the checkboxes, after «Select» in the menu of a row.
let everything = null; // The query whose rows are all selected, on this page or not.

const boxes = () => [...document.querySelectorAll("#list [name=rowid]")];

/** The query of all matching rows, and their number or its lower bound. */
function matching() {
  const field = document.querySelector("#list [data-matching]");
  if (!field) return null;
  return { query: field.value, count: Number(field.dataset.matching), capped: field.dataset.capped !== undefined };
}

function refresh() {
  const bar = document.getElementById("bulk-bar");
  if (!bar) return;
  const all = boxes();
  const found = matching();
  if (everything !== null && found?.query !== everything) everything = null;
  if (everything !== null) for (const box of all) box.checked = true;
  const ticked = all.filter((box) => box.checked);
  for (const box of all) box.closest("tr").classList.toggle("is-ticked", box.checked);
  const head = document.querySelector("#list [data-tick-all]");
  if (head) {
    head.checked = ticked.length > 0 && ticked.length === all.length;
    head.indeterminate = ticked.length > 0 && ticked.length < all.length;
  }
  if (ticked.length === 0) choosing = false;
  document.querySelector("#list table.rows")?.classList.toggle("is-choosing", choosing);
  bar.hidden = ticked.length === 0;
  document.body.classList.toggle("has-bulk-bar", ticked.length > 0);
  bar.querySelector("[data-ticked]").textContent = ticked.length ? persian(tickedWords(ticked.length, found)) : "";
  offerMatching(bar, found, all.length);
}

function tickedWords(count, found) {
  if (everything === null) return words.selected(count, document.getElementById("bulk-bar").dataset.one);
  return (found.capped ? words.allMatchingSelected : words.matchingSelected)(grouped(String(found.count)));
}

function offerMatching(bar, found, shown) {
  const link = bar.querySelector("[data-tick-matching]");
  bar.querySelector("[data-all]").disabled = everything === null;
  link.hidden = everything !== null || !found || found.count <= shown;
  if (!link.hidden) link.textContent = persian((found.capped ? words.selectAllMatching : words.selectMatching)(grouped(String(found.count))));
}

function tickRange(from, to, checked) {
  const all = boxes();
  const [start, end] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  if (start < 0) return;
  for (const box of all.slice(start, end + 1)) box.checked = checked;
}

export function clearSelection() {
  for (const box of boxes()) box.checked = false;
  last = everything = null;
  refresh();
}

function tickMatching() {
  everything = matching().query;
  refresh();
  // The pressed button is hidden now; the first action of the bar gets the focus.
  document.querySelector("#bulk-bar [name=action]")?.focus();
}

function onClick(event) {
  const box = event.target.closest("[name=rowid]");
  if (box) {
    if (event.shiftKey && last?.isConnected) tickRange(last, box, box.checked);
    last = box;
    everything = null;
    refresh();
  }
  if (event.target.closest("[data-tick-matching]")) tickMatching();
  if (event.target.closest("[data-clear-selection]")) {
    const ticked = boxes().find((box) => box.checked);
    clearSelection();
    ticked?.focus();
  }
}

function onChoose({ target }) {
  choosing = true;
  target.closest("tr").querySelector("[name=rowid]").click();
}

function onChange({ target }) {
  if (target.matches("[data-tick-all]")) {
    for (const box of boxes()) box.checked = target.checked;
    everything = null;
    refresh();
  } else if (target.matches("[name=rowid]")) {
    everything = null;
    refresh();
  }
}

export function startSelection() {
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("row:choose", onChoose);
  document.addEventListener("htmx:after:swap", refresh);
  // The server closes the dialog when the action is done; it stays open while a job runs the action.
  document.addEventListener("dialog:close", clearSelection);
  document.addEventListener("bulk:queued", clearSelection);
  // A page restored from the back-forward cache has its ticks already.
  addEventListener("pageshow", refresh);
}
