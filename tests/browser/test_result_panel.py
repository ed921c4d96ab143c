"""The side panel in use: two acts for a result, keys alone, the list beside it, focus after each act, undo, phones."""

import re

import pytest
from playwright.sync_api import expect

ACTIVE = """() => {
  const element = document.activeElement;
  return {tag: element.tagName, closes: element.matches("[data-close]"), pk: element.closest("tr[data-pk]")?.dataset.pk ?? null};
}"""


@pytest.fixture
def open_list(open_tab):
    tabs = []

    def opened(path="/follow-ups/?tab=all&f_status=waiting", **kind):
        tab = open_tab("consultant2-demo1", **kind)
        tabs.append(tab)
        return tab.open(path)

    yield opened
    # A browser reports each refusal of a form as an error of the network.
    assert [line for tab in tabs for line in tab.errors if not re.search("4(09|22)", line)] == []


def rows(page):
    return page.locator("#list tr[data-pk]")


def form(page):
    return page.locator("#panel form[data-result]")


def open_first(page):
    rows(page).first.locator("a.row-link").click()
    expect(form(page)).to_be_visible()


def press_title(page, words):
    titles = page.locator("#panel .swatch").all_inner_texts()
    page.keyboard.press(f"Digit{next(n for n, title in enumerate(titles, start=1) if words in title)}")


def name_of(page, number):
    return rows(page).nth(number).locator("a.row-link").inner_text()


def keys_of(page):
    return rows(page).evaluate_all("rows => rows.map(row => row.dataset.pk)")


@pytest.mark.parametrize("title", ["تماس مجدد", "پاسخ نداد"])
def test_the_two_commonest_results_take_two_acts(open_list, title):
    page = open_list()

    open_first(page)  # The first act.
    press_title(page, title)  # The second.

    expect(page.locator("#panel [name=next_at]")).to_have_value(re.compile(r"^۱۴\d\d|^۱۴"))
    expect(page.locator("#panel [data-proposal]")).to_have_text(f"پیشنهادِ «{title}»")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#toasts")).to_contain_text("ثبت شد")


def test_a_typed_time_stays_and_the_proposal_is_no_longer_named(open_list):
    page = open_list()
    open_first(page)
    press_title(page, "پاسخ نداد")
    proposed = page.locator("#panel [name=next_at]").input_value()
    expect(page.locator("#panel [data-quick='hours:3']")).to_have_attribute("aria-pressed", "true")

    press_title(page, "تماس مجدد")
    expect(page.locator("#panel [name=next_at]")).not_to_have_value(proposed)
    page.locator("#panel [data-quick='days:7']").click()
    expect(page.locator("#panel [data-proposal]")).to_be_hidden()
    typed = page.locator("#panel [name=next_at]").input_value()
    page.locator("#panel legend").first.click()
    page.locator("#panel [name=result_title]").nth(1).check(force=True)

    expect(page.locator("#panel [name=next_at]")).to_have_value(typed)


def test_a_whole_result_by_keys_alone(open_list):
    page = open_list()
    keys = keys_of(page)

    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate(ACTIVE)["pk"] == keys[1]
    page.keyboard.press("Enter")
    expect(form(page)).to_be_visible()
    expect(page.locator("#panel [name=result_title]").first).to_be_focused()
    press_title(page, "پاسخ نداد")
    page.keyboard.press("Tab")
    page.keyboard.type("اشغال بود")
    page.keyboard.press("Control+Enter")

    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator(f"#row-{keys[2]} a.row-link")).to_be_focused()
    expect(page.locator(f"#row-{keys[2]}")).to_have_class(re.compile("is-marked"))
    page.keyboard.press("j")
    assert page.evaluate(ACTIVE)["pk"] == keys[3]


def test_the_list_stays_in_use_beside_the_panel(open_list):
    page = open_list("/follow-ups/?tab=all")
    open_first(page)

    assert not page.locator("#panel").evaluate("panel => panel.matches(':modal')")
    assert page.locator("#panel").bounding_box()["width"] == pytest.approx(480, abs=1)
    rows(page).nth(3).locator("td").nth(1).click()
    expect(page.locator("#panel-title")).to_have_text(name_of(page, 3))
    expect(rows(page).nth(3)).to_have_class(re.compile("is-open"))
    page.mouse.move(800, 400)
    page.mouse.wheel(0, 2000)
    expect(rows(page).first).not_to_be_in_viewport()


def test_j_and_k_move_the_panel(open_list):
    page = open_list()
    count = rows(page).count()
    open_first(page)
    expect(page.locator("#panel [data-place]")).to_have_text(re.compile("^۱ از "))
    expect(page.locator("#panel [aria-keyshortcuts=K]")).to_be_disabled()

    page.keyboard.press("j")
    expect(page.locator("#panel-title")).to_have_text(name_of(page, 1))
    expect(page.locator("#panel [name=result_title]").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#panel-title")).to_have_text(name_of(page, 2))
    page.locator("#panel [aria-keyshortcuts=K]").click()
    expect(page.locator("#panel-title")).to_have_text(name_of(page, 1))
    expect(page.locator("#panel [data-place]")).to_have_text(re.compile("^۲ از "))

    page.locator("#panel [name=note]").press_sequentially("jk")
    expect(page.locator("#panel-title")).to_have_text(name_of(page, 1))
    assert rows(page).count() == count


def test_a_question_is_asked_only_when_something_was_typed(open_list):
    page = open_list()
    key = keys_of(page)[0]
    open_first(page)
    press_title(page, "پاسخ نداد")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator(f"#row-{key} a.row-link")).to_be_focused()

    open_first(page)
    page.locator("#panel [name=note]").fill("نیمه‌کاره")
    page.keyboard.press("Escape")
    question = page.locator("dialog:modal")
    expect(question).to_contain_text("یادداشت شما هنوز ثبت نشده است. پنل بسته شود؟")
    page.keyboard.press("Escape")
    expect(page.locator("#panel [name=note]")).to_have_value("نیمه‌کاره")
    rows(page).nth(2).locator("a.row-link").click()
    question.get_by_role("button", name="رها کردن تغییرات").click()
    expect(page.locator("#panel-title")).to_have_text(name_of(page, 2))


def test_in_new_rows_saving_goes_on_to_the_next(open_list):
    page = open_list("/follow-ups/?tab=new")
    second = name_of(page, 1)
    open_first(page)
    expect(page.locator("#panel [data-main-submit]")).to_have_text("ثبت و بعدی")
    press_title(page, "پاسخ نداد")

    page.keyboard.press("Control+Enter")

    expect(page.locator("#panel-title")).to_have_text(second)
    expect(page.locator("#panel [name=result_title]:checked")).to_have_count(0)
    expect(page.locator("#panel [name=result_title]").first).to_be_focused()
    expect(rows(page).first.locator("a.row-link")).to_have_text(second)


def test_a_result_is_taken_back_from_the_toast(open_list):
    page = open_list("/follow-ups/?tab=new")
    key, count = keys_of(page)[0], rows(page).count()
    open_first(page)
    press_title(page, "شماره اشتباه")
    page.locator("#panel").get_by_role("button", name="ثبت", exact=True).click()
    expect(page.locator(f"#row-{key}")).to_have_count(0)

    page.locator("#toasts").get_by_role("button", name="بازگردانی").click()

    expect(page.locator("#toasts")).to_contain_text("بازگردانده شد")
    expect(page.locator(f"#row-{key}")).to_have_count(1)
    expect(rows(page)).to_have_count(count)


def test_two_windows_two_results_are_asked_once(open_list):
    first, second = open_list(), open_list()
    for page in (first, second):
        open_first(page)
        press_title(page, "پاسخ نداد")
    second.locator("#panel [name=note]").fill("از پنجرهٔ دوم")
    first.keyboard.press("Control+Enter")
    expect(first.locator("#toasts")).to_contain_text("ثبت شد")

    second.keyboard.press("Control+Enter")

    asked = second.locator("#panel .panel-changed")
    expect(asked).to_contain_text("شما")
    expect(asked.get_by_role("button", name="ثبت با این حال")).to_be_focused()
    expect(second.locator("#panel [name=note]")).to_have_value("از پنجرهٔ دوم")
    second.keyboard.press("Enter")
    expect(second.locator("#toasts")).to_contain_text("ثبت شد")


def test_keys_of_the_panel_call_and_write(open_list):
    page = open_list()
    open_first(page)
    call = page.locator("#panel [aria-keyshortcuts=C]")
    assert re.fullmatch(r"tel:\+989\d{9}", call.get_attribute("href"))
    call.evaluate(
        "link => link.addEventListener('click', event => { event.preventDefault(); window.called = true; })"
    )

    page.keyboard.press("c")
    assert page.evaluate("window.called")
    page.keyboard.press("s")
    expect(page.locator("#dialog form").first).to_be_visible()
    assert not page.evaluate(ACTIVE)["closes"]
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#panel")).to_be_visible()
    assert page.evaluate(ACTIVE)["tag"] != "BODY"


@pytest.mark.parametrize("link", ["a[href*='/table']", "a[href*='/views']"])
def test_a_dialog_begins_on_its_first_field(open_list, link):
    page = open_list()
    page.locator(f"#list {link}").first.click()
    page.locator("#dialog .overlay-body").wait_for()

    active = page.evaluate(ACTIVE)
    assert not active["closes"]
    assert active["tag"] != "BODY"
    assert page.evaluate("document.activeElement.closest('#dialog') !== null")


def test_on_a_phone_the_panel_covers_the_page(open_list):
    page = open_list(width=390)
    open_first(page)

    assert page.locator("#panel").evaluate("panel => panel.matches(':modal')")
    assert page.locator("#panel").bounding_box()["width"] == 390
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    expect(page.locator("#panel kbd").first).to_be_hidden()
    small = page.locator("#panel").evaluate(
        """panel => [...panel.querySelectorAll(".swatch, .btn, .quick-choices button")]
             .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 44)
             .map(each => each.outerHTML)"""
    )
    assert small == []
    page.locator("#panel .swatch", has_text="پاسخ نداد").click()
    page.locator("#panel").get_by_role("button", name="ثبت", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("ثبت شد")
    expect(page.locator("#panel")).to_be_hidden()
    assert page.evaluate(ACTIVE)["tag"] != "BODY"


def test_titles_are_arranged_by_keys_and_by_dragging(open_tab):
    page = open_tab("manager-demo1").open("/result-titles/")
    page.locator("a[href$='/result-titles/order']").click()
    lines = page.locator("#dialog [data-ordered]").first.locator("li")
    expect(lines.first).to_be_focused()
    names = lines.all_inner_texts()

    page.keyboard.press("ArrowDown")
    expect(lines.nth(1)).to_be_focused()
    assert lines.all_inner_texts()[:2] == [names[1], names[0]]
    page.keyboard.press("ArrowUp")
    lines.nth(2).drag_to(lines.nth(0), target_position={"x": 200, "y": 4})
    assert lines.all_inner_texts()[0] == names[2]
    page.locator("#dialog [data-main-submit]").click()

    expect(page.locator("#toasts")).to_contain_text("ترتیب ذخیره شد")
    expect(rows(page).first).to_contain_text(names[2].strip())
    page.locator("a[href$='/result-titles/order']").click()
    lines.nth(0).drag_to(lines.nth(2), target_position={"x": 200, "y": 36})
    page.locator("#dialog [data-main-submit]").click()
    expect(rows(page).first).to_contain_text(names[0].strip())
