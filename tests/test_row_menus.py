"""One menu for all rows of a kind, which says of each what its own would."""

from types import SimpleNamespace

import pytest

from app.panel.listing import MenuItem
from app.panel.row_menus import MARK, RowMenus
from tests.factories import member

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture
def rows():
    return [SimpleNamespace(id=key, kind=key % 2) for key in (1, 2, 11, 21, 12)]


def menu_of(row):
    urls = [f"/things/{row.id}", f"/things/{row.id}/panel#x", f"/things/show/{row.id}?of=1", "/things/1x/"]
    return [MenuItem(str(row.kind), "eye", url) for url in urls]


def test_rows_of_a_kind_share_a_menu(rows):
    menus = RowMenus(lambda row: row.kind, menu_of)

    numbers = [menus.number_of(row) for row in rows]

    assert numbers == [0, 1, 0, 0, 1]
    assert len(menus.menus) == 2


def test_with_each_rows_key_it_is_the_rows_own(rows):
    menus = RowMenus(lambda row: row.kind, menu_of)

    for row in rows:
        shared = menus.menus[menus.number_of(row)]
        assert [item.url.replace(MARK, str(row.id)) for item in shared] == [item.url for item in menu_of(row)]


def test_a_row_without_lines_has_no_menu(rows):
    assert RowMenus(lambda row: None, lambda row: []).number_of(rows[0]) is None


def test_oneself_and_others_have_different_menus(login, manager, organization):
    other = member("Consultant", organization, "other")

    page = login(manager).get("/members/").text

    menus = {
        key: page.partition(f'id="row-{key}"')[2].partition('data-row-menu="')[2][0]
        for key in (manager.id, other.id)
    }
    assert menus[manager.id] != menus[other.id]
    own = page.partition(f'data-menu-of="{menus[manager.id]}"')[2].partition("</template>")[0]
    assert "/members/password/" not in own
    assert "/members/password/__pk__" in page
