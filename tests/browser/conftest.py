"""A real server on a real database, and a real Chromium in front of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, Request, StorageState, sync_playwright

from tests.support.chromium import ARGUMENTS, chromium_environment, find_chromium
from tests.support.live import Panel, live_panel

NO_CHROMIUM = "no Chromium on this machine: BROWSER TESTS DID NOT RUN (`make test` installs one from npm)"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = find_chromium() is None
    for item in items:
        if "tests/browser" in item.nodeid.replace(os.sep, "/"):
            item.add_marker(pytest.mark.browser)
            if missing:
                # Only where pytest runs alone: `make test` installs Chromium first. The summary names what did not run.
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


@pytest.fixture(scope="session")
def panel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Panel]:
    """A web server of its own, with the demo data, on SQLite."""
    with live_panel(tmp_path_factory.mktemp("panel"), REAUTHENTICATE="on") as running:
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
        self.page.goto(self.base + path, wait_until="networkidle")
        return self.page


@pytest.fixture(scope="session")
def logged_in(panel: Panel, chromium: Browser) -> dict[str, StorageState]:
    """The cookies of those who have logged in already: a login costs what a password hash costs."""
    return {}


@pytest.fixture
def open_tab(panel: Panel, chromium: Browser, logged_in: dict[str, StorageState]):
    """A fresh browser window for *user*, in a width and a colour scheme."""
    contexts = []

    def opened(user: str | None, *, width: int = 1280, scheme: str = "light", csp: bool = True) -> Tab:
        context = chromium.new_context(
            viewport={"width": width, "height": 850},
            color_scheme=scheme,
            locale="fa-IR",
            bypass_csp=not csp,
            storage_state=logged_in.get(user or ""),
        )
        contexts.append(context)
        tab = Tab(context.new_page(), panel.url, [], [])
        tab.page.on("console", lambda said: said.type == "error" and tab.errors.append(said.text))
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        tab.page.on("request", lambda request: tab.requests.append(request))  # noqa: PLW0108 - Playwright marks its handlers
        if user is not None and user not in logged_in:
            _log_in(tab, panel.users[user])
            logged_in[user] = context.storage_state()
        return tab

    yield opened
    for context in contexts:
        context.close()


def _log_in(tab: Tab, user: dict[str, str]) -> None:
    page = tab.open("/login/")
    page.fill("[name=username]", user["username"])
    page.fill("[name=password]", user["password"])
    page.click("[type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url)
    tab.errors.clear()
    tab.requests.clear()
