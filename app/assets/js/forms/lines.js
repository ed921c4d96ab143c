// The lines of a form (`[data-lines]`): rows are added, removed and moved; their names are numbered by their order. The server computes the amounts
// and fills in the presets: what was typed is posted to «<address of the form>/totals» and comes back as texts.

import "../shared.js";
import htmx from "../layout/htmx.js";
import { persian } from "./digits.js";
import { markUnsaved } from "./forms.js";
import { toast } from "../layout/toasts.js";

const PAUSE = 250;
const NUMBERED = /^([a-z_]+-)\d+(?=-)/;

const rows = (box) => [...box.querySelectorAll(":scope > .line-list > [data-line]")];
const boxOf = (element) => element.closest?.("[data-lines]");
const typed = new WeakSet(); // Inputs into which the user has typed.
let made = 1000; // The ids of new rows differ from those of the server.

function renumber(box) {
  for (const [index, row] of rows(box).entries()) {
    for (const field of row.querySelectorAll("[name]")) field.name = field.name.replace(NUMBERED, `$1${index}`);
    for (const number of row.querySelectorAll("[data-line-number]")) number.textContent = persian(index + 1);
  }
}

function blank(box) {
  const html = box.querySelector("[data-line-new]").innerHTML.replaceAll(`${box.dataset.lines}-9999-`, `${box.dataset.lines}-${made++}-`);
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.firstElementChild;
}

function append(box) {
  const row = blank(box);
  box.querySelector(".line-list").append(row);
  renumber(box);
  htmx.process(row);
  return row;
}

/** Adds a row, unless there are as many as the server takes. */
function add(box) {
  const isFull = rows(box).length >= Number(box.dataset.most);
  const note = box.querySelector("[data-lines-note]");
  note.textContent = isFull ? note.dataset.words : "";
  if (isFull) return;
  const row = append(box);
  changed(box);
  focusOn(row);
}

async function focusOn(row) {
  const { startRelations } = await import("./relation.js");
  startRelations(row);
  // The select that a search replaces comes before it, and takes the focus too.
  (row.querySelector(".ts-control input") ?? row.querySelector(".line-cell :is(input, select, textarea)"))?.focus();
}

function remove(row) {
  const box = boxOf(row);
  const after = row.nextElementSibling;
  const beside = after ?? row.previousElementSibling;
  row.remove();
  const spare = rows(box).length ? null : append(box);
  box.querySelector("[data-lines-note]").textContent = "";
  changed(box);
  (beside?.querySelector("[data-line-remove]") ?? box.querySelector("[data-line-add]")).focus();
  const undo = () => {
    if (!box.isConnected) return;
    if (spare?.isConnected && !spare.querySelector(".has-items")) spare.remove();
    after?.isConnected ? after.before(row) : box.querySelector(".line-list").append(row);
    changed(box);
    row.querySelector("[data-line-remove]").focus();
  };
  toast({ text: box.dataset.removed, undo });
}

/** The rows are others now: the form has something to lose, its draft is stored, the amounts are computed. */
function changed(box) {
  renumber(box);
  markUnsaved(box.form);
  box.querySelector("[data-line-key]")?.dispatchEvent(new Event("input", { bubbles: true }));
}

const waiting = new WeakMap(); // form → the timer before its request
const asked = new WeakMap(); // form → the request that runs, and what it has sent

function askLater(form) {
  clearTimeout(waiting.get(form));
  waiting.set(form, setTimeout(() => ask(form), PAUSE));
}

async function ask(form) {
  const box = [...form.querySelectorAll("[data-lines]")].find((each) => each.getClientRects().length);
  if (!box) return;
  const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string"));
  const before = asked.get(form);
  if (before?.body === String(body)) return;
  before?.request.abort();
  const request = new AbortController();
  asked.set(form, { request, body: String(body) });
  const address = new URL(form.getAttribute("action") ?? location.href, location.href);
  const amounts = await fetch(`${address.pathname}/totals`, { method: "POST", body, signal: request.signal })
    .then((answer) => (answer.ok && !answer.redirected ? answer.json() : null))
    .catch(() => null);
  if (request.signal.aborted) return;
  // Amounts that could not be computed are not shown as if they were right; the next change asks again.
  if (!amounts) asked.delete(form);
  if (box.isConnected) show(box, amounts);
}

function show(box, amounts) {
  for (const [index, row] of rows(box).entries()) {
    const line = amounts?.lines[index];
    const amount = row.querySelector("[data-amount]");
    if (amount) amount.textContent = line?.amount ?? "—";
    for (const [name, value] of Object.entries(line?.presets ?? {})) fill(presetField(row, name), value);
  }
  for (const total of box.querySelectorAll("[data-total]")) total.textContent = amounts?.totals[total.dataset.total] ?? "—";
}

const presetField = (row, name) => row.querySelector(`[data-preset="${name}"] :is(input, select, textarea)`);

function fill(field, value) {
  if (field && !field.value && value && document.activeElement !== field) field.value = value;
}

/** Another product has another price, unless a price was typed. */
function emptyPresets(row) {
  for (const field of row.querySelectorAll("[data-preset] :is(input, select, textarea)")) if (!typed.has(field)) field.value = "";
}

function onInput({ type, target, isTrusted }) {
  const form = target.form;
  if (!form?.querySelector("[data-lines]")) return;
  const row = target.closest("[data-line]");
  if (isTrusted && type === "input" && target.value !== undefined) target.value ? typed.add(target) : typed.delete(target);
  if (type === "change" && row && target.matches("select[data-url]") && !restored.has(form)) emptyPresets(row);
  askLater(form);
}

function onClick({ target }) {
  if (target.closest?.("[data-line-add]")) add(boxOf(target));
  else if (target.closest?.("[data-line-remove]")) remove(target.closest("[data-line]"));
}

/** Enter goes on to the next row, and from the last one to a new row, in place of sending the form. */
function onKey(event) {
  const row = event.target.closest?.("[data-line]");
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.defaultPrevented || !row || !event.target.matches("input:not([role=combobox])")) return;
  event.preventDefault();
  if (row.nextElementSibling) focusOn(row.nextElementSibling);
  else add(boxOf(row));
}

const restored = new WeakSet(); // Forms that are being filled from a draft: its prices stay.

/** Makes the number of rows that the fields of a draft need, before the draft fills them. */
export function resize(form, names) {
  restored.add(form);
  setTimeout(() => restored.delete(form));
  for (const box of form.querySelectorAll("[data-lines]")) {
    const numbers = names.filter((name) => name.startsWith(`${box.dataset.lines}-`)).map((name) => Number(name.split("-")[1]));
    if (!numbers.length) continue;
    const wanted = Math.max(...numbers) + 1;
    while (rows(box).length < wanted) append(box);
    for (const row of rows(box).slice(wanted)) row.remove();
  }
}

let started = false;

export function startLines() {
  document.querySelectorAll("[data-lines]").forEach(renumber);
  if (started) return;
  started = true;
  document.addEventListener("input", onInput);
  document.addEventListener("change", onInput);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("ordered:moved", ({ target }) => boxOf(target) && changed(boxOf(target)));
  // A rejected form is morphed, which may leave a row of before in another place.
  document.addEventListener("htmx:after:swap", () => document.querySelectorAll("[data-lines]").forEach(renumber));
}
