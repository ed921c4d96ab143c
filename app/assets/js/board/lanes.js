// The columns of a board as tabs on a phone, one at a time.

let open = null;

const tabs = () => [...document.querySelectorAll("[data-lane-tab]")];

/** Shows a column; without a name the one that was open before the board was loaded again. */
export function showLane(name = open) {
  open = name ?? tabs()[0]?.dataset.laneTab;
  for (const tab of tabs()) {
    const isOpen = tab.dataset.laneTab === open;
    tab.setAttribute("aria-selected", isOpen);
    tab.tabIndex = isOpen ? 0 : -1;
    document.getElementById(`lane-${tab.dataset.laneTab}`).classList.toggle("is-open", isOpen);
  }
}

function onClick({ target }) {
  const tab = target.closest("[data-lane-tab]");
  if (tab) showLane(tab.dataset.laneTab);
}

function onKey(event) {
  const tab = event.target.closest?.("[data-lane-tab]");
  const step = { ArrowLeft: 1, ArrowRight: -1 }[event.key];
  if (!tab || !step) return;
  event.preventDefault();
  const all = tabs();
  const next = all[(all.indexOf(tab) + step + all.length) % all.length];
  showLane(next.dataset.laneTab);
  next.focus();
}

export function startLanes() {
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  showLane();
}
