// The side panel (#panel), the dialog (#dialog) and the drawer. Content that is loaded into one opens it. The side panel stands beside the list
// without making it inert; on phones it covers the page. Attributes control them:
//   <a href="…" data-panel>, <a href="…" data-dialog>   load the address there (a click with Ctrl still opens a tab)
//   [data-open="<id>"], [data-close]                     open a dialog of the page, close the surrounding one
//   HX-Trigger: panel:close, dialog:close, list:reload   from the server

import htmx from "./htmx.js";
import { isTyping, make, modalDialog } from "./dom.js";
import { ask } from "./confirm.js";
import { makeOverlays } from "./dialogs.js";
import { focusFirst, keepFocus } from "./focus.js";
import { isDirty, forget } from "../forms/forms.js";
import { rescueToasts } from "./toasts.js";
import { words } from "./words.js";

const openers = new WeakMap();
const WIDE = matchMedia("(min-width: 576px)");

/** Loads *url* into #panel or #dialog, which shows a skeleton until the response arrives. */
export async function load(url, id) {
  const dialog = document.getElementById(id);
  if (!(await mayLeave(dialog))) return;
  rescueToasts();
  dialog.replaceChildren(skeleton());
  if (dialog.open) dialog.focus();
  show(dialog);
  await htmx.ajax("GET", url, { target: `#${id}`, swap: "innerHTML" });
}

function skeleton() {
  return make("div", { class: "overlay-waiting", "aria-hidden": "true" }, ...Array.from({ length: 6 }, () => make("div", { class: "bone" })));
}

export function show(dialog) {
  if (dialog.open) return;
  openers.set(dialog, document.activeElement);
  dialog.tabIndex = -1;
  if (dialog.matches(".side-panel") && WIDE.matches) dialog.show();
  else dialog.showModal();
  // Without a field the browser focuses the first button, which is ✕.
  if (document.activeElement.matches("[data-close]")) dialog.focus();
}

/** Whether nothing typed in the dialog would be lost; asks where something would. The form may bring the question. */
async function mayLeave(dialog) {
  const forms = [...dialog.querySelectorAll("form")].filter(isDirty);
  if (!forms.length) return true;
  if (!(await ask(forms[0].dataset.watch || words.unsaved, { label: words.leave, danger: true }))) return false;
  forms.forEach(forget);
  return true;
}

/** Closes a dialog; asks first when typed values would be lost. */
async function close(dialog, { evenIfDirty = false } = {}) {
  if (!evenIfDirty && !(await mayLeave(dialog))) return;
  dialog.querySelectorAll("form").forEach(forget);
  // Without this the closed dialog receives key presses until the next frame when there is no element to return the focus to.
  if (dialog.contains(document.activeElement)) document.activeElement.blur();
  dialog.close();
}

/** Reloads the list, or the page of a row. */
export function reloadList() {
  const target = ["#list", "#record[data-reloads]"].find((each) => document.querySelector(each));
  if (target) return htmx.ajax("GET", location.pathname + location.search, { target, select: target, swap: "outerMorph" });
}

function onClick(event) {
  const { target } = event;
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = target.closest("a[data-panel], a[data-dialog]");
  if (link) {
    event.preventDefault();
    load(link.href, "panel" in link.dataset ? "panel" : "dialog");
    return;
  }
  const opener = target.closest("[data-open]");
  if (opener) show(document.getElementById(opener.dataset.open));
  if (target.closest("[data-close]")) close(target.closest("dialog"));
  // A click on the backdrop has the dialog itself as its target.
  if (target.matches("dialog.overlay") && outside(event, target)) close(target);
}

function outside({ clientX: x, clientY: y }, dialog) {
  const box = dialog.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}

function onSwapped({ detail: { ctx } }) {
  // The response of a form in the dialog was the list: the dialog is done.
  if (ctx.target?.id === "list") ctx.sourceElement?.closest?.("dialog.overlay")?.close();
  const dialog = ctx.target?.closest?.("dialog.overlay");
  // An empty response carries only events.
  if (!dialog?.isConnected || ctx.swap === "none" || !dialog.firstElementChild) return;
  show(dialog);
  // A part of the dialog that reloads by itself leaves the focus where it is.
  if (ctx.target === dialog) focusFirst(dialog);
}

/** Closes a panel that would stay empty after an error. */
function onError({ detail: { ctx } }) {
  const dialog = ctx.target?.closest?.("dialog.overlay");
  if (dialog?.querySelector(".overlay-waiting")) dialog.close();
}

function onClosed({ target }) {
  if (!target.matches("dialog.overlay")) return;
  openers.get(target)?.focus?.();
  keepFocus();
  if (target.id === "panel" || target.id === "dialog") target.replaceChildren();
}

/** Escape closes the side panel: the browser does it for modal dialogs only. */
function onKey(event) {
  const panel = document.querySelector(".side-panel[open]:not(:modal)");
  if (event.key !== "Escape" || event.defaultPrevented || !panel || modalDialog()) return;
  if (isTyping(event.target) && !panel.contains(event.target)) return;
  event.preventDefault();
  close(panel);
}

export function startOverlays() {
  if (document.body.matches(".frame")) makeOverlays();
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("htmx:after:swap", onSwapped);
  document.addEventListener("htmx:response:error", onError);
  document.addEventListener("htmx:error", (event) => event.detail.ctx && onError(event));
  document.addEventListener("close", onClosed, true);
  document.addEventListener(
    "cancel",
    (event) => {
      if (!event.target.matches("dialog.overlay") || !event.cancelable) return;
      event.preventDefault();
      close(event.target);
    },
    true,
  );
  for (const id of ["panel", "dialog"]) {
    document.addEventListener(`${id}:close`, () => close(document.getElementById(id), { evenIfDirty: true }));
  }
  document.addEventListener("list:reload", reloadList);
}
