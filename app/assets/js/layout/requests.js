// Common handling of htmx requests: CSRF token, expired sessions, error messages in Persian.

import htmx from "./htmx.js";
import { make } from "./dom.js";
import { persian } from "../forms/digits.js";
import { toast } from "./toasts.js";
import { words } from "./words.js";
import { ask } from "./confirm.js";
import { keepsDraft, UNREACHED } from "../forms/drafts.js";

const SLOW = 300;
const SENTENCES = {
  403: words.forbidden,
  404: words.gone,
  410: words.gone,
  413: words.tooLarge,
  429: words.tooMany,
};
const waiting = new Map();

function addToken({ detail: { ctx } }) {
  if (ctx.request.method === "GET") return;
  ctx.request.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]")?.content ?? "";
}

/** Leaves empty arguments out of the address of a list. */
function dropEmptyValues({ target, detail: { ctx } }) {
  if (!target.matches?.("form[data-state]")) return;
  const body = ctx.request.body;
  for (const name of new Set(body.keys())) {
    const values = body.getAll(name).filter((value) => value !== "");
    body.delete(name);
    for (const value of values) body.append(name, value);
  }
}

function showSlow({ detail: { ctx } }) {
  const { target } = ctx; // The response may name another one.
  const timer = setTimeout(() => {
    target?.setAttribute("aria-busy", "true");
    ctx.busy = target;
    ctx.progressLine = document.body.appendChild(make("div", { class: "progress-line" }));
  }, SLOW);
  waiting.set(ctx, timer);
}

function hideSlow({ detail: { ctx } }) {
  clearTimeout(waiting.get(ctx));
  waiting.delete(ctx);
  ctx.busy?.removeAttribute("aria-busy");
  ctx.progressLine?.remove();
}

/** The login page, which leads back to this page. */
export const loginAddress = () => `/login/?next=${encodeURIComponent(location.pathname + location.search)}`;

/** Leads an expired session to the login; a redirect that was followed becomes a page load of its target. */
function leaveIfAsked(event) {
  const { raw } = event.detail.ctx.response;
  const path = new URL(raw.url, location.href).pathname;
  if (raw.status === 401 || (raw.redirected && path === "/login/")) {
    event.preventDefault();
    location.assign(loginAddress());
  } else if (raw.redirected && event.detail.ctx.request.method !== "GET") {
    event.preventDefault();
    location.assign(raw.url);
  }
}

/** Gives a form with an expired token a new one, so that it can be submitted again. */
export function renewToken(token) {
  document.querySelector("meta[name=csrf-token]").content = token;
  for (const input of document.querySelectorAll("input[name=csrf_token]")) input.value = token;
}

/** What the status of an answer says; a limit names the seconds until it ends. */
function sentenceOf({ status, headers }) {
  const seconds = status === 429 ? Number(headers.get("Retry-After")) : 0;
  return seconds > 0 ? words.tooManyFor(persian(seconds)) : (SENTENCES[status] ?? words.failed);
}

function tellError({ detail: { ctx } }) {
  const { status, headers } = ctx.response;
  const token = headers.get("X-CSRF-Token");
  if (token) return renewToken(token);
  // The response brings its own message or redirect.
  if (headers.has("HX-Redirect") || headers.get("HX-Trigger")?.includes('"toast"')) return;
  if (status === 401 || status === 409 || status === 422) return;
  // The form says it itself.
  if (UNREACHED.has(status) && keepsDraft(ctx.sourceElement)) return;
  const code = headers.get("X-Request-ID");
  const sentence = sentenceOf(ctx.response);
  toast({ text: status >= 500 && code ? `${sentence} (${words.trackingCode}: ${code})` : sentence, level: "danger" });
}

/** Says that a request of a script failed; without an answer the connection is lost. */
export function tellFailed(answer) {
  if (answer?.status === 401) return location.assign(loginAddress());
  toast({ text: answer ? sentenceOf(answer) : words.offline, level: "danger" });
}

function tellLostConnection({ detail }) {
  if (detail.ctx && !detail.ctx.response && !keepsDraft(detail.ctx.sourceElement)) toast({ text: words.offline, level: "danger" });
}

/** After an act whose element is gone the focus is not left on the body: keys would begin at the top of the page. */
function keepFocus() {
  requestAnimationFrame(() => {
    if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
  });
}

function askFirst(event) {
  const { ctx, issueRequest, dropRequest } = event.detail;
  event.preventDefault();
  const { confirmLabel, danger } = ctx.sourceElement.dataset ?? {};
  ask(persian(ctx.confirm), { label: confirmLabel, danger: danger !== undefined }).then((yes) => (yes ? issueRequest() : dropRequest()));
}

/** Posts to an address without a form, for menus and buttons; `into` names the dialog for the response. */
export function post(url, into = null) {
  return htmx.ajax("POST", url, into ? { target: `#${into}`, swap: "innerHTML" } : { swap: "none" });
}

export function startRequests() {
  const listeners = {
    "htmx:config:request": [addToken, dropEmptyValues],
    "htmx:before:request": [showSlow],
    "htmx:before:response": [leaveIfAsked],
    "htmx:response:error": [tellError],
    "htmx:error": [tellLostConnection],
    "htmx:confirm": [askFirst],
    "htmx:finally:request": [hideSlow, keepFocus],
  };
  for (const [name, handlers] of Object.entries(listeners)) {
    for (const handler of handlers) document.addEventListener(name, handler);
  }
}
