"""Which tests run on which database, and in which order."""

from dataclasses import dataclass

import pytest

from tests.support.selection import choose, in_order_of_waiting


@dataclass(frozen=True)
class Item:
    name: str
    marker: str = ""
    fixturenames: tuple[str, ...] = ()

    def get_closest_marker(self, name):
        return name if name == self.marker else None


PLAIN, WITH_APP = Item("plain"), Item("app", fixturenames=("app",))
WITH_FILES = Item("files", fixturenames=("tmp_path_factory",))
POSTGRESQL, BROWSER, SMOKE = (Item(name, name) for name in ("postgresql", "browser", "smoke"))
ITEMS = [PLAIN, WITH_APP, WITH_FILES, POSTGRESQL, BROWSER, SMOKE]


@pytest.mark.parametrize(
    ("database", "quick", "chosen"),
    [
        ("sqlite", False, [PLAIN, WITH_APP, WITH_FILES, BROWSER, SMOKE]),
        ("postgresql", False, [WITH_APP, POSTGRESQL]),
        ("sqlite", True, [PLAIN, SMOKE]),
    ],
)
def test_what_needs_no_database_runs_once(database, quick, chosen):
    assert choose(ITEMS, database, quick=quick) == chosen


@pytest.mark.parametrize("browsers", [0, 3, 40])
def test_each_half_begins_with_what_waits_and_none_is_lost(browsers):
    items = [Item(str(number), "processes" if number % 10 == 9 else "") for number in range(40)]
    items += [Item(f"browser {number}", "browser") for number in range(browsers)]

    ordered = in_order_of_waiting(items)

    assert sorted(ordered, key=repr) == sorted(items, key=repr)
    assert [item.marker for item in ordered[:browsers]] == ["browser"] * browsers
    middle = max(len(items) // 2, browsers)
    assert [item.marker for item in ordered[middle : middle + 4]] == ["processes"] * 4
