// On a narrow screen the tabs scroll sideways; the open tab is scrolled into view.

export function startTabs() {
  for (const open of document.querySelectorAll('.tabs [aria-current="page"]')) {
    const strip = open.closest(".tabs");
    if (strip.scrollWidth > strip.clientWidth) open.scrollIntoView({ inline: "nearest", block: "nearest" });
  }
}
