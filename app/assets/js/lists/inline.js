// Editing a value in its cell: the pencil button or a double click loads the field, Escape restores the value.

import htmx from "../layout/htmx.js";

const before = new WeakMap(); // The content of each cell before editing.

async function edit(cell) {
  const button = cell.querySelector("[data-inline]");
  if (!button || cell.querySelector(".inline-form")) return;
  before.set(cell, [...cell.childNodes]);
  await htmx.ajax("GET", button.dataset.inline, { target: cell, swap: "innerHTML" });
  cell.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function restore(cell) {
  cell.replaceChildren(...(before.get(cell) ?? []));
  cell.querySelector("[data-inline]")?.focus();
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
}
