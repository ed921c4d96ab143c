// What rows of lists need for scripts alone, so that the HTML does not repeat it in each row: the names of ticks and buttons, which are the name of
// the row and a text in the head of the table, the field of its tick, the mark of links that open the panel, and the links to edit forms.

import { make } from "../layout/dom.js";

const NAMES = {
  ".tick": (_, pk) => `tick n${pk}`,
  "[data-row-menu]": (_, pk) => `acts n${pk}`,
  ".row-edit": (_, pk) => `edit n${pk}`,
  "[data-inline]": ({ dataset }, pk) => `edit h-${dataset.inline} n${pk}`,
};

function complete(row) {
  const { pk } = row.dataset;
  mark(row);
  const { panels, editAt } = row.closest("table").dataset;
  const name = row.querySelector(".cell-main > :first-child");
  if (name) name.id = `n${pk}`;
  if (name?.matches("a")) name.classList.add("row-link");
  if (panels !== undefined) name?.setAttribute("data-panel", "");
  if (editAt && !row.querySelector(".row-edit")) row.lastElementChild.prepend(make("a", { class: "row-edit", href: editAt + pk }));
  const tick = row.querySelector(".tick");
  if (tick) for (const [attribute, value] of [["name", "rowid"], ["value", pk], ["form", "bulk-bar"]]) tick.setAttribute(attribute, value);
  for (const [selector, nameOf] of Object.entries(NAMES)) {
    for (const control of row.querySelectorAll(selector)) control.setAttribute("aria-labelledby", nameOf(control, pk));
  }
}

/** The classes of cells that the style sheet knows by their content. */
function mark(row) {
  row.querySelector(".tick")?.parentElement.classList.add("cell-tick");
  row.lastElementChild.classList.add("cell-menu");
  for (const link of row.querySelectorAll("[href^='tel:']")) link.classList.add("call");
}

function completeAll() {
  document.querySelectorAll("table.rows.cards tr[data-pk]").forEach(complete);
  for (const button of document.querySelectorAll("[data-row-menu], #list button.chip")) button.setAttribute("aria-haspopup", "menu");
}

export function startNames() {
  completeAll();
  document.addEventListener("htmx:after:swap", completeAll);
}
