"""Pictures of all pages in `var/shots/`, in two widths and both colour schemes: ``make shots ONLY=customers``."""

from __future__ import annotations

import html
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.chromium import ARGUMENTS, chromium_environment, find_chromium
from tests.support.live import Panel, live_panel
from tests.support.openings import OPENINGS
from tests.support.screens import MANAGER, PAGES

FOLDER = Path("var/shots")
LOOKS = [
    (width, height, scheme) for width, height in ((1280, 860), (390, 844)) for scheme in ("light", "dark")
]
LIST = "/follow-ups/?tab=all"


def main(only: str) -> None:
    """Take the pictures of the pages whose address contains *only*, and write a page that shows all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    taken: list[Path] = []
    with (
        tempfile.TemporaryDirectory() as data,
        live_panel(Path(data), REAUTHENTICATE="on") as panel,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=ARGUMENTS, env=chromium_environment()
        )
        for user, shots in groupby(
            sorted(_shots(only), key=lambda shot: shot[0] or ""), lambda shot: shot[0]
        ):
            taken += _take(browser, panel, user, list(shots))
        browser.close()
    _write_index(sorted(FOLDER.glob("*.png")))
    print(f"{len(taken)} pictures; open {FOLDER}/index.html")  # noqa: T201 - the command's output


Shot = tuple[str | None, str, str, Callable[[Page], None] | None]


def _shots(only: str) -> Iterator[Shot]:
    """(user, address, name, what opens over the page)."""
    for user, path in PAGES:
        if only in path:
            yield user, path, f"{user or 'visitor'}{path}", None
    for name, opens in OPENINGS.items():
        if only in f"{LIST}+{name}":
            yield MANAGER, LIST, f"{MANAGER}/follow-ups/+{name}", opens


def _take(browser: Browser, panel: Panel, user: str | None, shots: list[Shot]) -> Iterator[Path]:
    for width, height, scheme in LOOKS:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            locale="fa-IR",
            reduced_motion="reduce",
        )
        page = context.new_page()
        if user is not None:
            _log_in(page, panel, user)
        for _user, path, name, opens in shots:
            page.goto(panel.url + path, wait_until="networkidle")
            if opens is not None:
                opens(page)
            target = FOLDER / f"{_file_name(name)}.{width}.{scheme}.png"
            page.screenshot(path=target, full_page=opens is None)
            # The draft of this form would be offered in the next picture.
            page.evaluate("sessionStorage.clear()")
            yield target
        context.close()


def _log_in(page: Page, panel: Panel, user: str) -> None:
    page.goto(f"{panel.url}/login/")
    page.fill("[name=username]", user)
    page.fill("[name=password]", panel.users[user]["password"])
    page.click("[type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url)


def _file_name(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-+=" else "_" for letter in name).strip("_")


def _write_index(pictures: list[Path]) -> None:
    """A page with the four pictures of each screen side by side."""
    rows = [
        f"<h2>{html.escape(name)}</h2>"
        + "".join(f'<img src="{each.name}" height="420" loading="lazy">' for each in group)
        for name, group in groupby(pictures, lambda each: each.name.split(".")[0])
    ]
    (FOLDER / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>Pictures</title>" + "".join(rows)
    )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
