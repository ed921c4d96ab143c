// Notifications of the browser: the switch in the account, and one notification for each news item while no page of the panel is in view. They say what the
// bell says, and lead where it leads.

import "../shared.js";
import { isDesktopOn, store, stored } from "./desktop-choice.js";

const IN_VIEW = 30_000;

function show(item) {
  const link = item.querySelector("a.notification-link");
  const notice = new Notification(link.textContent.trim(), { body: item.querySelector(".notification-about").textContent.trim(), tag: link.dataset.read, lang: "fa", dir: "rtl" });
  notice.addEventListener("click", () => {
    notice.close();
    window.focus();
    // As a click in the bell: it is read by this, and leads to its row.
    item.hidden = true;
    document.body.append(item);
    link.click();
  });
}

/** Shows the unread notifications of the bell at *address* that are newer than *since*, each once in this browser. */
export async function showNews(address, since) {
  const last = Math.max(Date.parse(since ?? 0) || 0, Number(stored("last")));
  const answer = await fetch(`${address}latest`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected || !isDesktopOn()) return;
  const bell = new DOMParser().parseFromString(await answer.text(), "text/html");
  const items = [...bell.querySelectorAll("[data-unread]:has(a.notification-link)")].map((item) => [Date.parse(item.querySelector("time").dateTime), document.adoptNode(item)]);
  const fresh = items.filter(([at]) => at > last);
  store("last", String(Math.max(last, ...fresh.map(([at]) => at))));
  if (!document.hidden || Date.now() - Number(stored("seen")) < IN_VIEW) return;
  for (const [, item] of fresh.reverse()) show(item);
}

function paint(box) {
  const state = !globalThis.Notification ? "missing" : Notification.permission === "denied" ? "denied" : isDesktopOn() ? "on" : "off";
  const input = box.querySelector("input");
  input.checked = state === "on";
  input.disabled = state === "missing" || state === "denied";
  box.querySelector("[data-state]").textContent = box.dataset[state];
  box.hidden = false;
}

/** The switch of the account; the browser asks its question only after the click. */
export function startDesktop(root) {
  const box = root.matches?.("[data-desktop]") ? root : root.querySelector("[data-desktop]");
  paint(box);
  // The page may start this twice.
  box.querySelector("input").onchange = async () => {
    if (isDesktopOn()) store("on", "0");
    else if ((await Notification.requestPermission()) === "granted") store("on", "1");
    paint(box);
  };
}
