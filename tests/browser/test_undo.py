"""The undo of an act by keys alone, from the toast, and that a screen reader hears of it."""

from playwright.sync_api import expect


def test_an_assignment_from_the_list_of_orders_comes_back_by_the_keyboard(open_tab):
    page = open_tab("manager-demo1").open("/orders/?tab=all&f_status=assigned")
    first = page.locator("#list tr[data-pk]").first
    cells = first.inner_text()
    consultant = "امیر حسینی" if "امیر حسینی" in cells else "سارا محمدی"
    other = "سارا محمدی" if consultant == "امیر حسینی" else "امیر حسینی"
    first.locator("[name=rowid]").check()
    page.locator("#bulk-bar button[value=reassign]").click()
    page.locator("#dialog [name=member], #dialog [role=combobox]").first.wait_for()
    choose(page, other)
    page.locator("#dialog [type=submit]").click()
    expect(page.locator("#toasts .notice")).to_contain_text(f"۱ پیگیری به {other} داده شد")
    expect(page.locator("#list tr[data-pk]").first).to_contain_text(other)
    expect(page.locator("#toasts")).to_have_attribute("aria-live", "polite")
    button = page.get_by_role("button", name="بازگردانی")
    expect(button).to_have_attribute("aria-keyshortcuts", "Control+Z")

    # In a text field the keys belong to the text.
    page.locator("#list [type=search]").press("Control+z")
    expect(button).to_be_visible()
    page.locator("#list tr[data-pk] a.row-link").first.press("Control+z")

    expect(page.locator("#toasts .notice")).to_contain_text("۱ انتساب بازگردانده شد")
    expect(page.locator("#list tr[data-pk]").first).to_contain_text(consultant)


def choose(page, name):
    """The member *name* in the field of the dialog, found by typing."""
    field = page.locator("#dialog .ts-control input, #dialog [role=combobox]").first
    field.click()
    field.press_sequentially(name[:4])
    page.locator("#dialog [role=option]", has_text=name).first.click()
