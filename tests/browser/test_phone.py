"""The sandbox's phone in a real browser."""

import itertools

import pytest
from playwright.sync_api import expect

from app.gateways.sms.base import Outgoing
from tests.support.accessibility import broken_rules, turn
from tests.support.sandbox import running_sandbox

NUMBER = "?number=09121234567"


@pytest.fixture
def sandbox(tmp_path):
    with running_sandbox(tmp_path) as running:
        running.provider().send([Outgoing(n, f"+98912123456{n}", "سلام، سفارش شما رسید.") for n in range(8)])
        running.post("inbound", **{"from": "09121234567", "message": "ممنون"})
        running.post("mails", to="a@b.ir", subject="سلام", text="https://example.com/" + "a" * 200)
        running.control(silent=0.05)
        yield running


@pytest.fixture
def open_phone(sandbox, chromium):
    contexts = []

    def opened(path, *, width=1280, csp=True):
        viewport = {"width": width, "height": 850}
        contexts.append(chromium.new_context(viewport=viewport, bypass_csp=not csp))
        page = contexts[-1].new_page()
        page.goto(f"http://{sandbox.host}/sandbox/{path}")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("path", ["", NUMBER])
def test_the_phone_is_accessible_and_fits(open_phone, path):
    page = open_phone(path, csp=False)

    found = {}
    for look in itertools.product((1280, 390), ("light", "dark")):
        turn(page, *look)
        found[look] = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in broken_rules(page)]
        if page.evaluate("document.documentElement.scrollWidth") > look[0]:
            found[look].append("scrolls sideways")

    assert {look: wrong for look, wrong in found.items() if wrong} == {}


def test_what_arrives_is_shown_by_itself_and_what_is_being_written_stays(sandbox, open_phone):
    page = open_phone(NUMBER)
    page.fill("#reply", "دارم می‌نویسم")

    sandbox.provider().send([Outgoing(99, "+989121234567", "<b>پیام تازه</b>")])

    expect(page.get_by_text("<b>پیام تازه</b>")).to_be_visible()
    assert page.input_value("#reply") == "دارم می‌نویسم"


def test_people_answer_by_a_click(sandbox, open_phone):
    page = open_phone(NUMBER)

    page.get_by_role("button", name="۱۱").click()

    expect(page.locator(".bubble--ours").last).to_contain_text("11")
    assert sandbox.get("inbound")[-1]["message"] == "11"
