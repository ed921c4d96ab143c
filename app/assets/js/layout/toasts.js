// Toasts: from flashed messages, from `HX-Trigger: {"toast": {"text", "level", "undo_url", "code"}}`, and from other modules.

import htmx from "./htmx.js";
import { persian } from "../forms/digits.js";
import { icon, make, topDialog } from "./dom.js";
import { words } from "./words.js";

const SIGNS = { success: "check", info: "info-circle", warning: "alert-triangle", danger: "circle-x" };
const SECONDS = 5;
const SECONDS_TO_UNDO = 10;
const MOST = 4;

/** Shows a message; an error stays until it is closed, a message with undo stays for ten seconds. */
export function toast({ text, level = "success", undo_url: undoUrl = null, code = "" }) {
  const said = make("span", { class: "notice-words" }, text);
  if (code) said.append(` (${words.trackingCode}: `, make("bdi", { dir: "ltr" }, code), ")");
  const notice = make("div", { class: "notice", "data-level": level }, icon(SIGNS[level] ?? SIGNS.info), said);
  const close = () => notice.remove();
  if (undoUrl) {
    const undo = () => {
      close();
      htmx.ajax("POST", undoUrl, { swap: "none" });
    };
    notice.append(make("button", { type: "button", onclick: undo }, words.undo));
  }
  notice.append(make("button", { type: "button", class: "notice-close", "aria-label": words.close, onclick: close }, icon("x")));
  if (level !== "danger") closeLater(notice, close, undoUrl ? SECONDS_TO_UNDO : SECONDS);
  const list = place();
  list.append(notice);
  if (list.childElementCount > MOST) list.firstElementChild.remove();
}

/** The list of toasts, moved into the open dialog: elements outside a modal dialog are inert. */
function place(host = topDialog() ?? document.body) {
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

export function startToasts() {
  for (const flashed of document.querySelectorAll("#toasts > .notice")) {
    flashed.remove();
    const { toast: left, level } = flashed.dataset;
    const said = left ? JSON.parse(left) : { text: flashed.textContent.trim(), level };
    toast({ ...said, text: persian(said.text) });
  }
  document.addEventListener("toast", ({ detail }) => toast({ ...detail, text: persian(detail.text) }));
  document.addEventListener("htmx:before:swap", rescueToasts);
  document.addEventListener("htmx:after:swap", () => place());
  document.addEventListener("close", () => place(), true);
}
