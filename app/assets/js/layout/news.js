// Asks every 20 seconds, and at once when the page becomes visible again, whether something is new for the member. The answer to an unchanged mark is
// empty; any other one brings the numbers of the bell and the menu, and the event «news» tells the page. A hidden page asks once a minute where the member
// has switched on notifications of the browser, and not at all otherwise. While the panel or its database is away it is said once, and the pauses grow.

import { isDesktopOn, noteVisible } from "./desktop-choice.js";
import { lateWords } from "./late-words.js";

const PAUSE = 20_000;
const HIDDEN = 60_000;
const OFTEN = 5_000; // while a conversation is open in which something happened lately
const LIVELY = 120_000;
const LONGEST = 300_000;

let mark = "";
let newest = null; // the time of the newest notification that the page knows
let timer = 0;
let failures = 0;
let lively = -Infinity;
let asking = false;
let showCounts = () => {};

/** The address of the bell's page, below which the news are; other buttons of the top bar have pages of their own. */
const base = () => document.querySelector('[data-bell$="/latest"]')?.dataset.bell.replace(/latest$/, "");
const openThread = () => document.querySelector("[data-thread]")?.dataset.thread;
/** Pages of conversations also notice what changes in the open one. */
const watched = () => (document.querySelector("[data-inbox]") ? `&thread=${openThread() ?? 0}` : "");

function pause() {
  if (failures) return Math.min(PAUSE * 2 ** failures, LONGEST);
  if (document.hidden) return HIDDEN;
  return openThread() && performance.now() - lively < LIVELY ? OFTEN : PAUSE;
}

function later() {
  clearTimeout(timer);
  if (!document.hidden || isDesktopOn()) timer = setTimeout(ask, pause());
}

async function ask() {
  clearTimeout(timer);
  const address = base();
  if (asking || (document.hidden && !isDesktopOn()) || !address) return;
  asking = true;
  if (!document.hidden) noteVisible();
  const answer = await fetch(`${address}news?mark=${mark}${watched()}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  asking = false;
  // The session has ended: the next act leads to the login.
  if (answer?.status === 401 || answer?.redirected) return;
  if (!answer || answer.status >= 500) {
    if (failures++ === 0) document.dispatchEvent(new CustomEvent("toast", { detail: { text: lateWords.away, level: "warning" } }));
    return later();
  }
  failures = 0;
  if (answer.status === 200) await tell(answer, address);
  later();
}

async function tell(answer, address) {
  const [isFirst, before] = [!mark, newest];
  ({ mark, newest } = await answer.json());
  takeCounts(answer);
  if (!isFirst && document.hidden && newest && newest !== before) (await import("./desktop.js")).showNews(address, before);
  if (!isFirst || openThread()) document.dispatchEvent(new CustomEvent("news"));
}

/** Something was typed, sent or received: the page asks more often for a while. */
export function beLively() {
  lively = performance.now();
  later();
}

/** Shows the numbers of the menu that came with an answer. */
export const takeCounts = (answer) => showCounts(answer.headers);

/** `show` shows the numbers of the menu; it belongs to a module that every page has. */
export function startNews(show) {
  showCounts = show;
  document.addEventListener("visibilitychange", () => (document.hidden ? later() : ask()));
  addEventListener("online", ask);
  ask();
}
