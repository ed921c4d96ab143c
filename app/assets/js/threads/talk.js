// The messages of the open conversation: adding those that arrived, and what the others have seen.

import htmx from "../layout/htmx.js";

const body = () => document.querySelector(".talk-body");
const isAtEnd = () => body().scrollHeight - body().scrollTop - body().clientHeight < 120;

export function scrollDown() {
  if (body()) body().scrollTop = body().scrollHeight;
}

const parsed = (html) => new DOMParser().parseFromString(html, "text/html").body.firstElementChild;

/** Appends the messages that the page does not have yet; returns whether there were any. */
export function append(html, { isOwn = false } = {}) {
  const place = body();
  const wasAtEnd = isAtEnd();
  const last = [...place.querySelectorAll(".talk-day")].at(-1)?.textContent;
  let isFirst = true;
  let found = false;
  for (const each of [...(parsed(html)?.children ?? [])]) {
    const key = each.dataset.message;
    if (key ? place.querySelector(`[data-message="${key}"]`) : !each.matches(".talk-day") || (isFirst && each.textContent === last)) continue;
    if (each.matches(".talk-day")) isFirst = false;
    place.insertBefore(document.adoptNode(each), place.querySelector("[data-waiting], [data-failed]"));
    htmx.process(each);
    found ||= Boolean(key);
  }
  if (found && (wasAtEnd || isOwn)) scrollDown();
  return found;
}

/** Reads the marks «seen» anew when the others have read on, or another member has closed the conversation. */
export function showReading(html) {
  const open = document.querySelector("[data-thread]");
  const { read, open: isOpen } = parsed(html)?.dataset ?? {};
  const state = `${read} ${isOpen}`;
  const before = open.dataset.state;
  open.dataset.state = state;
  if (before === undefined || before === state) return;
  refresh(open, isOpen);
}

async function refresh(open, isOpen) {
  const answer = await fetch(location.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const each of fresh.querySelectorAll("[data-own] > .talk-line-at")) {
    const key = each.parentElement.dataset.message;
    const old = open.querySelector(`[data-message="${key}"] > .talk-line-at`);
    if (old && !old.querySelector("details[open]")) old.replaceWith(document.adoptNode(each));
  }
  const foot = fresh.querySelector(".composer, .talk-closed");
  const shown = open.querySelector(".composer, .talk-closed");
  const hasChanged = foot && shown && foot.className !== shown.className;
  if (!hasChanged) return;
  shown.replaceWith(document.adoptNode(foot));
  const head = fresh.querySelector(".talk-head");
  open.querySelector(".talk-head").replaceWith(document.adoptNode(head));
  open.dataset.state = `${open.dataset.state.split(" ").slice(0, -1).join(" ")} ${isOpen}`;
  htmx.process(open);
}
