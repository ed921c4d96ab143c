// Drafts: what is typed into a form is stored until it is saved, and comes back when the form is opened again at the same address.
// They are in sessionStorage, by member, for 24 hours, without files and passwords; they are erased on save, on «discard» and on logout.

import { icon, make } from "../layout/dom.js";
import { words } from "../layout/words.js";

const FORMS = "form[data-watch], form.inline-form";
const PREFIX = "draft:";
const LONGEST = 24 * 3_600_000;
// Hidden fields that belong to one opening of a form: with them a restored form is the same form to the server, so that a repeated form adds one row and
// an edit conflict is detected.
const TOKENS = new Set(["_nonce", "row_version", "_loaded", "client_token", "token", "versions", "version", "seen"]);
const SECRET = /password|secret|sealed|csrf/i;
const UNSTORED = new Set(["hidden", "file", "password", "submit", "button", "reset", "image"]);
// Answers of a panel, or of a server in front of it, that can't reach its database.
export const UNREACHED = new Set([502, 503, 504]);
// Where a request is led that was not executed.
const INTERRUPTIONS = /^\/(login|account\/(two-step|password|confirm))\//;

const member = document.querySelector("meta[name=member]")?.content ?? "";

// The keys of lines are hidden, and go with the lines.
const isLineKey = ({ dataset }) => dataset?.lineKey !== undefined;
const isStored = (field) => {
  const { name, type, disabled, autocomplete } = field;
  return name && !disabled && (!UNSTORED.has(type) || isLineKey(field)) && autocomplete !== "one-time-code" && !SECRET.test(name);
};
const fieldsOf = (form) => [...form.elements].filter(isStored);
const hiddenOf = (form) => [...form.elements].filter((field) => field.type === "hidden" && field.name && !SECRET.test(field.name) && !isLineKey(field));
const isCheckable = ({ type }) => type === "checkbox" || type === "radio";

/** The key of the form: member, address and the rows that the form is about. */
function keyOf(form) {
  const address = new URL(form.getAttribute("action") ?? location.href, location.href);
  const about = hiddenOf(form).filter(({ name }) => !TOKENS.has(name));
  return `${PREFIX}${member}:${address.pathname}${address.search}${about.map(({ name, value }) => `&${name}=${value}`).join("")}`;
}

/** [name, value, text of a chosen option] of all fields, without boxes that are not ticked. */
function read(form) {
  return fieldsOf(form).flatMap((field) => {
    if (isCheckable(field)) return field.checked ? [[field.name, field.value]] : [];
    if (field.tagName === "SELECT") return [...field.selectedOptions].map(({ value, text }) => [field.name, value, text]);
    return [[field.name, field.value]];
  });
}

const pairs = (fields) => JSON.stringify(fields.map(([name, value]) => [name, value]));

function find(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function store(key, draft) {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // The storage is full or switched off: the form works without a draft.
  }
}

const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));

function eraseWhere(condition) {
  for (const key of keys()) if (condition(key, find(key))) sessionStorage.removeItem(key);
}

export function eraseDraft(form) {
  if (form.matches(FORMS)) sessionStorage.removeItem(keyOf(form));
}

function save(form) {
  const tokens = hiddenOf(form).filter(({ name }) => TOKENS.has(name)).map(({ name, value }) => [name, value]);
  store(keyOf(form), { at: Date.now(), fields: read(form), tokens });
}

/** Notes that the draft was sent: it is erased when the answer says that something was saved. */
export function noteSent(form) {
  const key = keyOf(form);
  const draft = find(key);
  if (draft) store(key, { ...draft, sent: true });
}

/** Erases what was sent after a response that led to *address*, unless the request was interrupted there. */
export function noteSaved(address) {
  if (!INTERRUPTIONS.test(new URL(address, location.href).pathname)) eraseWhere((_key, draft) => draft?.sent);
}

async function fill(form, { fields, tokens }) {
  if (form.querySelector("[data-lines]")) (await import("./lines.js")).resize(form, fields.map(([name]) => name));
  const left = new Map();
  for (const pair of fields) left.set(pair[0], [...(left.get(pair[0]) ?? []), pair]);
  for (const [name, value] of tokens) {
    const field = hiddenOf(form).find((each) => each.name === name);
    if (field) field.value = value;
  }
  for (const field of fieldsOf(form)) {
    const given = left.get(field.name) ?? [];
    if (isCheckable(field)) field.checked = given.some((pair) => pair[1] === field.value);
    else if (field.tagName === "SELECT") choose(field, given);
    else if (given.length) field.value = given.shift()[1];
  }
  tell(form);
}

function choose(select, given) {
  const known = new Set([...select.options].map(({ value }) => value));
  for (const [, value, text] of given) if (!known.has(value)) select.add(new Option(text, value));
  for (const option of select.options) option.selected = given.some((pair) => pair[1] === option.value);
  select.tomselect?.sync();
}

/** Lets other modules see the new values. */
function tell(form) {
  for (const field of fieldsOf(form)) {
    if (!isCheckable(field) || field.checked) field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

/** Fills the form with its draft and says so; nothing happens when the form has the same values already. */
async function offer(form) {
  const key = keyOf(form);
  const draft = find(key);
  if (!draft || pairs(draft.fields) === pairs(read(form))) return;
  const before = { fields: read(form), tokens: hiddenOf(form).map(({ name, value }) => [name, value]) };
  await fill(form, draft);
  const discard = async () => {
    notice.remove();
    await fill(form, before);
    form.dispatchEvent(new CustomEvent("draft:discarded", { bubbles: true }));
    eraseDraft(form);
    fieldsOf(form)[0]?.focus();
  };
  const notice = say(form, "draft-notice", "status", "history", words.restored, words.discard, discard);
}

/** Shows a sentence with a button in the form. */
function say(form, kind, role, sign, text, label, act) {
  form.querySelector(`.${kind}`)?.remove();
  const button = make("button", { type: "button", class: "btn btn-small", onclick: act }, label);
  const notice = make("div", { class: `form-notice ${kind}`, role }, icon(sign), make("span", {}, text), button);
  if (kind === "draft-notice" && !form.matches(".inline-form")) (form.querySelector(".sheet-body, .overlay-body") ?? form).prepend(notice);
  else if (form.querySelector(".form-bar, .overlay-foot")) form.querySelector(".form-bar, .overlay-foot").before(notice);
  else form.append(notice);
  return notice;
}

/** The act did not reach the panel: the form stays and can be sent again. */
export function sayUnreached(form, submitter) {
  const retry = () => {
    notice.remove();
    form.requestSubmit(submitter?.isConnected ? submitter : null);
  };
  const notice = say(form, "unreached-notice", "alert", "alert-triangle", words.unreached, words.retry, retry);
  notice.querySelector("button").focus();
}

export const keepsDraft = (element) => Boolean(element?.matches?.(FORMS));

export function offerDrafts(root) {
  if (!member) return;
  for (const form of root.querySelectorAll(FORMS)) if (!("unsaved" in form.dataset)) offer(form);
}

function onInput({ type, target, isTrusted }) {
  // The browser's own «change» comes when a field loses the focus, also while a saved form is closed.
  if (type === "change" && isTrusted) return;
  const form = target.form;
  if (member && keepsDraft(form) && isStored(target)) save(form);
}

export function startDrafts() {
  eraseWhere((key, draft) => !draft || Date.now() - draft.at > LONGEST || (member && !key.startsWith(`${PREFIX}${member}:`)));
  // What was sent from an earlier page and is not erased was not saved.
  for (const key of keys()) store(key, { ...find(key), sent: false });
  document.addEventListener("input", onInput);
  document.addEventListener("change", onInput);
  document.addEventListener("submit", ({ target }) => target.action.endsWith?.("/logout/") && eraseWhere(() => true));
  offerDrafts(document);
}
