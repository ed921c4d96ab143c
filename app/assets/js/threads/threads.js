// Conversations: the list beside the open one, keys, and messages that arrive while the page is open.

import "../shared.js";
import htmx from "../layout/htmx.js";
import { offerDrafts } from "../forms/drafts.js";
import { beLively } from "../layout/news.js";
import { isTyping, topDialog } from "../layout/dom.js";
import { startComposer } from "./composer.js";
import { append, scrollDown, showReading } from "./talk.js";

const talk = () => document.querySelector("[data-thread]");
const threads = () => [...document.querySelectorAll(".thread")];

/** Marks the open conversation in the list. */
function markCurrent(key) {
  for (const each of threads()) {
    const isCurrent = each.closest("[data-pk]").dataset.pk === key;
    if (isCurrent) {
      each.setAttribute("aria-current", "true");
      each.removeAttribute("data-unread");
      each.querySelector(".count")?.remove();
    } else each.removeAttribute("aria-current");
  }
}

/** Begins with the line «new messages», or with the last message. */
function begin() {
  const open = talk();
  document.querySelector("[data-inbox]")?.toggleAttribute("data-with-talk", Boolean(open));
  if (!open) return;
  markCurrent(open.dataset.thread);
  const line = document.getElementById("talk-new");
  const body = open.querySelector(".talk-body");
  if (line) body.scrollTop += line.getBoundingClientRect().top - body.getBoundingClientRect().top - 60;
  else scrollDown();
  beLively();
}

/** Reads what is new in the open conversation. */
async function readNews() {
  const open = talk();
  if (!open) return;
  const newest = [...open.querySelectorAll("[data-message]")].at(-1)?.dataset.message ?? "0";
  const answer = await fetch(`${open.dataset.url}news?after=${newest}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected || talk() !== open) return;
  const html = await answer.text();
  if (append(html)) beLively();
  showReading(html);
}

/** Reads the list again, unless the user looks at its later pages; the page of a ticket has none. */
async function readList() {
  const list = document.querySelector(".threads");
  const search = document.querySelector(".inbox-search");
  if (!search || document.activeElement?.closest(".inbox-tools") || (list && list.scrollTop > 200)) return;
  const focused = document.activeElement?.closest("[data-pk]")?.dataset.pk;
  const address = search.getAttribute("action") + location.search;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("threads");
  const part = fresh?.querySelector(".threads, .nothing");
  const old = document.querySelector("#threads > :is(.threads, .nothing)");
  if (!part || !old || old.outerHTML === part.outerHTML) return;
  old.replaceWith(document.adoptNode(part));
  htmx.process(part);
  if (talk()) markCurrent(talk().dataset.thread);
  if (focused) document.querySelector(`[data-pk="${focused}"] > .thread`)?.focus({ preventScroll: true });
}

function step(by) {
  const all = threads();
  const at = all.findIndex((each) => each === document.activeElement || (!document.activeElement?.matches(".thread") && each.hasAttribute("aria-current")));
  all[Math.max(0, Math.min(all.length - 1, at + by))]?.focus();
}

const KEYS = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  KeyR: () => document.querySelector(".composer textarea")?.focus(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.isComposing || topDialog()) return;
  if (event.code === "Escape" && talk()) return leave(event);
  const isReading = document.activeElement?.matches(".talk-body");
  if (isTyping(event.target) || (isReading && event.code.startsWith("Arrow"))) return;
  const act = KEYS[event.code];
  if (!act) return;
  event.preventDefault();
  act();
}

/** Back to the list: on a phone its page, beside the conversation its line. */
function leave(event) {
  if (document.querySelector(".menu:not([hidden])")) return;
  event.preventDefault();
  const back = document.querySelector(".talk-back");
  if (back.checkVisibility()) back.click();
  else (document.querySelector(".thread[aria-current]") ?? threads()[0])?.focus();
}

/** Earlier messages come above the ones that the user looks at, which stay in their place. */
function keepPlace({ target, detail: { ctx } }) {
  if (!ctx.sourceElement?.closest?.(".talk-older")) return;
  const body = document.querySelector(".talk-body");
  body.dataset.below = body.scrollHeight - body.scrollTop;
}

function onSwap({ detail: { ctx } }) {
  const body = document.querySelector(".talk-body");
  if (body?.dataset.below) {
    body.scrollTop = body.scrollHeight - Number(body.dataset.below);
    delete body.dataset.below;
    for (const label of body.querySelectorAll(".talk-day")) if (label.textContent === previousDay(label)) label.remove();
  }
  if (!ctx.sourceElement?.matches?.(".thread")) return;
  begin();
  offerDrafts(document);
}

function previousDay(label) {
  let before = label.previousElementSibling;
  while (before && !before.matches(".talk-day")) before = before.previousElementSibling;
  return before?.textContent;
}

export function startThreads() {
  begin();
  startComposer();
  document.addEventListener("news", () => Promise.all([readNews(), readList()]));
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:before:swap", keepPlace);
  document.addEventListener("htmx:after:swap", onSwap);
}
