// Loads the larger modules only when the page, or content loaded into it, needs them.

import { persian } from "../forms/digits.js";
import { whenOnline } from "./dom.js";
import htmx from "./htmx.js";
import { closeMenu } from "./menus.js";
import { reloadList } from "./overlays.js";
import { tellFailed } from "./requests.js";
import { words } from "./words.js";

const PARTS = {
  "j-date": () => import("../forms/j-date.js"),
  "[data-drop]": () => import("../forms/files.js"),
  "select[data-url]": async (root) => (await import("../forms/relation.js")).startRelations(root),
  "[data-lines]": async () => (await import("../forms/lines.js")).startLines(),
  "[data-board]": async () => (await import("../board/board.js")).startBoard({ closeMenu, htmx, persian, reloadList, tellFailed, words }),
  "[data-inbox]": async () => (await import("../threads/threads.js")).startThreads(),
  "[data-desktop]": async (root) => (await import("./desktop.js")).startDesktop(root),
  "form[data-result]": async () => (await import("../forms/result.js")).startResults(),
};

// Modules of the side panel of a row, loaded at the first sign of a user in a list: the keys of the panel work as soon as it opens.
const PANEL_ROWS = "tr .row-link[data-panel]";
const PANEL_PARTS = ["form[data-result]", "j-date"];
// A pointer that rests where the page appears is no sign: it is over something, but does not move.
const SIGNS = ["pointermove", "keydown", "touchstart"];

function look(root) {
  for (const [selector, load] of Object.entries(PARTS)) {
    if (root.matches?.(selector) || root.querySelector?.(selector)) load(root);
  }
}

export function startLazy() {
  look(document);
  const prepare = async () => {
    await whenOnline();
    if (document.querySelector(PANEL_ROWS)) for (const part of PANEL_PARTS) PARTS[part](document);
  };
  for (const sign of SIGNS) document.addEventListener(sign, prepare, { once: true });
  document.addEventListener("htmx:after:process", ({ target }) => look(target));
}
