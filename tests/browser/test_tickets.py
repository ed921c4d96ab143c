"""Tickets in a browser: a member asks, an operator answers, and the steps of the first day fold."""

from playwright.sync_api import expect

from tests.support.screens import CONSULTANT, OPERATOR


def test_a_member_asks_and_an_operator_answers(open_tab):
    asking, serving = open_tab(CONSULTANT), open_tab(OPERATOR)
    page = asking.open("/messages/")
    page.get_by_role("link", name="تیکت به پشتیبان").click()
    page.get_by_label("موضوع").fill("رنگ نتیجه دیده نمی‌شود")
    page.get_by_label("متن پیام").fill("در فهرست پیگیری‌ها رنگ‌ها یکی است.")
    page.get_by_text("نشانی صفحه‌ای").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".talk-line p")).to_have_text("در فهرست پیگیری‌ها رنگ‌ها یکی است.")

    desk = serving.open("/tickets/?tab=unassigned")
    desk.get_by_role("link", name="رنگ نتیجه دیده نمی‌شود").click()
    expect(desk.locator(".ticket-about").first).to_have_text("/messages/")
    desk.get_by_label("پشتیبان سامانه", exact=True).select_option(label="پشتیبان سامانه")
    desk.get_by_role("button", name="انتساب").click()
    expect(desk.locator("#toasts")).to_contain_text("تیکت واگذار شد.")
    desk.locator("#composer textarea").fill("فردا درست می‌شود.")
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".talk-line[data-own] p")).to_have_text("فردا درست می‌شود.")
    desk.get_by_label("یادداشت داخلی", exact=True).fill("به گروه طراحی گفته شد")
    desk.get_by_role("button", name="افزودن یادداشت").click()
    expect(desk.locator(".ticket-note")).to_contain_text("به گروه طراحی گفته شد")

    page = asking.open(page.url.removeprefix(asking.base))
    expect(page.locator(".talk-line").last).to_contain_text("فردا درست می‌شود.")
    expect(page.locator("body")).not_to_contain_text("گروه طراحی")
    assert asking.errors == serving.errors == []


def test_the_list_of_messages_opens_a_ticket_beside_it(open_tab):
    tab = open_tab("manager-demo1")
    page = tab.open("/messages/")
    page.locator(".thread", has_text="خط پیامک وصل نمی‌شود").click()

    expect(page.locator("#talk h2")).to_have_text("خط پیامک وصل نمی‌شود")
    expect(page.locator(".inbox-list")).to_be_visible()
    assert tab.errors == []
