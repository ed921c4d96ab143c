// The bell of the top bar: its popover is loaded when it opens. A notification is read once its link is followed, in a new tab too.

import htmx from "./htmx.js";
import { make, whenOnline } from "./dom.js";
import { showCounts } from "./navigation.js";

/** Loads the popover, which menus.js has opened. */
async function loadBell(button) {
  const menu = document.getElementById(button.dataset.menu);
  await htmx.ajax("GET", button.dataset.bell, { target: `#${menu.id}`, swap: "innerHTML" });
  if (!menu.hidden) menu.focus({ preventScroll: true });
}

/** Stores that the notification is read; the link may leave the page at once, and the request is completed all the same. */
async function markRead(link) {
  const token = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  link.closest("[data-unread]")?.removeAttribute("data-unread");
  const headers = { "X-CSRFToken": token, "HX-Request": "true" };
  try {
    const answer = await fetch(link.dataset.read, { method: "POST", keepalive: true, headers });
    if (answer.ok) showCounts(answer.headers);
  } catch {
    // Without a connection it stays unread.
  }
}

/** Makes the popovers, which are empty until they open. */
function makePopovers() {
  for (const button of document.querySelectorAll("[data-bell]")) {
    const label = button.querySelector(".visually-hidden").textContent;
    button.after(make("div", { class: "menu bell-menu", id: button.dataset.menu, role: "dialog", "aria-label": label, tabindex: "-1", hidden: true }));
  }
}

function onClick({ target }) {
  const button = target.closest("[data-bell]");
  if (button?.getAttribute("aria-expanded") === "true") loadBell(button);
  const link = target.closest("a[data-read]");
  if (link?.closest("[data-unread]")) markRead(link);
}

async function startNews() {
  await whenOnline();
  (await import("./news.js")).startNews(showCounts);
}

export function startNotifications() {
  makePopovers();
  document.addEventListener("click", onClick);
  if (document.querySelector('[data-bell$="/latest"]')) setTimeout(startNews, 5_000);
  // The middle button opens the link in a new tab.
  document.addEventListener("auxclick", (event) => event.button === 1 && onClick(event));
}
