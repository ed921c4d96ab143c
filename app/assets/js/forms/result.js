// The result form (`form[data-result]`): the chosen title decides which fields are shown and suggests the next contact, digit keys choose a title,
// saving opens the next row or goes on to it.

import "../shared.js";
import { isTyping, modalDialog } from "../layout/dom.js";
import { load } from "../layout/overlays.js";
import { words } from "../layout/words.js";
import { currentRow, markRow, panelOf, rowAfter } from "../lists/rows.js";

const suggested = new WeakMap(); // The time that the chosen title has suggested, by form.

const chosen = (form) => form.querySelector("[name=result_title]:checked");

/** Shows the fields that the chosen title requires and hides those that do not apply. */
function adapt(form) {
  const title = chosen(form);
  for (const part of form.querySelectorAll("[data-when]")) {
    part.hidden = part.dataset.when === "won" ? !title?.matches("[data-won]") : Boolean(title?.matches("[data-closes]"));
  }
  const offer = form.querySelector("[data-sms-offer]");
  if (offer) {
    offer.hidden = !title?.dataset.sms;
    offer.querySelector("[data-sms-title]").textContent = title?.dataset.sms ?? "";
    if (offer.hidden) offer.querySelector("input").checked = false;
  }
  for (const part of form.querySelectorAll("[data-need]")) require(part, Boolean(title?.hasAttribute(`data-needs-${part.dataset.need}`)));
  propose(form);
}

function require(part, needed) {
  part.classList.toggle("is-needed", needed);
  const field = part.querySelector("input, textarea");
  field?.setAttribute("aria-required", String(needed));
  if (field?.dataset.placeholderNeeded) field.placeholder = needed ? field.dataset.placeholderNeeded : field.ariaLabel;
}

/** Fills in the time that the title suggests, unless another one was typed. */
async function suggest(form) {
  await customElements.whenDefined("j-date");
  const date = form.querySelector("[data-when=open] j-date");
  if (!date || (date.input.value && date.input.value !== suggested.get(form))) return;
  date.suggest(chosen(form)?.dataset.suggests ?? "");
  suggested.set(form, date.input.value);
  propose(form);
}

/** Names the title beside its time, until another time is typed. */
function propose(form) {
  const note = form.querySelector("[data-proposal]");
  const time = form.querySelector("[name=next_at]")?.value;
  if (!note) return;
  note.hidden = !time || time !== suggested.get(form);
  note.textContent = note.hidden ? "" : words.suggestion(chosen(form)?.dataset.title ?? "");
}

function onKey(event) {
  const form = document.querySelector("dialog[open] form[data-result]");
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (!form || !digit || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  const modal = modalDialog();
  const title = form.querySelectorAll("[name=result_title]")[digit[1] - 1];
  if (!title || (modal && !modal.contains(form))) return;
  event.preventDefault();
  title.click();
  title.focus();
}

let next = null; // The row that follows; read before the list changes.
let below = null; // The address of the panel of the row below.
let opensNext = false;

function remember({ target, submitter }) {
  if (!target.matches?.("form[data-result]")) return;
  const row = currentRow();
  next = rowAfter(row);
  below = panelOf(row?.nextElementSibling);
  // The answer to a question repeats the first choice.
  if (submitter?.dataset.then !== "again") opensNext = submitter?.dataset.then === "next";
}

function goOn() {
  markRow(next);
  if (opensNext && below) load(below, "panel");
  else document.dispatchEvent(new CustomEvent("panel:close"));
}

let started = false;

const adaptAll = () => document.querySelectorAll("form[data-result]").forEach(adapt);

export function startResults() {
  adaptAll();
  if (started) return;
  started = true;
  // A rejected form is morphed, which shows all fields again.
  document.addEventListener("htmx:after:swap", adaptAll);
  document.addEventListener("change", ({ target }) => {
    if (target.name !== "result_title" || !target.form?.matches("[data-result]")) return;
    adapt(target.form);
    suggest(target.form);
  });
  document.addEventListener("input", ({ target }) => target.name === "next_at" && target.form?.matches("[data-result]") && propose(target.form));
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", remember, true);
  document.addEventListener("result:saved", goOn);
}
