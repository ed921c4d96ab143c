// The menu of a chip (`button.chip`): its titles come from the server, each with what it proposes; a digit chooses one.

import { make } from "../layout/dom.js";
import { closeMenu, fillKey, openMenu } from "../layout/menus.js";
import { tellFailed } from "../layout/requests.js";

const DIGIT = /^(?:Digit|Numpad)([1-9])$/;
let wanted = null; // The chip whose menu was asked for last.

/** Opens the menu of a chip; a second click closes it. */
async function open(chip) {
  const row = chip.closest("[data-pk]");
  const box = chip.closest(".table-box");
  if (wanted === chip) return;
  wanted = chip;
  try {
    const answer = await fetch(box.querySelector("[data-choices-at]").dataset.choicesAt, { headers: { "HX-Request": "true" } });
    if (!answer.ok) return tellFailed(answer);
    const lines = document.createRange().createContextualFragment(await answer.text());
    if (wanted !== chip || !chip.isConnected) return;
    fillKey(lines, row.dataset.pk);
    const menu = make("div", { class: "menu choices", role: "menu", "aria-label": chip.textContent }, lines);
    box.after(menu);
    openMenu(chip, menu);
  } catch {
    tellFailed(null);
  } finally {
    if (wanted === chip) wanted = null;
  }
}

function onClick(event) {
  const chip = event.target.closest?.("#list button.chip");
  if (!chip || event.defaultPrevented) return;
  if (chip.getAttribute("aria-expanded") === "true") closeMenu({ focus: true });
  else open(chip);
}

function onKey(event) {
  const digit = DIGIT.exec(event.code)?.[1];
  const menu = document.querySelector(".menu.choices");
  if (!menu || !digit || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  event.stopPropagation();
  menu.querySelector(`[data-digit="${digit}"]`)?.click();
}

export function startChoices() {
  // Before `menus.js`, which closes an open menu at each click outside of it.
  document.addEventListener("click", onClick, true);
  document.addEventListener("keydown", onKey, true);
}
