// Keyboard shortcuts: the palette on every page, the keys of a list, and one letter in `aria-keyshortcuts`, first in the side panel, then on the page.
// Keys are identified by their position (`event.code`), because a Persian layout changes the characters.

import { helpDialog, paletteDialog } from "./dialogs.js";
import { isOnline, isTyping, modalDialog } from "./dom.js";
import { openMenu } from "./menus.js";
import { show } from "./overlays.js";
import { post, tellFailed } from "./requests.js";
import { pressAct } from "../lists/acts.js";
import { currentRow, step } from "../lists/rows.js";

const KEYS = {
  Slash: () => document.querySelector("#list [type=search]")?.focus(),
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  KeyX: () => currentRow()?.querySelector("[name=rowid]")?.click(),
  KeyR: () => currentRow()?.querySelector("button.chip")?.click(),
  Period: () => {
    const button = currentRow()?.querySelector("[data-row-menu]");
    if (button) openMenu(button);
  },
};

/** The entry of the ⋮ menus of the list that has this letter; the first one, since they share it. */
const entryFor = (row, code) => row?.closest(".table-box").querySelector("[data-menus]")?.content.querySelector(`[aria-keyshortcuts="${code.slice(3)}"]`);

/** The element whose `aria-keyshortcuts` is the letter of the key. */
function elementFor(code, panel) {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (!letter) return null;
  const places = panel?.matches(":modal") ? [panel] : [panel, document.body].filter(Boolean);
  const found = places.flatMap((place) => [...place.querySelectorAll("[aria-keyshortcuts]")]);
  return found.find((each) => each.getAttribute("aria-keyshortcuts").toUpperCase() === letter && each.checkVisibility());
}

/** A module that is loaded at its first use; without a connection the user is told so, and nothing is returned.
 * Offline nothing is asked for: browsers remember a module that failed, and never ask for it again. */
const late = async (load) => (isOnline() ? load().catch(() => tellFailed(null)) : tellFailed(null));

async function openHelp() {
  const found = await late(() => import("./keys.js"));
  if (found) show(helpDialog(found.keys));
}

/** Opens the palette, also from a text input; the next key presses go into its field. */
async function openPalette() {
  const palette = paletteDialog();
  if (palette.open) return palette.close();
  const input = palette.querySelector("input");
  input.value = "";
  show(palette);
  input.focus();
  const found = await late(() => import("./palette.js"));
  if (found) found.startPalette();
  else palette.close();
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyK" && !event.shiftKey && !event.altKey && document.querySelector("[data-palette]")) {
    event.preventDefault();
    openPalette();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTyping(event.target)) return;
  const panel = document.querySelector(".side-panel[open]");
  const modal = modalDialog();
  if (modal && modal !== panel) return;
  const digit = event.shiftKey || panel ? null : /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
  if (digit && !modal && pressAct(Number(digit))) return event.preventDefault();
  const element = event.shiftKey ? null : elementFor(event.code, panel);
  const row = panel || event.shiftKey ? null : currentRow();
  const entry = entryFor(row, event.code);
  const act = event.shiftKey ? event.code === "Slash" && openHelp : entry ? () => post(entry.dataset.post.replace("__pk__", row.dataset.pk), entry.dataset.into) : element ? () => element.click() : KEYS[event.code];
  if (!act || (modal && !element)) return;
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
