// Forms of pages (`form[data-watch]` without `hx-post`) are sent by fetch: when the panel can't be reached, the form stays with what was typed.
// A redirect arrives as a header; an answer with errors replaces the body of the page. Large files are sent with their progress, also by htmx.

import htmx from "../layout/htmx.js";
import { focusFirstError, markUnsaved, release } from "./forms.js";
import { keepsDraft, noteSaved, noteSent, offerDrafts, sayUnreached, UNREACHED } from "./drafts.js";
import { loginAddress, renewToken } from "../layout/requests.js";
import { toast } from "../layout/toasts.js";
import { words } from "../layout/words.js";

const ENDED = Symbol("ended by the user");
const submitters = new WeakMap(); // The button by which each form was sent last.

const LARGE = 2 ** 18; // Bytes; what is smaller arrives at once.

export const isLarge = (body) => body instanceof FormData && [...body.values()].reduce((bytes, each) => bytes + (each.size ?? 0), 0) >= LARGE;

/** `fetch` for a form, which shows the progress of large files. */
const fetchFor = (form) => async (url, request) => {
  if (!isLarge(request.body)) return fetch(url, request);
  return (await import("./uploads.js")).sendShown(form, url, request);
};

/** Files take their time: the limit of other requests would end them. */
function onRequest({ detail: { ctx } }) {
  const form = ctx.sourceElement.closest?.("form");
  if (!form || !isLarge(ctx.request.body)) return;
  ctx.request.timeout = 0;
  ctx.fetch = fetchFor(form);
}

async function send(form, submitter) {
  const body = new FormData(form, submitter);
  const action = form.getAttribute("action") ?? location.href;
  noteSent(form);
  const post = () => fetchFor(form)(action, { method: "POST", body, headers: { "X-In-Place": "1" } }).catch(({ name }) => (name === "AbortError" ? ENDED : null));
  let answer = await post();
  const token = answer?.headers?.get("X-CSRF-Token");
  if (token) {
    // Only the token was too old. The page of the refusal could keep neither files nor passwords.
    renewToken(token);
    body.set("csrf_token", token);
    answer = await post();
  }
  if (answer === ENDED) {
    release(form);
    return markUnsaved(form);
  }
  if (!answer || answer.status >= 500) {
    release(form);
    markUnsaved(form);
    if (!answer || UNREACHED.has(answer.status)) sayUnreached(form, submitter);
    else toast({ text: words.failed, level: "danger", code: answer.headers.get("X-Request-ID") ?? "" });
    return;
  }
  const target = answer.headers.get("X-Location");
  if (target) {
    noteSaved(target);
    location.assign(new URL(target, location.href).pathname === "/login/" ? loginAddress() : target);
  } else {
    showPage(await answer.text(), answer.ok);
  }
}

function showPage(html, isSaved) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const token = page.querySelector("meta[name=csrf-token]");
  if (token) document.querySelector("meta[name=csrf-token]").content = token.content;
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  scrollTo(0, 0);
  htmx.process(document.body);
  document.dispatchEvent(new CustomEvent("page:shown"));
  if (isSaved) offerDrafts(document);
  focusFirstError();
  const first = document.querySelector("#form :is(input:not([type=hidden]), select, textarea)") ?? document.getElementById("main");
  if (document.activeElement === document.body) first?.focus();
}

function onSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-watch]:not([hx-post])") || form.method !== "post") return;
  event.preventDefault();
  send(form, event.submitter);
}

/** What the answer to a form of htmx means for its draft. */
function onAnswer({ detail: { ctx } }) {
  const { raw, status } = ctx.response;
  if (ctx.request.method === "GET" || !ctx.sourceElement?.closest?.("form")) return;
  if (status < 300) noteSaved(ctx.hx?.redirect ?? (raw.redirected ? raw.url : "/"));
}

function onUnreached({ detail: { ctx } }) {
  const form = ctx?.sourceElement;
  if (!keepsDraft(form) || (ctx.response && !UNREACHED.has(ctx.response.status))) return;
  // The notice replaces the toast that the response asks for.
  if (ctx.hx) ctx.hx.trigger = null;
  sayUnreached(form, submitters.get(form));
}

export function startSending() {
  document.addEventListener("submit", ({ target, submitter }) => submitters.set(target, submitter), true);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("htmx:config:request", onRequest);
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => keepsDraft(ctx.sourceElement) && noteSent(ctx.sourceElement));
  document.addEventListener("htmx:before:response", onAnswer);
  document.addEventListener("htmx:response:error", onUnreached);
  document.addEventListener("htmx:error", onUnreached);
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    // A form that comes back with errors has its values already.
    if (ctx.response?.status < 300 && ctx.target?.isConnected) offerDrafts(ctx.target);
  });
}
