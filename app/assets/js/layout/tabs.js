// On a narrow screen the tabs are a strip to be pushed: the open one begins where it can be seen.

export function startTabs() {
  for (const open of document.querySelectorAll('.tabs [aria-current="page"]')) {
    const strip = open.closest(".tabs");
    if (strip.scrollWidth > strip.clientWidth) open.scrollIntoView({ inline: "nearest", block: "nearest" });
  }
}
