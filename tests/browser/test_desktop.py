"""Notifications of the browser: off at first, asked for by a click, shown once each while no page is in view."""

import json

import pytest
from playwright.sync_api import expect

# Stands in for the notifications of the browser, which no headless one shows, and for a tab that is covered.
STAND_IN = """(() => {
  window.shown = [];
  window.asked = 0;
  let permission = sessionStorage.permission ?? "default";
  class Stand extends EventTarget {
    static get permission() { return permission; }
    static async requestPermission() { window.asked++; permission = sessionStorage.permission = sessionStorage.answer ?? "granted"; return permission; }
    constructor(title, options) { super(); window.shown.push({ title, ...options }); window.last = this; }
    close() {}
  }
  window.Notification = Stand;
  Object.defineProperty(document, "hidden", { get: () => Boolean(window.covered) });
})()"""
COVER = "covered => { window.covered = covered; document.dispatchEvent(new Event('visibilitychange')); }"
SWITCH = "[data-desktop] input"


@pytest.fixture
def tab(open_tab):
    def start(user, width=1280):
        opened = open_tab(user, width=width)
        opened.page.add_init_script(STAND_IN)
        return opened

    return start


@pytest.mark.parametrize(("width", "user"), [(1280, "consultant1-demo1"), (390, "consultant2-demo1")])
def test_is_off_until_it_is_switched_on(tab, width, user):
    opened = tab(user, width)
    page = opened.open("/account/")
    expect(page.locator("[data-desktop]")).to_be_visible()
    expect(page.locator(SWITCH)).not_to_be_checked()
    assert page.evaluate("window.asked") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.locator(SWITCH).click()
    expect(page.locator(SWITCH)).to_be_checked()
    assert page.evaluate("window.asked") == 1
    page.reload()
    expect(page.locator(SWITCH)).to_be_checked()
    page.locator(SWITCH).click()
    expect(page.locator(SWITCH)).not_to_be_checked()
    page.reload()
    expect(page.locator(SWITCH)).not_to_be_checked()
    assert opened.errors == []


def test_a_browser_that_refuses_says_so(tab):
    opened = tab("consultant1-demo1")
    page = opened.open("/account/")
    page.evaluate("sessionStorage.answer = 'denied'")
    page.locator(SWITCH).click()

    expect(page.locator(SWITCH)).to_be_disabled()
    expect(page.locator("[data-desktop]")).to_contain_text("مرورگر اجازه نمی‌دهد")


def news_of(page):
    """Answers of the server to a page that asks, beside the real popover; `change` makes something new."""
    state = {"mark": "1", "newest": "2000-01-01T00:00:00+00:00"}
    page.route(
        "**/notifications/news?*",
        lambda route: route.fulfill(status=200, content_type="application/json", body=json.dumps(state)),
    )
    return state


@pytest.mark.parametrize("is_on", [True, False])
def test_shows_what_the_bell_has_once_and_leads_there(tab, is_on):
    opened = tab("consultant1-demo1")
    page = opened.open("/account/")
    if is_on:
        page.locator(SWITCH).click()
        expect(page.locator(SWITCH)).to_be_checked()
    state = news_of(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    with page.expect_request("**/notifications/news?*"):
        page.evaluate(COVER, arg=False)
    page.locator("[data-menu=bell-menu]").click()
    unread = page.locator("#bell-menu [data-unread] a.notification-link")
    expect(unread.first).to_be_visible()
    texts = unread.all_inner_texts()
    page.keyboard.press("Escape")
    # In view, nothing is shown.
    state.update(mark="2", newest="2000-01-02T00:00:00+00:00")
    with page.expect_response("**/notifications/news?*"):
        page.evaluate(COVER, arg=False)
    assert page.evaluate("window.shown") == []

    page.evaluate(
        "Object.keys(localStorage).filter((key) => key.includes('seen')).forEach((key) => localStorage.removeItem(key))"
    )
    state.update(mark="3", newest="2000-01-03T00:00:00+00:00")
    asked.clear()
    page.evaluate("window.covered = true")
    page.evaluate("dispatchEvent(new Event('online'))")
    if not is_on:
        assert page.evaluate("window.shown") == []
        assert not any("/notifications/" in each for each in asked)
        return
    page.wait_for_function("() => window.shown.length > 0")
    assert sorted(each["title"] for each in page.evaluate("window.shown")) == sorted(texts)

    # The same ones are not shown again.
    count = len(texts)
    state.update(mark="4", newest="2000-01-04T00:00:00+00:00")
    with page.expect_response("**/notifications/latest"):
        page.evaluate("dispatchEvent(new Event('online'))")
    assert page.evaluate("window.shown.length") == count

    newest = page.evaluate("window.shown.at(-1)")
    page.evaluate("window.covered = false")
    with page.expect_request(f"**{newest['tag']}"):
        page.evaluate("window.last.dispatchEvent(new Event('click'))")
    page.wait_for_url(lambda url: not url.endswith("/account/"))
    assert opened.errors == []
