// The form of an answer: the message is shown at once and sent in the background. What was not sent stays, and can be sent again.

import { eraseDraft } from "../forms/drafts.js";
import { isLarge } from "../forms/sending.js";
import { release } from "../forms/forms.js";
import { beLively, takeCounts } from "../layout/news.js";
import { icon, make } from "../layout/dom.js";
import { lateWords } from "../layout/late-words.js";
import { append, scrollDown, showReading } from "./talk.js";

const COMPOSER = "form.composer";

/** A random UUID; `crypto.randomUUID` is missing on pages without TLS. */
function newToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const digits = [...bytes].map((each) => each.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function bubbleOf(data) {
  const names = data.getAll("files").map((file) => file.name).filter(Boolean);
  const files = names.length ? make("p", { class: "talk-line-files" }, ...names.map((name) => make("span", { class: "file-link" }, icon("paperclip"), make("bdi", { class: "truncate" }, name)))) : null;
  const text = data.get("text").trim();
  const note = make("span", { class: "talk-line-at" }, lateWords.sending);
  return make("article", { class: "talk-line", "data-own": true, "data-waiting": true }, text ? make("p", { dir: "auto" }, text) : null, files, note);
}

/** Empties the form for the next message. */
function empty(form) {
  eraseDraft(form);
  form.querySelector(".draft-notice")?.remove();
  form.elements.client_token.value = newToken();
  form.elements.text.value = "";
  form.elements.text.defaultValue = "";
  form.elements.files.value = "";
  form.elements.files.dispatchEvent(new Event("change", { bubbles: true }));
  for (const each of form.querySelectorAll(".field-error")) each.remove();
  form.elements.text.removeAttribute("aria-invalid");
}

/** `fetch`; the message shows how much of its large files has arrived. */
async function deliver(url, request, bubble) {
  if (!isLarge(request.body)) return fetch(url, request);
  const { sendAll, wordsOf } = await import("../forms/uploads.js");
  const note = bubble.querySelector(".talk-line-at");
  return sendAll(url, request, (share) => note.replaceChildren(wordsOf(share)));
}

async function send(url, data, bubble) {
  const body = document.querySelector(".talk-body");
  const newest = [...body.querySelectorAll("[data-message]")].at(-1)?.dataset.message ?? "0";
  data.set("after", newest);
  data.set("csrf_token", document.querySelector("meta[name=csrf-token]")?.content ?? "");
  const answer = await deliver(url, { method: "POST", body: data, headers: { "HX-Request": "true" } }, bubble).catch(() => null);
  if (answer?.status === 401 || answer?.redirected) return leaveToLogin(data);
  const token = answer?.headers.get("X-CSRF-Token");
  if (token) {
    document.querySelector("meta[name=csrf-token]").content = token;
    return send(url, data, bubble);
  }
  if (answer?.status === 422) return refuse(await answer.text(), data, bubble);
  if (!answer?.ok) return fail(url, data, bubble);
  const html = await answer.text();
  bubble.remove();
  takeCounts(answer);
  if (document.querySelector(`[data-thread][data-url="${url.replace(/answer$/, "")}"]`)) {
    append(html, { isOwn: true });
    showReading(html);
  }
  document.dispatchEvent(new CustomEvent("news"));
}

/** The text goes back into the form, whose draft outlives the login. */
function leaveToLogin(data) {
  const { text } = document.querySelector(COMPOSER)?.elements ?? {};
  if (text) {
    text.value = data.get("text");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  }
  location.reload();
}

/** The message stays with the question whether to send it again, by the same token. */
function fail(url, data, bubble) {
  delete bubble.dataset.waiting;
  bubble.dataset.failed = "";
  const retry = () => {
    line.replaceWith(make("span", { class: "talk-line-at" }, lateWords.sending));
    delete bubble.dataset.failed;
    bubble.dataset.waiting = "";
    send(url, data, bubble);
  };
  const button = make("button", { type: "button", class: "btn btn-small", onclick: retry }, lateWords.again);
  const line = make("span", { class: "talk-line-failed", role: "alert" }, icon("alert-triangle"), lateWords.notSent, button);
  bubble.querySelector(".talk-line-at, .talk-line-failed").replaceWith(line);
  scrollDown();
}

/** The form comes back with its errors, and with its files, which the answer does not have. */
function refuse(html, data, bubble) {
  bubble.remove();
  const form = new DOMParser().parseFromString(html, "text/html").querySelector(COMPOSER);
  document.querySelector(COMPOSER).replaceWith(document.adoptNode(form));
  const transfer = new DataTransfer();
  for (const file of data.getAll("files")) if (file.name) transfer.items.add(file);
  form.elements.files.files = transfer.files;
  form.elements.files.dispatchEvent(new Event("change", { bubbles: true }));
  form.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
  form.elements.text.focus();
}

function onSubmit(event) {
  const form = event.target;
  if (!form.matches(COMPOSER)) return;
  event.preventDefault();
  const data = new FormData(form);
  release(form);
  if (!data.get("text").trim() && !form.elements.files.files.length) return form.elements.text.focus();
  const bubble = bubbleOf(data);
  document.querySelector(".talk-body").append(bubble);
  scrollDown();
  empty(form);
  form.elements.text.focus();
  beLively();
  send(form.getAttribute("action"), data, bubble);
}

export function startComposer() {
  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("input", ({ target }) => target.closest?.(COMPOSER) && beLively());
}
