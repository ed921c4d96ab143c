// The result form (`form[data-result]`): the chosen title decides which fields are shown, digit keys choose a title, saving opens the next row.

import { isTyping } from "../layout/dom.js";
import { load } from "../layout/overlays.js";

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
  for (const part of form.querySelectorAll("[data-need]")) {
    const needed = Boolean(title?.hasAttribute(`data-needs-${part.dataset.need}`));
    part.classList.toggle("is-needed", needed);
    part.querySelector("input, textarea")?.setAttribute("aria-required", String(needed));
  }
}

function onKey(event) {
  const form = document.querySelector("dialog[open] form[data-result]");
  const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
  if (!form || !digit || event.ctrlKey || event.altKey || event.metaKey || isTyping(event.target)) return;
  const title = form.querySelectorAll("[name=result_title]")[digit[1] - 1];
  if (!title) return;
  event.preventDefault();
  title.click();
  title.focus();
}

let next = null;

/** The row below the open one; read before the list changes. */
function remember({ target, submitter }) {
  if (!target.matches?.("form[data-result]")) return;
  const row = document.querySelector(`tr[data-panel-url="${target.action.replace(location.origin, "").replace(/result$/, "panel")}"]`);
  next = submitter?.dataset.then === "next" ? row?.nextElementSibling?.dataset.panelUrl ?? null : null;
}

function goOn() {
  if (next) load(next, "panel");
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
  document.addEventListener("change", ({ target }) => target.name === "result_title" && adapt(target.form));
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", remember, true);
  document.addEventListener("result:saved", goOn);
}
