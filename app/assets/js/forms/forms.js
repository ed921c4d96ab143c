// Forms with `data-watch`: a warning before typed values are lost (with `data-unsaved` also values that the server sent back), Ctrl+Enter submits,
// repeated presses submit once, the first error gets the focus.

import { ask } from "../layout/confirm.js";
import { words } from "../layout/words.js";

const dirty = new WeakSet();

export const isDirty = (form) => dirty.has(form);
export const forget = (form) => dirty.delete(form);

const watched = () => [...document.querySelectorAll("form[data-watch]")].filter(isDirty);

function onInput({ target }) {
  const form = target.form ?? target.closest?.("form");
  if (form?.matches("[data-watch]")) dirty.add(form);
}

function onSubmit(event) {
  const form = event.target;
  if (form.method === "get") return;
  if (form.ariaBusy === "true") {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.ariaBusy = "true";
  event.submitter?.setAttribute("aria-busy", "true");
  forget(form);
}

function release(form) {
  form.ariaBusy = null;
  for (const button of form.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
}

function onRefused({ detail: { ctx } }) {
  const form = ctx?.sourceElement?.closest?.("form[data-watch]");
  if (form) dirty.add(form);
}

function onKey(event) {
  if (!(event.ctrlKey || event.metaKey) || !["Enter", "NumpadEnter"].includes(event.code)) return;
  const form = event.target.closest("form[data-watch]") ?? document.querySelector("dialog[open] form[data-watch]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-main-submit]") ?? form.querySelector("button[type=submit]"));
}

async function onLeave(event) {
  const link = event.target.closest("a[href]:not([target], [data-panel], [data-dialog], [download])");
  const changed = watched();
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || !changed.length) return;
  if (link.getAttribute("href").startsWith("#") || /^(tel|mailto):/.test(link.href)) return;
  event.preventDefault();
  if (!(await ask(words.unsaved, { label: words.leave, danger: true }))) return;
  changed.forEach(forget);
  location.assign(link.href);
}

function togglePassword({ target }) {
  const button = target.closest("[data-show-password]");
  if (!button) return;
  const input = document.getElementById(button.dataset.showPassword);
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  button.setAttribute("aria-label", shown ? words.hidePassword : words.showPassword);
}

export function focusFirstError(root = document) {
  root.querySelector("[aria-invalid=true]:not([hidden], .tomselected)")?.focus();
}

export function startForms() {
  document.addEventListener("input", onInput);
  document.addEventListener("change", onInput);
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", togglePassword);
  document.addEventListener("click", onLeave);
  document.addEventListener("htmx:response:error", onRefused);
  document.addEventListener("htmx:error", onRefused);
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    const form = ctx.sourceElement?.closest?.("form");
    if (form) release(form);
  });
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.response?.status === 422) focusFirstError(ctx.target?.isConnected ? ctx.target : document);
  });
  for (const form of document.querySelectorAll("form[data-unsaved]")) dirty.add(form);
  addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(release));
  addEventListener("beforeunload", (event) => watched().length && event.preventDefault());
  focusFirstError();
}
