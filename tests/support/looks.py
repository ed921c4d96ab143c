"""What axe does not check on a page: contrast of controls, size of targets, buttons, motion, loss at 200 % zoom."""

from __future__ import annotations

from playwright.sync_api import Page

LEAST_CONTRAST, LEAST_TARGET, LEAST_ROW_ACT, LONGEST_MOTION = 3, 24, 44, 0.01

_COMMON = """
  const isShown = (each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && each.getClientRects().length > 0;
  const name = (each) => `${each.tagName.toLowerCase()}${each.id ? "#" + each.id : ""}.${[...each.classList].join(".")}`;
"""

# The border or the fill of each control against what is behind it. A control without both is text, which axe checks.
_CONTRAST = """(least) => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const parts = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const over = ([r, g, b, a], ground) => [r, g, b].map((each, at) => each * a / 255 + ground[at] * (1 - a / 255));
  const light = (rgb) => { const [r, g, b] = rgb.map((each) => { const v = each / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const contrast = (one, two) => { const [low, high] = [light(one), light(two)].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05); };
  const ground = (each) => { const fills = []; for (let up = each.parentElement; up; up = up.parentElement) { const fill = parts(getComputedStyle(up).backgroundColor); fills.push(fill); if (fill[3] === 255) break; } return fills.reverse().reduce((below, fill) => over(fill, below), [255, 255, 255]); };
  const controls = document.querySelectorAll("button, a.btn, select, textarea, input:not([type=hidden], [type=file])");
  return [...controls].filter((each) => isShown(each) && !each.disabled && !each.readOnly && each.ariaDisabled !== "true" && !each.matches(".btn:not([href], button)")).flatMap((each) => {
    const style = getComputedStyle(each), behind = ground(each);
    const isInset = style.boxShadow.includes("inset");
    const border = isInset ? parts(style.boxShadow.match(/^[a-z]+\\([^)]*\\)/)[0]) : ["Top", "Left", "Right", "Bottom"].every((side) => parseFloat(style[`border${side}Width`]) > 0) ? parts(style.borderBlockStartColor) : [0, 0, 0, 0];
    const seen = [border, parts(style.backgroundColor)].filter(([, , , alpha]) => alpha > 0).map((colour) => contrast(over(colour, behind), behind));
    const best = Math.max(...seen);
    // A fill of the ground's own colour is no fill.
    return seen.length && best > 1.01 && best < least - 0.01 ? [`contrast < ${least}: ${name(each)}`] : [];
  });
}"""

# Links inside a sentence may be as high as its line; a box may be as small as it is where its label belongs to the target.
_TARGETS = """([least, ofRows]) => {
  const isInText = (each) => each.tagName === "A" && getComputedStyle(each).display === "inline";
  const box = (each) => (each.matches("input[type=checkbox], input[type=radio], input[type=file]") && each.closest("label") || each).getBoundingClientRect();
  const rows = new Set(document.querySelectorAll(".rows:not(.paper-rows) tr[data-pk] :is([data-row-menu], a.call, a[href^='tel:'])"));
  const targets = document.querySelectorAll("button, a[href], select, textarea, summary, input:not([type=hidden], [type=file]), [role=menuitem]");
  return [...targets].filter((each) => isShown(each) && !isInText(each) && !each.matches(".skip-link, .tomselected")).flatMap((each) => {
    const { width, height } = box(each), wanted = rows.has(each) ? ofRows : least;
    return Math.min(width, height) < wanted - 0.5 ? [`target < ${wanted}: ${name(each)}`] : [];
  });
}"""

_MOTION = """(longest) => document.getAnimations().flatMap(({ effect, playState }) => {
  const { duration, iterations } = effect.getComputedTiming();
  return playState === "running" && (duration > longest * 1000 || iterations === Infinity) ? [`moves: ${effect.target.className}`] : [];
})"""

# What is cut: text of a box that hides its overflow without an ellipsis, and what is beside the page.
_CUT = """() => {
  const isCut = (each) => { const style = getComputedStyle(each); return ["hidden", "clip"].includes(style.overflowX) && style.textOverflow !== "ellipsis" && style.webkitLineClamp === "none" && each.scrollWidth > each.clientWidth + 2 && each.clientWidth > 2; };
  const beside = document.documentElement.scrollWidth > innerWidth ? ["scrolls sideways"] : [];
  return [...beside, ...[...document.querySelectorAll("main *, dialog[open] *")].filter((each) => isShown(each) && each.textContent.trim() && isCut(each)).map((each) => `cut: ${name(each)}`)];
}"""

# Buttons whose words do not fit, and those with an icon of the style sheet beside their own.
_BUTTONS = """() => [...document.querySelectorAll("button:not(.bell), a.btn")].filter(isShown).flatMap((each) => {
  const isFull = getComputedStyle(each).overflowX === "visible" && each.scrollWidth > each.clientWidth + 1 && each.matches(".btn");
  const hasTwo = each.querySelector(":scope > [class^='i-']") && getComputedStyle(each, "::before").maskImage !== "none";
  return [...(isFull ? [`too narrow: ${name(each)} «${each.textContent.trim()}» ${each.scrollWidth} > ${each.clientWidth}`] : []), ...(hasTwo ? [`two icons: ${name(each)}`] : [])];
})"""


def _ask(page: Page, script: str, argument: object = None) -> list[str]:
    """What *script* finds, once for each kind of element."""
    found: list[str] = page.evaluate(f"(argument) => {{ {_COMMON} return ({script})(argument); }}", argument)
    return sorted(set(found))


def faint_controls(page: Page) -> list[str]:
    return _ask(page, _CONTRAST, LEAST_CONTRAST)


def small_targets(page: Page, width: int) -> list[str]:
    return _ask(page, _TARGETS, [LEAST_TARGET, LEAST_ROW_ACT if width < 600 else LEAST_TARGET])


def odd_buttons(page: Page) -> list[str]:
    return _ask(page, _BUTTONS)


def motions(page: Page) -> list[str]:
    return _ask(page, _MOTION, LONGEST_MOTION)


def cut_texts(page: Page) -> list[str]:
    return _ask(page, _CUT)
