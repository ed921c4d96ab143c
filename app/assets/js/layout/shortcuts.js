// Keyboard shortcuts: the palette on every page, and the keys of a list. Keys are identified by their position (`event.code`), because a Persian layout
// changes the characters.

import { isTyping, topDialog } from "./dom.js";
import { openMenu } from "./menus.js";
import { show } from "./overlays.js";

const rows = () => [...document.querySelectorAll("#list tr[data-pk]")];
const currentRow = () => document.activeElement?.closest("tr[data-pk]") ?? null;

function step(by) {
  const all = rows();
  const at = all.indexOf(currentRow());
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  (next?.querySelector("a.row-link") ?? next?.querySelector("a, button, input"))?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  Slash: () => document.querySelector("#list [type=search]")?.focus(),
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  // The «add» button of the list is the first button of the page.
  KeyN: () => document.querySelector(".page-actions a.btn-primary")?.click(),
  KeyX: () => currentRow()?.querySelector("[data-tick]")?.click(),
  Period: () => {
    const button = currentRow()?.querySelector("[data-row-menu]");
    if (button) openMenu(button);
  },
};

export function openHelp() {
  show(document.getElementById("help"));
}

/** Opens the palette, also from a text input; the next key presses go into its field. */
async function openPalette() {
  const palette = document.getElementById("palette");
  if (palette.open) return palette.close();
  const input = palette.querySelector("input");
  input.value = "";
  show(palette);
  input.focus();
  (await import("./palette.js")).startPalette();
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyK" && !event.shiftKey && !event.altKey && document.getElementById("palette")) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target) || topDialog()) return;
  const act = event.shiftKey ? event.code === "Slash" && openHelp : KEYS[event.code];
  if (!act) return;
  event.preventDefault();
  act();
}

export function startShortcuts() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-help]")) openHelp();
    if (target.closest("[data-palette]")) openPalette();
  });
}
