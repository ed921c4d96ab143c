"""The sandbox's phone in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.gateways.sms.base import Outgoing
from tests.support.sandbox import running_sandbox

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
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

    def opened(path, *, width=1280, scheme="light", csp=True):
        viewport = {"width": width, "height": 850}
        contexts.append(chromium.new_context(viewport=viewport, color_scheme=scheme, bypass_csp=not csp))
        page = contexts[-1].new_page()
        page.goto(f"http://{sandbox.host}/sandbox/{path}")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.parametrize("path", ["", NUMBER])
@pytest.mark.parametrize(
    ("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]
)
def test_the_phone_is_accessible_and_fits(open_phone, path, width, scheme):
    page = open_phone(path, width=width, scheme=scheme, csp=False)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    violations = Axe().run(page, options=WCAG).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in violations] == []


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
