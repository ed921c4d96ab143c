// Menus and pop-ups. A button with `data-menu="<id>"` opens the element of that id; one with `data-row-menu="<number>"`
// opens a menu made from the table's <template data-menus>, one with `data-page-menu` the actions of the list. Fixed position beside the button, so that no scrolling container clips it.

import { make } from "./dom.js";
import { persian } from "../forms/digits.js";
import { ask } from "./confirm.js";
import { post } from "./requests.js";

const GAP = 4;
let open = null; // {menu, button}

/** Whether the menu of a button is made when it opens. */
const isMade = (button) => button.matches("[data-row-menu], [data-page-menu], #list button.chip");

/** Positions a menu below its button, or above it where there is no room. */
export function place(menu, button) {
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

export function openMenu(button, made = null) {
  closeMenu();
  const menu = made ?? (button.hasAttribute("data-row-menu") ? rowMenu(button) : isMade(button) ? pageMenu(button) : document.getElementById(button.dataset.menu));
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
  if (isMade(button)) menu.remove();
  else menu.hidden = true;
  if (focus) button.focus();
}

/** Puts the key of a row into the addresses of menu items. */
export function fillKey(lines, pk) {
  for (const line of lines.querySelectorAll("[href], [data-post]")) {
    const name = line.dataset.post ? "data-post" : "href";
    line.setAttribute(name, line.getAttribute(name).replace("__pk__", pk));
  }
}

/** The items of the menu *number*; all menus of the table share them, dangerous ones come last, after a line. */
function itemsOfMenu(shared, number) {
  const all = [...shared.content.cloneNode(true).children];
  for (const item of all) {
    item.className = "menu-item";
    item.setAttribute("role", "menuitem");
  }
  // Rows are chosen from their menu where the screen has no room for checkboxes.
  const choose = all[0].matches("[data-choose]") ? all.shift() : null;
  const items = shared.dataset.menus.split("|")[number].split(" ").map((each) => all[each]);
  if (choose && matchMedia("(max-width: 575.98px)").matches) items.unshift(choose);
  const danger = items.findIndex((item) => item.matches("[data-danger]"));
  if (danger > 0) items.splice(danger, 0, make("hr", { class: "menu-line" }));
  return items;
}

/** The menu that rows of one kind share, with the key of this row in its addresses. */
function rowMenu(button) {
  const pk = button.closest("[data-pk]").dataset.pk;
  const box = button.closest(".table-box, .board");
  const lines = new DocumentFragment();
  lines.append(...itemsOfMenu(box.querySelector("[data-menus]"), button.dataset.rowMenu));
  fillKey(lines, pk);
  const menu = make("div", { class: "menu", role: "menu", "aria-labelledby": button.getAttribute("aria-labelledby") }, lines);
  // Appended beside the table: the cell is sticky, and the cells of later rows would cover the menu.
  box.after(menu);
  return menu;
}

/** The actions of a list, which a phone has no room for, as a menu. */
function pageMenu(button) {
  const links = [...document.querySelectorAll("#list .page-actions a:not(.wide-only), #list .list-tools > a.wide-only")].map((link) => {
    const item = link.cloneNode(true);
    item.className = "menu-item";
    item.setAttribute("role", "menuitem");
    for (const part of item.querySelectorAll(".wide-only")) part.className = "";
    return item;
  });
  const menu = make("div", { class: "menu", role: "menu", "aria-label": button.getAttribute("aria-label") }, ...links);
  button.closest("#list").append(menu);
  return menu;
}

function onClick(event) {
  const button = event.target.closest("[data-menu], [data-row-menu], [data-page-menu]");
  if (button) {
    const again = open?.button === button;
    closeMenu();
    if (!again) openMenu(button);
    return;
  }
  const item = event.target.closest('.menu [role="menuitem"], button[data-post]');
  if (item?.dataset.post) sendItem(item);
  if (item && "choose" in item.dataset) open.button.dispatchEvent(new CustomEvent("row:choose", { bubbles: true }));
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
