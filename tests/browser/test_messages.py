"""Messages in two browsers at once, messages that are not sent, drafts, keys, files and phones."""

import re

import pytest
from playwright.sync_api import expect

MANAGER, CONSULTANT = "manager-demo1", "consultant1-demo1"
TALK = "/messages/show/6"  # of the manager with the first consultant
LINES = ".talk-line[data-message]"
# What the browser does when a user comes back to the page: it asks at once.
HAS_ASKED = """() => performance.getEntriesByType("resource")
  .some(each => each.name.includes("/notifications/news"))"""
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"


def ask_now(page):
    """Let the page ask for news; it begins to ask a few seconds after it was opened."""
    page.wait_for_function(HAS_ASKED)
    page.evaluate(LOOK)


def say(page, text):
    page.locator(".composer textarea").fill(text)
    page.keyboard.press("Control+Enter")


@pytest.fixture
def both(open_tab):
    """The manager and the consultant, each with their conversation open."""
    return [open_tab(user).open(TALK) for user in (MANAGER, CONSULTANT)]


def test_a_message_that_one_sends_appears_at_the_other_and_is_seen(both):
    one, other = both
    say(one, "جلسه به ساعت ۱۰ افتاد.")
    mine = one.locator(f"{LINES}[data-own]").last
    expect(mine).to_contain_text("جلسه به ساعت ۱۰ افتاد.")
    expect(one.locator(".composer textarea")).to_have_value("")

    ask_now(other)
    theirs = other.locator(LINES).last
    expect(theirs).to_contain_text("جلسه به ساعت ۱۰ افتاد.")
    expect(theirs).not_to_have_attribute("data-own", "")

    ask_now(one)
    expect(mine).to_contain_text("دیده شد")


def test_a_message_raises_the_numbers_on_another_page(open_tab):
    sender, page = open_tab(MANAGER).open("/messages/show/3"), open_tab("support-demo1").open("/account/")
    number = page.locator(".sidebar [data-count='/messages/']")
    page.wait_for_function(HAS_ASKED)
    before = page.locator("[data-bell] [data-count=notifications]").inner_text()
    say(sender, "برای همه")
    expect(sender.locator("[data-waiting]")).to_have_count(0)

    page.evaluate(LOOK)
    expect(number).not_to_be_empty()
    assert page.locator("[data-bell] [data-count=notifications]").inner_text() >= before


def test_a_message_that_is_not_sent_stays_and_is_sent_once(open_tab):
    page = open_tab(CONSULTANT).open(TALK)
    page.route("**/answer", lambda route: route.abort())
    say(page, "این پیام گم نشود")
    failed = page.locator("[data-failed]")
    expect(failed).to_contain_text("فرستاده نشد.")
    expect(failed).to_contain_text("این پیام گم نشود")

    page.unroute("**/answer")
    failed.get_by_role("button", name="دوباره؟").click()
    expect(page.locator("[data-failed], [data-waiting]")).to_have_count(0)
    expect(page.locator(LINES, has_text="این پیام گم نشود")).to_have_count(1)


def test_a_text_that_is_too_long_comes_back_with_its_error(open_tab):
    page = open_tab(CONSULTANT).open(TALK)
    text = "بلند " * 1001
    say(page, text)
    expect(page.locator(".composer .field-error")).to_contain_text("۵٬۰۰۰")
    expect(page.locator(".composer textarea")).to_have_value(re.compile("^بلند"))
    expect(page.locator("[data-waiting]")).to_have_count(0)
    page.locator(".composer textarea").fill("")


def test_a_draft_waits_in_its_conversation(open_tab):
    page = open_tab(CONSULTANT).open(TALK)
    page.locator(".composer textarea").fill("ناتمام")
    page.locator(".thread[href*='/show/4']").click()
    page.wait_for_url("**/messages/show/4*")
    expect(page.locator(".composer textarea")).to_have_value("")

    page.locator(".thread[href*='/show/6']").click()
    page.wait_for_url("**/messages/show/6*")
    expect(page.locator(".composer textarea")).to_have_value("ناتمام")
    page.get_by_role("button", name="دور انداختن").click()


def test_the_session_may_end_while_one_types(open_tab):
    page = open_tab(CONSULTANT).open(TALK)
    page.locator(".composer textarea").fill("پیش از خروج")
    page.route("**/answer", lambda route: route.fulfill(status=401))
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state("load")
    expect(page.locator(".composer textarea")).to_have_value("پیش از خروج")
    page.get_by_role("button", name="دور انداختن").click()


def test_files_are_dropped_sent_and_shown(open_tab):
    page = open_tab(CONSULTANT).open(TALK)
    page.locator(".composer input[type=file]").set_input_files(
        [{"name": "یادداشت.txt", "mimeType": "text/plain", "buffer": "سلام".encode()}]
    )
    expect(page.locator(".composer .drop-file")).to_contain_text("یادداشت.txt")
    page.locator(".composer [type=submit]").click()
    expect(page.locator(f"{LINES}[data-own]").last.locator(".file-link")).to_contain_text("یادداشت.txt")
    expect(page.locator(".composer .drop-file")).to_have_count(0)


def test_keys_walk_open_answer_and_leave(open_tab):
    page = open_tab(CONSULTANT).open("/messages/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    first = page.locator(".thread").nth(1)
    expect(first).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/messages/show/*")
    expect(page.locator(".thread").first).to_have_attribute("aria-current", "true")

    page.keyboard.press("r")
    expect(page.locator(".composer textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".thread[aria-current]")).to_be_focused()


def test_closing_asks_once_and_is_undone(open_tab):
    page = open_tab(MANAGER).open("/messages/show/1")
    page.get_by_role("button", name="بستن پیام").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("این گفتگو بسته شود؟")
    dialog.get_by_role("button", name="بستن پیام").click()
    expect(page.locator(".talk-closed")).to_contain_text("این گفتگو را شما بستید.")
    notice, button = page.locator("#toasts .notice"), page.get_by_role("button", name="باز کردن دوباره")
    expect(notice).to_be_visible()
    box = notice.bounding_box()
    assert box["y"] + box["height"] <= button.bounding_box()["y"]
    button.click()
    expect(page.locator(".composer")).to_be_visible()


def test_a_new_message_goes_to_several_members(open_tab):
    page = open_tab(CONSULTANT).open("/messages/")
    page.keyboard.press("n")
    form = page.locator("#dialog form")
    for name in ("امیر", "مینا"):
        form.locator(".ts-control input").fill(name)
        page.locator(".ts-dropdown .option", has_text=name).click()
    form.locator("[name=text]").fill("به هر دو نفر")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/messages/show/*")
    expect(page.locator(".talk-head")).to_contain_text("امیر حسینی")
    expect(page.locator(LINES)).to_contain_text(["به هر دو نفر"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_list_or_conversation_fill_the_screen(open_tab, scheme):
    page = open_tab(CONSULTANT, width=390, scheme=scheme).open("/messages/")
    expect(page.locator(".talk")).to_be_hidden()
    page.locator(".thread").first.click()
    page.wait_for_url("**/messages/show/*")
    expect(page.locator(".inbox-list")).to_be_hidden()

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    composer, bar = page.locator(".composer").bounding_box(), page.locator(".bottom-bar").bounding_box()
    assert composer["y"] + composer["height"] <= bar["y"] + 1
    page.locator(".talk-back").click()
    page.wait_for_url(lambda url: url.endswith("/messages/"))
    expect(page.locator(".inbox-list")).to_be_visible()


def test_a_database_that_is_away_is_told_once(open_tab):
    page = open_tab(CONSULTANT).open(TALK)
    page.route("**/notifications/news*", lambda route: route.fulfill(status=503))
    page.wait_for_function(HAS_ASKED)
    for _ in range(3):
        with page.expect_response("**/notifications/news*"):
            page.evaluate(LOOK)
    expect(page.locator("#toasts .notice")).to_have_count(1)
    expect(page.locator("#toasts .notice")).to_contain_text("ارتباط با سامانه قطع است")

    page.unroute("**/notifications/news*")
    with page.expect_response(lambda answer: "/notifications/news" in answer.url and answer.ok):
        page.evaluate(LOOK)


def test_a_hidden_page_does_not_ask(open_tab):
    tab = open_tab(CONSULTANT)
    page = tab.open(TALK)
    page.wait_for_function(HAS_ASKED)
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    tab.requests.clear()
    page.evaluate(LOOK)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.locator(".talk-body").focus()
    assert [each.url for each in tab.requests if "/news" in each.url] == []
