// Menus and pop-ups. A button with `data-menu="<id>"` opens the element of that id; one with `data-row-menu="<number>"`
// opens a menu made from the table's <template data-menu-of="<number>">. Fixed position beside the button, so that no scrolling container clips it.

import { make } from "./dom.js";
import { persian } from "../forms/digits.js";
import { ask } from "./confirm.js";
import { post } from "./requests.js";

const GAP = 4;
let open = null; // {menu, button}

function place(menu, button) {
  const box = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = box.bottom + GAP + height <= innerHeight;
  const top = below ? box.bottom + GAP : Math.max(GAP, box.top - GAP - height);
  // The menu of a button in the left half opens to the right, otherwise to the left.
  const left = box.left + box.width / 2 < innerWidth / 2 ? box.left : box.right - width;
  menu.style.top = `${top}px`;
  menu.style.left = `${Math.min(Math.max(GAP, left), innerWidth - width - GAP)}px`;
}

function itemsOf(menu) {
  return [...menu.querySelectorAll('[role^="menuitem"]:not([disabled])')];
}

export function openMenu(button) {
  closeMenu();
  const menu = button.hasAttribute("data-row-menu") ? rowMenu(button) : document.getElementById(button.dataset.menu);
  menu.hidden = false;
  button.setAttribute("aria-expanded", "true");
  open = { menu, button };
  place(menu, button);
  const first = itemsOf(menu)[0] ?? menu.querySelector("input:not([type=hidden]), select, button, summary");
  first?.focus({ preventScroll: true });
}

export function closeMenu({ focus = false } = {}) {
  if (!open) return;
  const { menu, button } = open;
  open = null;
  button.setAttribute("aria-expanded", "false");
  if (button.hasAttribute("data-row-menu")) menu.remove();
  else menu.hidden = true;
  if (focus) button.focus();
}

/** The menu items that rows of one kind share, with the key of this row in their addresses. */
function rowMenu(button) {
  const pk = button.closest("[data-pk]").dataset.pk;
  const box = button.closest(".table-box");
  const lines = box.querySelector(`[data-menu-of="${button.dataset.rowMenu}"]`).content.cloneNode(true);
  for (const line of lines.querySelectorAll("[href], [data-post]")) {
    const name = line.dataset.post ? "data-post" : "href";
    line.setAttribute(name, line.getAttribute(name).replace("__pk__", pk));
  }
  const menu = make("div", { class: "menu", role: "menu", "aria-label": button.getAttribute("aria-label") }, lines);
  // Appended beside the table: the cell is sticky, and the cells of later rows would cover the menu.
  box.after(menu);
  return menu;
}

function onClick(event) {
  const button = event.target.closest("[data-menu], [data-row-menu]");
  if (button) {
    const again = open?.button === button;
    closeMenu();
    if (!again) openMenu(button);
    return;
  }
  const item = event.target.closest('.menu [role="menuitem"]');
  if (item?.dataset.post) sendItem(item);
  if (open && (item || !open.menu.contains(event.target))) closeMenu({ focus: Boolean(item?.dataset.post) });
}

async function sendItem({ dataset, textContent }) {
  const sure = !dataset.confirm || (await ask(persian(dataset.confirm), { label: textContent.trim(), danger: "danger" in dataset }));
  if (sure) post(dataset.post, dataset.into);
}

function onKey(event) {
  if (!open) return;
  const items = itemsOf(open.menu);
  const at = items.indexOf(document.activeElement);
  const move = { ArrowDown: at + 1, ArrowUp: at - 1 + (at < 0 ? items.length + 1 : 0), Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape") {
    // Escape closes the menu only, not the dialog around it.
    event.preventDefault();
    event.stopPropagation();
    closeMenu({ focus: true });
  } else if (event.key === "Tab" && items.length) {
    closeMenu();
  } else if (move !== undefined && items.length && open.menu.getAttribute("role") === "menu") {
    event.preventDefault();
    items[(move + items.length) % items.length].focus();
  }
}

export function startMenus() {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey, true);
  addEventListener("resize", () => closeMenu());
  addEventListener("scroll", ({ target }) => open && !open.menu.contains(target) && place(open.menu, open.button), true);
}
