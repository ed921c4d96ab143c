// Forms with `data-watch`: a warning before typed values are lost (with `data-unsaved` also values that the server sent back). Ctrl+Enter submits them and
// the form of a dialog, repeated presses submit once, the first error gets the focus. A choice with `data-untyped` loses nothing. `textarea[data-grows]` grows with its text.

import { ask } from "../layout/confirm.js";
import { latin } from "./digits.js";
import { eraseDraft } from "./drafts.js";
import { modalDialog } from "../layout/dom.js";
import { words } from "../layout/words.js";

const typed = new WeakSet(); // Forms that got an input.
const unsaved = new WeakSet(); // Forms whose values differ from the stored ones since they were loaded.

const plain = (text) => latin(text).replace(/[,٬]/g, "");

/** Whether a field differs from what the server sent; scripts that tidy a value leave the form as it was. */
function differs(field) {
  if (field.type === "hidden" || field.type === "submit" || field.disabled) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "file") return field.files.length > 0;
  if (field.options) return choiceDiffers(field);
  return "defaultValue" in field && plain(field.value) !== plain(field.defaultValue);
}

function choiceDiffers({ options, multiple }) {
  const stored = [...options].filter((each) => each.defaultSelected);
  if (!stored.length && !multiple) stored.push(options[0]);
  return [...options].some((each) => each.value && each.selected !== stored.includes(each));
}

export const isDirty = (form) => unsaved.has(form) || (typed.has(form) && [...form.elements].some(differs));
export const markUnsaved = (form) => form.matches("[data-watch]") && unsaved.add(form);

function clean(form) {
  typed.delete(form);
  unsaved.delete(form);
}

/** Without a warning and without a draft: the user leaves the form, or it was saved. */
export function forget(form) {
  clean(form);
  eraseDraft(form);
}

// A form with `data-draft` loses nothing: its text comes back with it.
const watched = () => [...document.querySelectorAll("form[data-watch]:not([data-draft])")].filter(isDirty);

const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");
const MOST_ROWS = 6;

function onInput({ target }) {
  if (!GROWS_BY_ITSELF && target.matches("[data-grows]")) target.rows = Math.min(MOST_ROWS, target.value.split("\n").length);
  if (target.matches("[data-untyped]")) return;
  const form = target.form ?? target.closest?.("form");
  if (form?.matches("[data-watch]")) typed.add(form);
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
  clean(form);
}

export function release(form) {
  form.ariaBusy = null;
  for (const button of form.querySelectorAll("button[aria-busy]")) button.removeAttribute("aria-busy");
}

function onRefused({ detail: { ctx } }) {
  const form = ctx?.sourceElement?.closest?.("form[data-watch]");
  if (form) unsaved.add(form);
}

/** The form that Ctrl+Enter submits: the one around the field, that of the modal dialog, or that of the side panel beside the page. */
function formToSubmit(field) {
  const around = field.closest("form[data-watch]");
  const dialog = modalDialog();
  if (around || !dialog) return around ?? document.querySelector("dialog[open] form[data-watch]");
  return dialog.querySelector("form[data-watch]") ?? dialog.querySelector("[data-main-submit]")?.form;
}

function onKey(event) {
  if (!(event.ctrlKey || event.metaKey) || !["Enter", "NumpadEnter"].includes(event.code)) return;
  const form = formToSubmit(event.target);
  if (!form) return;
  event.preventDefault();
  form.requestSubmit([...form.elements].find((each) => each.matches("[data-main-submit]")) ?? form.querySelector("button[type=submit]"));
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
  const markAll = () => document.querySelectorAll("form[data-unsaved]").forEach(markUnsaved);
  markAll();
  document.addEventListener("page:shown", markAll);
  document.addEventListener("draft:discarded", ({ target }) => clean(target));
  addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(release));
  addEventListener("beforeunload", (event) => watched().length && event.preventDefault());
  focusFirstError();
}
