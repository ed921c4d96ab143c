"""A file goes in by mouse: chosen, understood, previewed, queued."""

import pytest

from tests.support.accessibility import ALL_RULES, broken_rules, wait_until_settled

TEXT = "موبایل,کالا,تاریخ\n09121234567,P-101,1405/06/01\nندارد,P-101,1405/06/01\n"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_a_file_is_imported_in_four_steps(open_tab, width, scheme):
    tab = open_tab("manager-demo1", width=width, scheme=scheme, csp=False)
    page = tab.open("/imports/add")
    file = {"name": "orders.csv", "mimeType": "text/csv", "buffer": f"{TEXT}{width}".encode()}
    wrong = []

    page.set_input_files("input[type=file]", file)
    for step in ("**/show/*", "**/preview/*", "**/show/*"):
        page.click("main .form-bar .btn-primary")
        page.wait_for_url(step)
        wait_until_settled(page)
        wrong += broken_rules(page, options=ALL_RULES)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator(".form-bar .btn").evaluate_all(
            "(all) => all.every((b) => b.scrollWidth <= b.clientWidth)"
        )

    assert page.locator("#progress[hx-get]").count() == 1
    assert wrong == []
    assert tab.errors == []
