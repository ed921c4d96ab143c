// The board of a section. Its cards are moved by dragging (SortableJS), by Alt and the arrow keys, by their tick and by their menu.
// Each move is one request; the board is loaded again after it. Loaded by `lazy.js` on pages with [data-board], which passes the functions of other
// modules: imported here, they would be chunks of their own, which every page would load.

import Sortable from "sortablejs/modular/sortable.core.esm.js";
import { startFurther } from "./further.js";
import { showLane, startLanes } from "./lanes.js";

const CALM = matchMedia("(prefers-reduced-motion: reduce)");
const MOVED = /\/move\?to=([^&]+)$/;

const board = () => document.querySelector("[data-board]");
const lanes = () => [...board().querySelectorAll("[data-lane]")];
const cardsOf = (lane) => lane.querySelector(".lane-cards");

let page = null; // htmx and functions of other modules.
let focused = null; // The key of the card that gets the focus again when the board has been loaded.
let waiting = Promise.resolve(); // One request at a time: each carries the version that the one before it has made.
let pending = 0; // Moves that are not stored yet.
let isOutdated = false; // Whether the board was loaded again without them, and not shown.

/** Says to screen readers where a card is now. */
function say(card) {
  const lane = card.closest("[data-lane]");
  const all = [...cardsOf(lane).children];
  const place = page.words.place(page.persian(all.indexOf(card) + 1), page.persian(all.length));
  document.getElementById("board-says").textContent = `${card.querySelector(".board-title").textContent.trim()}: ${lane.dataset.label}، ${place}`;
}

/** The place of a card before it is moved. */
const placeOf = (card) => ({ list: card.parentElement, below: card.nextElementSibling });

async function post(pk, values, from) {
  const card = document.getElementById(`card-${pk}`);
  // Deleted meanwhile, or moved out of the tab.
  if (!card) return;
  let isLost = false;
  const lose = () => (isLost = true);
  document.addEventListener("htmx:error", lose);
  const sent = { ...values, row_version: card.dataset.version };
  await page.htmx.ajax("POST", `${board().dataset.board}${pk}/move`, { source: document.getElementById("main"), swap: "none", values: sent });
  document.removeEventListener("htmx:error", lose);
  // Without a connection the card stands where it was; the message comes from `requests.js`.
  if (isLost) from.list.insertBefore(card, from.below?.parentElement === from.list ? from.below : null);
}

/** Stores the place that a card has in the page; *from* is the place that it had. */
function store(card, from, { isPlaced = true } = {}) {
  const values = { to: card.closest("[data-lane]").dataset.lane };
  if (isPlaced) {
    values.above = card.previousElementSibling?.dataset.pk ?? "";
    values.below = card.nextElementSibling?.dataset.pk ?? "";
  }
  say(card);
  pending += 1;
  waiting = waiting.then(() => post(card.dataset.pk, values, from)).finally(settle);
}

function settle() {
  pending -= 1;
  if (pending || !isOutdated) return;
  isOutdated = false;
  page.reloadList();
}

/** A board that was loaded before the last moves were stored would put their cards back for a moment, under the next key. */
function beforeSwap(event) {
  if (event.detail.ctx.target?.id !== "list" || !pending) return;
  isOutdated = true;
  event.preventDefault();
}

/** Moves a card to the beginning of a column. */
function moveTo(card, lane) {
  const hadFocus = card.contains(document.activeElement);
  const from = placeOf(card);
  cardsOf(lane).prepend(card);
  card.classList.add("is-moved");
  if (hadFocus) focus(card);
  store(card, from, { isPlaced: false });
}

function focus(card) {
  focused = card.dataset.pk;
  showLane(card.closest("[data-lane]").dataset.lane);
  card.focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

function shift(card, step) {
  const beside = step < 0 ? card.previousElementSibling : card.nextElementSibling;
  if (!beside) return say(card);
  const from = placeOf(card);
  step < 0 ? beside.before(card) : beside.after(card);
  focus(card);
  store(card, from);
}

/** The column beside that of a card; the first column is on the right of a page that is written from right to left. */
function moveAside(card, key) {
  const isForward = (key === "ArrowLeft") === (getComputedStyle(board()).direction === "rtl");
  const all = lanes();
  const lane = all[all.indexOf(card.closest("[data-lane]")) + (isForward ? 1 : -1)];
  if (!lane) return say(card);
  focused = card.dataset.pk;
  moveTo(card, lane);
}

function onKey(event) {
  const card = event.target.closest?.(".board-card");
  if (!card || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const mayMove = board().hasAttribute("data-may-move");
  if (event.altKey && mayMove && event.key.startsWith("Arrow")) {
    event.preventDefault();
    if (event.key === "ArrowUp" || event.key === "ArrowDown") shift(card, event.key === "ArrowUp" ? -1 : 1);
    else moveAside(card, event.key);
  } else if (event.target === card && !event.altKey && (event.key === " " || event.key === "Enter")) {
    event.preventDefault();
    card.querySelector(event.key === " " ? "[data-tick]" : "a.board-title")?.click();
  }
}

function onClick(event) {
  const tick = event.target.closest(".board-card [data-tick]");
  if (!tick) return;
  const card = tick.closest(".board-card");
  const to = document.getElementById(`lane-${card.closest("[data-lane]").dataset.tickTo}`);
  if (!to) return;
  // The tick of another column takes its place: the focus stays with the card.
  focus(card);
  moveTo(card, to);
}

/** «Move to …» in the menu of a card, with the version of the card, which the menu does not have. */
function onMenu(event) {
  const item = event.target.closest(".menu [data-post]");
  const to = item && MOVED.exec(item.dataset.post)?.[1];
  if (!to) return;
  event.stopPropagation();
  const pk = /\/(\d+)\/move/.exec(item.dataset.post)[1];
  page.closeMenu();
  const card = document.getElementById(`card-${pk}`);
  focus(card);
  moveTo(card, document.getElementById(`lane-${to}`));
}

function makeSortable() {
  if (!board()?.hasAttribute("data-may-move")) return;
  for (const list of board().querySelectorAll(".lane-cards")) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, {
      group: "board",
      draggable: ".board-card",
      filter: "button",
      preventOnFilter: false,
      animation: CALM.matches ? 0 : 150,
      delay: 200,
      delayOnTouchOnly: true,
      ghostClass: "is-placeholder",
      // The board is not loaded again while a card is dragged.
      onStart: () => board().setAttribute("data-dragging", ""),
      onMove: ({ to }) => lanes().forEach((lane) => lane.classList.toggle("is-target", lane.contains(to))),
      onEnd: ({ item, from, to, oldIndex, newIndex }) => {
        board().removeAttribute("data-dragging");
        lanes().forEach((lane) => lane.classList.remove("is-target"));
        if (from !== to || oldIndex !== newIndex) store(item, { list: from, below: from.children[oldIndex + (from === to && newIndex < oldIndex ? 1 : 0)] ?? null });
      },
    });
  }
}

function onSwapped({ detail: { ctx } }) {
  if (ctx.target?.id !== "list" || !board()) return;
  makeSortable();
  startFurther();
  showLane();
  const card = focused && document.getElementById(`card-${focused}`);
  if (card && (document.activeElement === document.body || document.activeElement?.id === "main")) card.focus({ preventScroll: true });
}

/** The version that a move has made, before the board is loaded again. */
function onMoved({ detail: { pk, version } }) {
  const card = document.getElementById(`card-${pk}`);
  if (card) card.dataset.version = version;
}

let isStarted = false;

export function startBoard(parts) {
  if (isStarted) return;
  isStarted = true;
  page = parts;
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("click", onMenu, true);
  document.addEventListener("board:moved", onMoved);
  document.addEventListener("htmx:before:swap", beforeSwap);
  document.addEventListener("htmx:after:swap", onSwapped);
  document.addEventListener("focusin", ({ target }) => {
    // The page gets the focus of a card that is loaded again.
    if (target.id !== "main") focused = target.closest(".board-card")?.dataset.pk ?? null;
  });
  // A page that comes back from the history shows what others moved meanwhile.
  addEventListener("pageshow", ({ persisted }) => persisted && page.reloadList());
  startLanes();
  makeSortable();
  startFurther(page.tellFailed);
}
