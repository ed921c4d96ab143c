// The groups of the side menu. The server stores which of them the member folds; a page arrives with them as they were left.
// While the side bar shows icons alone, a folded group is one icon whose entries pop up beside it.

import { isIconsOnly } from "../lists/preferences.js";

const HEADER = "X-Menu-Counts";
let popup = null; // the <details> whose entries pop up

/** Stores whether the group is open, and gives the drawer and the side bar the same state. */
function remember({ dataset: { group } }, isOpen) {
  for (const other of document.querySelectorAll(`.nav-group[data-group="${CSS.escape(group)}"]`)) other.open = isOpen;
  const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  // A click on a link may leave the page at once; the request is completed all the same.
  fetch("/account/menu", {
    method: "POST",
    keepalive: true,
    headers: { "X-CSRFToken": token, "HX-Request": "true" },
    body: new URLSearchParams({ group, open: isOpen ? "1" : "0" }),
  }).catch(() => {}); // Without a connection the choice lasts until the next page.
}

function openPopup(group) {
  closePopup();
  popup = group;
  group.dataset.popup = "";
  group.open = true;
  const entries = group.querySelector(".nav-group > ul");
  const top = group.getBoundingClientRect().top;
  entries.style.top = `${Math.max(4, Math.min(top, innerHeight - entries.offsetHeight - 4))}px`;
  entries.querySelector("a").focus();
}

function closePopup({ focus = false } = {}) {
  if (!popup) return;
  const group = popup;
  popup = null;
  group.open = false;
  delete group.dataset.popup;
  group.querySelector(".nav-group > ul").style.top = "";
  if (focus) group.querySelector("summary").focus();
}

function onClick(event) {
  const head = event.target.closest(".nav-group > summary");
  if (popup && (head || !popup.contains(event.target))) {
    const again = head?.parentElement === popup;
    closePopup({ focus: again });
    if (again) return event.preventDefault();
  }
  if (event.target.closest("[data-open=drawer]")) return fillDrawer(document.getElementById("drawer"));
  if (!head) return;
  event.preventDefault();
  const group = head.parentElement;
  if (isIconsOnly() && group.closest(".sidebar")) openPopup(group);
  else remember(group, !group.open);
}

function onKey(event) {
  if (event.key !== "Escape" || !popup) return;
  event.stopPropagation();
  closePopup({ focus: true });
}

/** Completes the menu, so that the HTML has each name once: the lists are named by their groups, the labels of entries are elements. */
function completeMenu() {
  for (const items of document.querySelectorAll(".nav-group > ul")) items.setAttribute("aria-label", labelOf(items.previousElementSibling));
  for (const entry of document.querySelectorAll(".nav-group > ul a")) {
    const label = document.createElement("span");
    const text = entry.childNodes[1];
    text.replaceWith(label);
    label.append(text);
    entry.classList.add("nav-entry");
  }
}

/** The label of an entry or of the head of a group, without its number. */
export const labelOf = (entry) => entry.querySelector("span").textContent;

/** While the side bar shows icons alone, a label is a tooltip. */
function onPointer({ target }) {
  const entry = target.closest?.(".nav-entry, .nav-group > summary");
  if (entry && !entry.title) entry.title = labelOf(entry);
}

/** Scrolls the menu, and not the page, to the active entry. */
function showActive(place) {
  const box = place?.querySelector(".nav-groups");
  const entry = box?.querySelector("[aria-current=page]");
  if (!entry) return;
  const [inner, outer] = [entry.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
}

/** Gives the drawer the brand and the groups of the side bar: the menu stands in the HTML of a page once. */
function fillDrawer(drawer) {
  if (!drawer.hasChildNodes()) {
    const groups = document.createElement("div");
    groups.className = "nav-groups";
    for (const group of document.querySelectorAll(".sidebar .nav-group")) groups.append(group.cloneNode(true));
    drawer.append(document.querySelector(".sidebar .brand").cloneNode(true), groups);
    drawer.querySelector("a").focus();
  }
  showActive(drawer);
}

/** Shows the numbers that came with the answer of an act. */
export function showCounts(headers) {
  const counts = headers?.get(HEADER);
  if (!counts) return;
  for (const [name, text] of Object.entries(JSON.parse(counts))) {
    for (const place of document.querySelectorAll(`[data-count="${CSS.escape(name)}"]`)) place.textContent = text;
  }
}

export function startNavigation() {
  showActive(document.querySelector(".sidebar"));
  completeMenu();
  document.addEventListener("pointerover", onPointer);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey, true);
  document.addEventListener("focusin", ({ target }) => popup && !popup.contains(target) && closePopup());
  addEventListener("resize", () => closePopup());
  document.addEventListener("htmx:before:response", ({ detail: { ctx } }) => showCounts(ctx.response?.headers));
}
