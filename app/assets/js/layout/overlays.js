// The side panel (#panel), the dialog (#dialog) and the drawer. Content that is loaded into one opens it; attributes control them:
//   <a href="…" data-panel>, <a href="…" data-dialog>   load the address there (a click with Ctrl still opens a tab)
//   [data-open="<id>"], [data-close]                     open a dialog of the page, close the surrounding one
//   HX-Trigger: panel:close, dialog:close, list:reload   from the server

import htmx from "./htmx.js";
import { make } from "./dom.js";
import { ask } from "./confirm.js";
import { isDirty, forget } from "../forms/forms.js";
import { rescueToasts } from "./toasts.js";
import { words } from "./words.js";

const openers = new WeakMap();

/** Loads *url* into #panel or #dialog, which shows a skeleton until the response arrives. */
export function load(url, id) {
  const dialog = document.getElementById(id);
  rescueToasts();
  dialog.replaceChildren(skeleton());
  show(dialog);
  return htmx.ajax("GET", url, { target: `#${id}`, swap: "innerHTML" });
}

function skeleton() {
  return make("div", { class: "overlay-waiting", "aria-hidden": "true" }, ...Array.from({ length: 6 }, () => make("div", { class: "bone" })));
}

export function show(dialog) {
  if (dialog.open) return;
  openers.set(dialog, document.activeElement);
  dialog.showModal();
}

/** Closes a dialog; asks first when typed values would be lost. */
async function close(dialog, { evenIfDirty = false } = {}) {
  const forms = [...dialog.querySelectorAll("form")];
  if (!evenIfDirty && forms.some(isDirty) && !(await ask(words.unsaved, { label: words.leave, danger: true }))) return;
  forms.forEach(forget);
  // Without this the closed dialog receives key presses until the next frame when there is no element to return the focus to.
  if (dialog.contains(document.activeElement)) document.activeElement.blur();
  dialog.close();
}

export function reloadList() {
  if (document.getElementById("list")) {
    return htmx.ajax("GET", location.pathname + location.search, { target: "#list", select: "#list", swap: "outerMorph" });
  }
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
  const focus = dialog.querySelector("[aria-invalid=true], [autofocus]") ?? dialog.querySelector("[data-first]");
  focus?.focus();
}

/** Closes a panel that would stay empty after an error. */
function onError({ detail: { ctx } }) {
  const dialog = ctx.target?.closest?.("dialog.overlay");
  if (dialog?.querySelector(".overlay-waiting")) dialog.close();
}

function onClosed({ target }) {
  if (!target.matches("dialog.overlay")) return;
  openers.get(target)?.focus?.();
  if (target.id === "panel" || target.id === "dialog") target.replaceChildren();
}

export function startOverlays() {
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
