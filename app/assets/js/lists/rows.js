// A click anywhere on a row opens its side panel, or its page when it has no panel.

import { load } from "../layout/overlays.js";

const OF_ITS_OWN = "a, button, input, label, select, textarea, summary, .menu, [data-no-row]";

function onClick(event) {
  const row = event.target.closest("tr[data-pk]");
  if (!row || event.target.closest(OF_ITS_OWN) || getSelection().toString()) return;
  const { panelUrl, href } = row.dataset;
  const elsewhere = event.ctrlKey || event.metaKey;
  if (panelUrl && !elsewhere) load(panelUrl, "panel");
  else if (href || panelUrl) elsewhere ? open(href || panelUrl) : location.assign(href);
}

let opened = null;

/** Marks the row whose panel is open, also after the list was reloaded. */
function mark() {
  for (const row of document.querySelectorAll("tr[data-panel-url]")) {
    row.classList.toggle("is-open", row.dataset.panelUrl === opened);
  }
}

function onRequest({ detail: { ctx } }) {
  if (ctx.target?.id !== "panel" || ctx.request.method !== "GET") return;
  opened = ctx.request.action;
  mark();
}

function onClosed({ target }) {
  if (target.id !== "panel") return;
  opened = null;
  mark();
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
  document.addEventListener("click", onClick);
  document.addEventListener("htmx:before:request", onRequest);
  document.addEventListener("htmx:after:swap", mark);
  document.addEventListener("close", onClosed, true);
}
