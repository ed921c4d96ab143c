"""Empty lists: the section's own sentence as the heading, one reason, and one act that this member may do."""

import re

import pytest

import views
from app.lib.discover import import_all
from app.panel.section import Section
from tests.factories import OrderFactory, ProductFactory, member

import_all(views)

# Children have no list.
SECTIONS = [
    section
    for section in Section.registry
    if section.__module__.startswith("views.") and section.only_in is None
]
NOTHING = re.compile(r'<div class="nothing">(.*?)</div>', re.DOTALL)


def state_of(page):
    """The heading, the reason and the links of the empty state of *page*."""
    html = NOTHING.search(page)[1]
    links = re.findall(r'<a class="btn[^"]*" href="([^"]*)"[^>]*>([^<]*)</a>', html)
    hint = re.search(r"<p>(.*?)</p>", html)
    return (
        re.search(r"<h2>(.*?)</h2>", html)[1],
        hint and hint[1],
        [(text, url.replace("&amp;", "&")) for url, text in links],
    )


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.slug)
def test_every_section_has_a_heading_and_a_reason_of_its_own(section):
    others = [each for each in SECTIONS if each is not section]

    assert section.empty
    assert section.empty_hint
    assert section.empty not in [each.empty for each in others]
    assert not str(section.empty).endswith(".")
    assert all(tab.empty_hint for tab in section.tabs if tab.empty)


class TestAnEmptyList:
    def test_offers_the_act_of_who_may_do_it(self, login, organization, manager):
        title, hint, links = state_of(login(manager).get("/sms-templates/").text)

        assert title == "هنوز عنوان پیامکی تعریف نشده است"
        assert hint
        assert [url for _text, url in links] == ["/sms-templates/add"]

    def test_offers_nothing_to_who_may_only_read(self, login, organization, consultant):
        title, hint, links = state_of(login(consultant).get("/sms-templates/").text)

        assert title == "هنوز عنوان پیامکی تعریف نشده است"
        assert hint
        assert links == []

    def test_says_in_a_tab_why_this_tab_is_empty(self, login, manager):
        title, hint, links = state_of(login(manager).get("/orders/?tab=waiting").text)

        assert title == "همهٔ سفارشات مشاور دارند"
        assert hint == "سفارش بی‌مشاور اینجا منتظر انتساب می‌ماند."
        assert links == []

    def test_on_the_page_of_a_row_has_the_sentence_of_its_section_and_no_act(self, login, manager):
        key = ProductFactory().id
        title, _hint, links = state_of(login(manager).get(f"/products/show/{key}?tab=orders").text)

        assert title == "هنوز سفارشی ثبت نشده است"
        assert links == []

    @pytest.mark.parametrize(
        ("address", "title"),
        [("/jobs/", "هنوز کاری در پس‌زمینه نداشته‌اید"), ("/exports/", "هنوز فایلی نساخته‌اید")],
    )
    def test_of_background_work_and_of_exports_differ(self, login, manager, address, title):
        assert state_of(login(manager).get(address).text)[0] == title

    def test_of_the_trash_names_what_is_not_there(self, login, session, organization):
        person = member("Manager", organization)

        assert state_of(login(person).get("/trash/?tab=orders").text)[0] == "سفارش حذف‌شده‌ای در سطل نیست"


class TestAListThatIsFilteredEmpty:
    def test_offers_to_clear_the_filters_and_stays_in_its_tab(self, login, manager):
        OrderFactory()
        page = login(manager).get("/orders/?tab=waiting&q=هیچ&f_status=lost&sort=ordered_at").text

        _title, _hint, links = state_of(page)

        assert links == [("پاک کردن فیلترها", "/orders/?tab=waiting&sort=ordered_at")]
        assert "filter-line" in page

    def test_offers_to_clear_the_search_where_it_is_alone(self, login, manager):
        OrderFactory()

        _title, _hint, links = state_of(login(manager).get("/orders/?q=هیچ‌کس").text)

        assert links == [("پاک کردن جستجو", "/orders/")]

    def test_offers_it_to_who_may_only_read(self, login, session, organization, manager):
        ProductFactory()
        agent = login(member("SupportAgent", organization))

        assert state_of(agent.get("/products/?f_code=none").text)[2] == [("پاک کردن فیلترها", "/products/")]
