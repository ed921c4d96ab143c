"""What axe finds wrong on a page, in one or several looks."""

from __future__ import annotations

from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

HEIGHT = 850
WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # Of what passes, one element a rule is described; a selector for each takes longer than the rules.
    "resultTypes": ["violations"],
}
# All rules, those of good practice too.
ALL_RULES = {"resultTypes": ["violations"]}
_PAINTED = "(scheme) => (document.documentElement.dataset.bsTheme ?? scheme) === scheme"
_STILL = """() => !document.querySelector("[aria-busy=true]")
  && document.getAnimations().every(({ effect }) => effect.getComputedTiming().iterations === Infinity)"""


def broken_rules(
    page: Page, *, options: dict[str, Any] = WCAG, context: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The rules that *page* breaks; axe is read into a page once, because that takes as long as a small page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(
        "async ([context, options]) => (await axe.run(context ?? document, options)).violations",
        [context, options],
    )
    return found


def turn(page: Page, width: int, scheme: Literal["dark", "light"]) -> None:
    """Give *page* another width and colour scheme without loading it again; the colours have changed in the end."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.emulate_media(color_scheme=scheme)
    # A script writes the scheme after the event; what has a transition is still on its way then.
    page.wait_for_function(_PAINTED, arg=scheme)
    wait_until_settled(page)


def wait_until_settled(page: Page) -> None:
    """Until nothing on *page* fades or is being sent: a form is paler while it is sent."""
    page.wait_for_function(_STILL)
