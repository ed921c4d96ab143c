// On a narrow screen the tabs scroll sideways; the open tab is scrolled into view.

function showOpenTabs() {
  for (const open of document.querySelectorAll('.tabs [aria-current="page"]')) {
    const strip = open.closest(".tabs");
    const [outer, inner] = [strip.getBoundingClientRect(), open.getBoundingClientRect()];
    // Not `scrollIntoView`, which scrolls the page too where something stands above the tabs.
    strip.scrollLeft += Math.min(0, inner.left - outer.left) + Math.max(0, inner.right - outer.right);
  }
}

export function startTabs() {
  showOpenTabs();
  document.addEventListener("page:shown", showOpenTabs);
}
