// Toasts: from flashed messages, from `HX-Trigger: {"toast": {"text", "level", "undo_url", "code"}}`, and from other modules.

import htmx from "./htmx.js";
import { persian } from "../forms/digits.js";
import { icon, isTyping, make, modalDialog } from "./dom.js";
import { words } from "./words.js";

const SIGNS = { success: "check", info: "info-circle", warning: "alert-triangle", danger: "circle-x" };
const SECONDS = 5;
const SECONDS_TO_UNDO = 10;
const MOST = 4;

/** Shows a message; an error stays until it is closed, a message with undo (an address, or a function of the page) stays for ten seconds. */
export function toast({ text, level = "success", undo_url: undoUrl = null, undo: takeBack = null, code = "" }) {
  const said = make("span", { class: "notice-words" }, text);
  if (code) said.append(` (${words.trackingCode}: `, make("bdi", { dir: "ltr" }, code), ")");
  const notice = make("div", { class: "notice", "data-level": level }, icon(SIGNS[level] ?? SIGNS.info), said);
  const before = document.activeElement;
  const close = () => {
    // Where the user was before, so that the focus does not go to the page.
    if (notice.contains(document.activeElement)) before?.focus();
    notice.remove();
  };
  const isUndoable = undoUrl || takeBack;
  if (isUndoable) {
    const undo = () => {
      close();
      if (takeBack) takeBack();
      else htmx.ajax("POST", undoUrl, { swap: "none" });
    };
    notice.append(make("button", { type: "button", class: "notice-undo", title: "Ctrl+Z", "aria-keyshortcuts": "Control+Z", onclick: undo }, words.undo));
  }
  notice.append(make("button", { type: "button", class: "notice-close", "aria-label": words.close, onclick: close }, icon("x")));
  if (level !== "danger") closeLater(notice, close, isUndoable ? SECONDS_TO_UNDO : SECONDS);
  const list = place();
  list.append(notice);
  if (list.childElementCount > MOST) list.firstElementChild.remove();
}

/** The list of toasts, moved into the open modal dialog: elements outside a modal dialog are inert. */
function place(host = modalDialog() ?? document.body) {
  const list = document.getElementById("toasts");
  if (list.parentElement !== host) host.append(list);
  return list;
}

function closeLater(notice, close, seconds) {
  let timer = setTimeout(close, seconds * 1000);
  const wait = () => clearTimeout(timer);
  const resume = () => {
    clearTimeout(timer);
    timer = setTimeout(close, seconds * 1000);
  };
  notice.addEventListener("pointerenter", wait);
  notice.addEventListener("focusin", wait);
  notice.addEventListener("pointerleave", resume);
  notice.addEventListener("focusout", resume);
}

/** Moves the toasts out of a dialog before its content is replaced. */
export function rescueToasts() {
  place(document.body);
}

/** Undoes the act of the newest toast that offers it; in a text field the keys belong to the text. */
function onKey(event) {
  const isUndo = (event.ctrlKey || event.metaKey) && event.code === "KeyZ" && !event.shiftKey && !event.altKey;
  const button = isUndo && !isTyping(event.target) && [...document.querySelectorAll("#toasts .notice-undo")].at(-1);
  if (!button) return;
  event.preventDefault();
  button.click();
}

function showFlashed() {
  for (const flashed of document.querySelectorAll("#toasts > .notice")) {
    flashed.remove();
    const { toast: left, level } = flashed.dataset;
    const said = left ? JSON.parse(left) : { text: flashed.textContent.trim(), level };
    toast({ ...said, text: persian(said.text) });
  }
}

export function startToasts() {
  document.addEventListener("keydown", onKey);
  showFlashed();
  document.addEventListener("page:shown", showFlashed);
  document.addEventListener("toast", ({ detail }) => toast({ ...detail, text: persian(detail.text) }));
  document.addEventListener("htmx:before:swap", rescueToasts);
  document.addEventListener("htmx:after:swap", () => place());
  document.addEventListener("close", () => place(), true);
}
