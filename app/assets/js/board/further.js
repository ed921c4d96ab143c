// The further cards of a column: loaded when their link is scrolled into view, or by a click on it. The address of the page says how many
// cards each column has, so that the board is loaded again with all of them.

let tellFailed = null;

const observer = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) if (isIntersecting) load(target);
});

async function load(link) {
  if (link.hasAttribute("aria-busy")) return;
  link.setAttribute("aria-busy", "true");
  const answer = await fetch(link.dataset.more, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) {
    link.removeAttribute("aria-busy");
    observer.unobserve(link);
    return tellFailed(answer);
  }
  const part = document.createElement("template");
  part.innerHTML = await answer.text();
  // The board was loaded again meanwhile.
  if (!link.isConnected) return;
  const lane = link.closest("[data-lane]");
  const fresh = [...part.content.querySelectorAll(".board-card")].filter((card) => !document.getElementById(card.id));
  lane.querySelector(".lane-cards").append(...fresh);
  const next = part.content.querySelector("[data-more]");
  next ? link.replaceWith(next) : link.remove();
  remember(lane);
  startFurther();
}

function remember(lane) {
  const address = new URL(location.href);
  address.searchParams.set(`shown_${lane.dataset.lane}`, lane.querySelector(".lane-cards").childElementCount);
  history.replaceState(history.state, "", address);
}

function onClick(event) {
  const link = event.target.closest("[data-board] [data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  load(link);
}

let isStarted = false;

/** Watches the links of the board; *tell* says that a request failed. */
export function startFurther(tell = tellFailed) {
  if (!isStarted) document.addEventListener("click", onClick);
  [isStarted, tellFailed] = [true, tell];
  for (const link of document.querySelectorAll("[data-board] [data-more][data-scrolls]")) observer.observe(link);
}
