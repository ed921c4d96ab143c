"""The names in cards and in the hidden columns of tabs are columns of the list."""

from dataclasses import replace

import pytest

from app.panel.check.names import problems_of_names
from app.panel.words import Card
from views.day.follow_up.section import FollowUps
from views.sales.order.section import Orders


def found(section) -> list[tuple[str, str, str | None]]:
    problems = problems_of_names(object.__new__(section))
    return [(each.word, each.name, each.nearest) for each in problems]


@pytest.mark.parametrize(
    "card", [Card(("next_att",)), Card(chip="next_att"), Card(("product",), call="next_att")]
)
def test_a_card_names_columns(app, monkeypatch, card):
    assert found(FollowUps) == []

    monkeypatch.setattr(FollowUps, "card", card)

    assert found(FollowUps) == [("card", "next_att", "next_at")]


def test_a_tab_hides_columns(app, monkeypatch):
    first, *others = Orders.tabs
    monkeypatch.setattr(Orders, "tabs", (replace(first, hides=("state",)), *others))

    assert found(Orders) == [("tabs['all'].hides", "state", "status")]
