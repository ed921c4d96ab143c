"""What opens over a page of the panel: dialogs, menus and panels, each with the steps that open it."""

from collections.abc import Callable

from playwright.sync_api import Page


def _result(page: Page) -> None:
    page.locator("#list a.row-link").first.click()
    page.locator("form[data-result]").wait_for()


def _sale(page: Page) -> None:
    _result(page)
    page.locator("[name=result_title][data-won]").click()


def _suggestion(page: Page) -> None:
    _result(page)
    page.locator("[name=result_title][data-suggests]").first.click()
    page.locator("[data-proposal]:not([hidden])").wait_for()


def _history(page: Page) -> None:
    page.locator("#list tr[data-colour] a.row-link").first.click()
    page.locator("#history > summary").click()


def _meanwhile(page: Page) -> None:
    _history(page)
    page.locator("[name=result_title][data-suggests]").first.click()
    page.locator("form[data-result] [name=version]").evaluate("field => (field.value = '999')")
    page.locator("form[data-result] [name=seen]").evaluate("field => (field.value = '0')")
    page.locator("[data-main-submit]").click()
    page.locator(".panel-changed").wait_for()


def _order(page: Page) -> None:
    page.goto(page.url.split("/follow-ups/")[0] + "/result-titles/")
    if page.locator("[data-page-menu]").is_visible():  # a phone has the acts of the list in a menu
        page.locator("[data-page-menu]").click()
    page.locator("a[href$='/order'][data-dialog]:visible").first.click()
    page.locator("#dialog [data-ordered]").first.wait_for()


def _support(page: Page) -> None:
    page.goto(page.url.split("/follow-ups/")[0] + "/support/?tab=all")


def _support_choices(page: Page) -> None:
    _support(page)
    page.locator("#list button.chip").nth(1).click()
    page.locator(".menu.choices").wait_for()


def _support_panel(page: Page) -> None:
    _support(page)
    page.locator("#list tr[data-colour] a.row-link").first.click()
    page.locator("form[data-result]").wait_for()


def _choices(page: Page) -> None:
    page.locator("#list button.chip").first.click()
    page.locator(".menu.choices").wait_for()


def _refusal(page: Page) -> None:
    _result(page)
    page.locator("[data-main-submit]").click()
    page.locator(".error-summary").wait_for()


def _calendar(page: Page) -> None:
    _result(page)
    page.locator("#panel j-date button").first.click()


def _menu(page: Page) -> None:
    page.locator("[data-row-menu]").first.click()


def _filter_fields(page: Page) -> None:
    page.locator("#filter-button").click()
    page.locator("#filter-popover .menu-item").first.wait_for()


def _filter_values(page: Page, field: str) -> None:
    _filter_fields(page)
    page.locator(f"#filter-popover a[href$='field={field}']").click()
    page.locator(f"#filter-popover [data-field='{field}']").wait_for()


def _filter_choice(page: Page) -> None:
    _filter_values(page, "last_result")


def _filter_date(page: Page) -> None:
    _filter_values(page, "next_at")


def _filter_number(page: Page) -> None:
    _filter_values(page, "attempts")


def _filter_text(page: Page) -> None:
    _filter_values(page, "customer.city")


def _choose_rows(page: Page) -> None:
    """Shows the checkboxes, which a phone has on demand; ticks the first."""
    tick = page.locator("#list [name=rowid]").first
    if tick.is_visible():
        tick.check()
    else:
        _menu(page)
        page.locator("[data-choose]").click()


def _deletion(page: Page) -> None:
    _choose_rows(page)
    for number in range(1, 5):
        page.locator("#list [name=rowid]").nth(number).check()
    page.locator("#bulk-bar button[value=remove]").click()
    page.locator("#dialog [type=submit]").wait_for()


def _bulk(page: Page) -> None:
    _choose_rows(page)
    page.locator("#bulk-bar button[value=reassign]").click()
    page.locator("#dialog [type=submit]").wait_for()


def _decision(page: Page) -> None:
    page.goto(page.url.split("/follow-ups/")[0] + "/repeated-orders/")
    page.locator("button[data-act=attach]:not([aria-disabled=true])").first.click()
    page.locator("#act-popover [type=submit]").wait_for()


def _keys(page: Page) -> None:
    page.keyboard.press("Shift+Slash")
    page.locator("#help").wait_for()


def _bell(page: Page) -> None:
    page.locator("[data-menu=bell-menu]").click()
    page.locator("#bell-menu .notifications, #bell-menu .bell-nothing").first.wait_for()


def _today(page: Page) -> None:
    page.keyboard.press("KeyT")
    page.locator("#checkbox-menu .today, #checkbox-menu .bell-nothing").first.wait_for()


def _task(page: Page) -> None:
    page.locator("#list tr[data-pk]").first.locator("[data-row-menu]").click()
    page.get_by_role("menuitem", name="ساخت وظیفه").click()
    page.locator("#dialog [type=submit]").wait_for()


# What opens over the list of follow-ups, by name.
OPENINGS: dict[str, Callable[[Page], None]] = {
    "result": _result,
    "sale": _sale,
    "suggestion": _suggestion,
    "history": _history,
    "meanwhile": _meanwhile,
    "order": _order,
    "choices": _choices,
    "support-choices": _support_choices,
    "support-panel": _support_panel,
    "refusal": _refusal,
    "calendar": _calendar,
    "menu": _menu,
    "bulk": _bulk,
    "ticked": _choose_rows,
    "deletion": _deletion,
    "filter-fields": _filter_fields,
    "filter-choice": _filter_choice,
    "filter-date": _filter_date,
    "filter-number": _filter_number,
    "filter-text": _filter_text,
    "decision": _decision,
    "keys": _keys,
    "bell": _bell,
    "today": _today,
    "task": _task,
}
