// Fetches the screen every two seconds and updates the page only when the HTML has changed.
const EVERY = 2000;
const main = document.querySelector("main");
let shown = "";

function toEnd() {
  const list = main.querySelector("[data-end]");
  if (list) list.scrollTop = list.scrollHeight;
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(main.dataset.screen);
    const html = await answer.text();
    if (!answer.ok || html === shown) return;
    const isFirst = shown === "";
    shown = html;
    const list = main.querySelector("[data-end]");
    const atEnd = !list || list.scrollHeight - list.scrollTop - list.clientHeight < 40;
    const was = [...main.querySelectorAll(".threads, .bubbles")].map((each) => each.scrollTop);
    // The server escapes all message texts.
    main.innerHTML = html;
    main.querySelectorAll(".threads, .bubbles").forEach((each, place) => (each.scrollTop = was[place] ?? 0));
    if (atEnd || isFirst) toEnd();
  } catch {
    // The sandbox may be restarting; the next fetch tries again.
  }
}

toEnd();
setInterval(look, EVERY);
document.addEventListener("visibilitychange", look);
