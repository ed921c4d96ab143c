// Loads the heavier parts only where a page, or something that came into it, has one.

const PARTS = {
  "j-date": () => import("./j-date.js"),
  "select[data-url]": async (root) => (await import("./relation.js")).startRelations(root),
  "form[data-result]": async () => (await import("./result.js")).startResults(),
};

function look(root) {
  for (const [selector, load] of Object.entries(PARTS)) {
    if (root.matches?.(selector) || root.querySelector?.(selector)) load(root);
  }
}

export function startLazy() {
  look(document);
  document.addEventListener("htmx:after:process", ({ target }) => look(target));
}
