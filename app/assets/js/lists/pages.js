// The pages below a list: a copy of those above it, so that the HTML has them once.

import htmx from "../layout/htmx.js";

let focused = null; // Which turn had the focus below the list before the list was replaced.

function copy() {
  const foot = document.querySelector("#list .list-foot:empty");
  const pages = document.querySelector("#list .list-tools > .pages");
  if (!foot || !pages) return;
  const below = pages.cloneNode(true);
  below.setAttribute("aria-label", foot.dataset.pages);
  below.querySelector("[role=status]").removeAttribute("role");
  for (const part of below.querySelectorAll("[data-htmx-powered]")) part.removeAttribute("data-htmx-powered");
  foot.append(below);
  htmx.process(below);
  if (focused) (below.querySelector(`[data-turn=${focused}][href]`) ?? below.querySelector("[data-turn][href]"))?.focus({ preventScroll: true });
}

export function startPages() {
  copy();
  document.addEventListener("htmx:before:swap", () => {
    focused = document.activeElement?.closest(".list-foot [data-turn]")?.dataset.turn ?? null;
  });
  document.addEventListener("htmx:after:swap", copy);
}
