// A click anywhere on a row opens its side panel, or its page when it has no panel. The panel moves with the rows: `[data-step]`, J and K. A text that does not fit has a tooltip.

import { persian } from "../forms/digits.js";
import { isOnline } from "../layout/dom.js";
import { keepFocus } from "../layout/focus.js";
import { load } from "../layout/overlays.js";
import { words } from "../layout/words.js";

const OF_ITS_OWN = "a, button, input, label, select, textarea, summary, .menu, .cell-tick, [data-no-row]";

/** The address of the page of a row; the table has it without the key. */
function pageOf(row) {
  const base = row.closest("table").dataset.show;
  return base ? base + row.dataset.pk : row.querySelector(".row-link")?.href;
}

/** The address of the side panel of a row, null without one. */
export const panelOf = (row) => row?.querySelector(".row-link[data-panel]")?.getAttribute("href") ?? null;

function onClick(event) {
  const row = event.target.closest("tr[data-pk]");
  if (!row || event.target.closest(OF_ITS_OWN) || getSelection().toString()) return;
  const panel = panelOf(row);
  const page = pageOf(row);
  if (event.ctrlKey || event.metaKey) open(page ?? panel);
  else if (panel) load(panel, "panel");
  else if (page) location.assign(page);
}

/** While rows are chosen on a phone, a tap on a row ticks it. */
function onChoosing(event) {
  const row = event.target.closest?.(".is-choosing tr[data-pk]");
  if (!row || event.target.closest("button:not(.chip), input")) return;
  event.preventDefault();
  event.stopPropagation();
  row.querySelector("[name=rowid]")?.click();
}

/** Tooltips are made when they are needed, so that the HTML has each text once. */
async function onPointer({ target }) {
  if (isOnline()) (await import("./tooltips.js")).showTooltip(target);
}

let opened = null; // The address of the open panel.
let marked = null; // The row that the keys go on from when no row has the focus, by its `data-pk`.
let hadFocus = false; // Whether the list had the focus before it was replaced.

const rows = () => [...document.querySelectorAll("#list tr[data-pk]")];
const openRow = () => rows().find((row) => opened && panelOf(row) === opened);
const markedRow = () => rows().find((row) => row.dataset.pk === marked);

/** The row that the keys of the list concern: that of the open panel, that with the focus, or the marked one. */
export function currentRow() {
  return openRow() ?? document.activeElement?.closest("#list tr[data-pk]") ?? markedRow() ?? null;
}

/** The row that follows *row* in the work: the one below, or the one above the last. */
export const rowAfter = (row) => row?.nextElementSibling ?? row?.previousElementSibling ?? null;

export function markRow(row) {
  marked = row?.dataset.pk ?? null;
  mark();
}

function focusRow(row) {
  (row?.querySelector("a.row-link") ?? row?.querySelector("a, button, input"))?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

/** Goes *by* rows on; an open panel goes with it. */
export function step(by) {
  const all = rows();
  const at = all.indexOf(currentRow());
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  if (!opened) {
    focusRow(next);
    markRow(next);
  } else if (next && next !== openRow()) {
    next.scrollIntoView({ block: "nearest" });
    load(panelOf(next), "panel");
  }
}

/** Marks the open row and the one that the keys go on from, also after the list was reloaded. */
function mark() {
  const all = rows();
  for (const row of all) {
    row.classList.toggle("is-open", Boolean(opened) && panelOf(row) === opened);
    row.classList.toggle("is-marked", !opened && row.dataset.pk === marked);
  }
  const place = document.querySelector("#panel [data-place]");
  const at = all.indexOf(openRow());
  if (!place) return;
  place.textContent = at < 0 ? "" : persian(words.place(at + 1, all.length));
  for (const button of document.querySelectorAll("#panel [data-step]")) {
    button.disabled = at < 0 || !all[at + Number(button.dataset.step)];
  }
}

function onRequest({ detail: { ctx } }) {
  if (ctx.target?.id !== "panel" || ctx.request.method !== "GET") return;
  opened = ctx.request.action.split("?")[0]; // with a choice in the address it is the same panel
  marked = openRow()?.dataset.pk ?? marked;
  mark();
}

function onClosed({ target }) {
  if (target.id !== "panel") return;
  opened = null;
  mark();
  if (markedRow()) focusRow(markedRow());
  keepFocus();
}

function beforeSwap({ detail: { ctx } }) {
  if (ctx.target?.id === "list") hadFocus = ctx.target.contains(document.activeElement);
}

/** Keeps the focus in the list when the row that had it is gone. */
function afterSwap({ detail: { ctx } }) {
  mark();
  if (ctx.target?.id !== "list" || !hadFocus || document.activeElement !== document.body) return;
  focusRow(markedRow() ?? rows()[0]);
  keepFocus();
}

/** A table that fits needs no scrolling container, so its head can stick to the top of the page. */
function measure() {
  const box = document.querySelector("#list .table-box");
  if (!box) return;
  box.classList.remove("fits");
  box.classList.toggle("fits", box.scrollWidth <= box.clientWidth);
}

export function startRows() {
  measure();
  addEventListener("resize", measure);
  document.addEventListener("htmx:after:swap", measure);
  document.fonts?.ready.then(measure);
  document.addEventListener("click", onChoosing, true);
  document.addEventListener("click", onClick);
  document.addEventListener("pointerover", onPointer);
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-step]");
    if (button) step(Number(button.dataset.step));
  });
  document.addEventListener("htmx:before:request", onRequest);
  document.addEventListener("htmx:before:swap", beforeSwap);
  document.addEventListener("htmx:after:swap", afterSwap);
  document.addEventListener("close", onClosed, true);
}
