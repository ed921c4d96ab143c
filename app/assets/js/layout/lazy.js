// Loads the larger modules only when the page, or content loaded into it, needs them.

const PARTS = {
  "j-date": () => import("../forms/j-date.js"),
  "select[data-url]": async (root) => (await import("../forms/relation.js")).startRelations(root),
  "form[data-result]": async () => (await import("../forms/result.js")).startResults(),
};

// Modules of the side panel of a row, loaded while the browser is idle: the keys of the panel work as soon as it opens.
const PANEL_ROWS = "tr[data-panel-url]";
const PANEL_PARTS = ["form[data-result]", "j-date"];
const whenIdle = window.requestIdleCallback ?? ((act) => setTimeout(act, 200));

function look(root) {
  for (const [selector, load] of Object.entries(PARTS)) {
    if (root.matches?.(selector) || root.querySelector?.(selector)) load(root);
  }
}

export function startLazy() {
  look(document);
  if (document.querySelector(PANEL_ROWS)) whenIdle(() => PANEL_PARTS.forEach((part) => PARTS[part](document)));
  document.addEventListener("htmx:after:process", ({ target }) => look(target));
}
