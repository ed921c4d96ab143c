// The keyboard on a list. Keys are told by their place (`event.code`): a Persian layout changes what they write.

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
  KeyX: () => currentRow()?.querySelector("[data-tick]")?.click(),
  Period: () => {
    const button = currentRow()?.querySelector("[data-row-menu]");
    if (button) openMenu(button);
  },
};

export function openHelp() {
  show(document.getElementById("help"));
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target) || topDialog()) return;
  const act = event.shiftKey ? event.code === "Slash" && openHelp : KEYS[event.code];
  if (!act) return;
  event.preventDefault();
  act();
}

export function startShortcuts() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", ({ target }) => target.closest("[data-help]") && openHelp());
}
