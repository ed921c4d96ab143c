// Editing a value in its cell: the pencil button or a double click loads the field, Escape restores the value.

import htmx from "../layout/htmx.js";

let edited = null; // The cell that was edited last: the key of its row, the name of its column.
const before = new WeakMap(); // The content of each cell before editing.

/** The address of the edit: the table has its beginning, the row its key, the button the name of the column. */
function addressOf(button) {
  return `${button.closest("table").dataset.inlineAt}${button.closest("tr").dataset.pk}/${button.dataset.inline}`;
}

/** Fixes the size of the columns and of the cell: the form lies over the cell, and nothing moves. */
function hold(table, cell) {
  const heads = [...table.querySelectorAll("th")];
  const widths = heads.map((head) => head.getBoundingClientRect().width);
  cell.style.blockSize = `${cell.getBoundingClientRect().height}px`;
  heads.forEach((head, index) => (head.style.inlineSize = `${widths[index]}px`));
  table.style.tableLayout = "fixed";
}

/** Lets the tables without a form size themselves again. */
function release() {
  for (const table of document.querySelectorAll("table[data-inline-at]:not(:has(.inline-form))")) {
    for (const part of [table, ...table.querySelectorAll("th[style], td[style]")]) part.removeAttribute("style");
  }
}

async function edit(cell) {
  const button = cell.querySelector("[data-inline]");
  if (!button || cell.querySelector(".inline-form")) return;
  before.set(cell, [...cell.childNodes]);
  hold(cell.closest("table"), cell);
  edited = { pk: cell.closest("tr").dataset.pk, name: button.dataset.inline };
  await htmx.ajax("GET", addressOf(button), { target: cell, swap: "innerHTML" });
  cell.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function restore(cell) {
  cell.replaceChildren(...(before.get(cell) ?? []));
  release();
  cell.querySelector("[data-inline]")?.focus();
}

/** The saved cell was replaced; its button gets the focus. */
function onSaved({ detail: { ctx } }) {
  if (!ctx.sourceElement?.matches?.(".inline-form") || document.activeElement !== document.body) return;
  document.querySelector(`tr[data-pk="${edited.pk}"] [data-inline="${CSS.escape(edited.name)}"]`)?.focus();
}

function onClick({ target }) {
  const button = target.closest("[data-inline]");
  if (button) edit(button.closest("td"));
  else if (target.closest("[data-inline-off]")) restore(target.closest("td"));
}

function onKey(event) {
  const form = event.target.closest?.("td .inline-form");
  if (form && event.key === "Escape" && !event.defaultPrevented) {
    event.preventDefault();
    restore(form.closest("td"));
  }
}

export function startInline() {
  document.addEventListener("click", onClick);
  document.addEventListener("dblclick", ({ target }) => {
    const cell = target.closest("td:has([data-inline])");
    if (cell) edit(cell);
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:after:swap", release);
  document.addEventListener("htmx:finally:request", onSaved);
}
