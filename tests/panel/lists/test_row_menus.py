"""One menu for all rows of a kind, which says of each what its own would."""

import re
from types import SimpleNamespace

import pytest

from app.panel.lists.row_menus import RowMenus
from app.panel.view_models import ROW_KEY, MenuItem
from tests.factories import FollowUpFactory, member
from tests.support.pages import row_menus

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture
def rows():
    return [SimpleNamespace(id=key, kind=key % 2) for key in (1, 2, 11, 21, 12)]


def menu_of(row):
    return [MenuItem(str(row.kind), "eye", f"/things/show/{ROW_KEY}?of={row.kind}")]


def test_rows_of_a_kind_share_a_menu(rows):
    menus = RowMenus(lambda row: row.kind, menu_of)

    numbers = [menus.number_of(row) for row in rows]

    assert numbers == [0, 1, 0, 0, 1]
    assert len(menus.menus) == 2


def test_a_rows_menu_is_that_of_its_kind(rows):
    menus = RowMenus(lambda row: row.kind, menu_of)

    for row in rows:
        assert menus.menus[menus.number_of(row)] == menu_of(row)


def test_no_menu_of_a_section_names_a_row(app, session, login, manager, consultant):
    """A menu is shared by rows, so that a key in it would belong to another row."""
    FollowUpFactory(consultant_id=consultant.id)
    client = login(manager)
    for section in ("follow-ups", "customers", "orders", "products", "members"):
        page = client.get(f"/{section}/").text
        assert row_menus(page)
        for menu in row_menus(page):
            addresses = re.findall(r'<(?:a|button)[^>]*(?:href|data-post)="([^"]+)"', menu)
            assert addresses
            assert [each for each in addresses if re.search(r"/\d+", each) or ROW_KEY not in each] == []


def test_a_row_without_lines_has_no_menu(rows):
    assert RowMenus(lambda row: None, lambda row: []).number_of(rows[0]) is None


def test_oneself_and_others_have_different_menus(login, manager, organization):
    other = member("Consultant", organization, "other")

    page = login(manager).get("/members/").text

    menus = {
        key: page.partition(f'id="row-{key}"')[2].partition("data-row-menu=")[2][0]
        for key in (manager.id, other.id)
    }
    assert menus[manager.id] != menus[other.id]
    own = row_menus(page)[int(menus[manager.id])]
    assert "/members/password/" not in own
    assert "/members/password/__pk__" in page
