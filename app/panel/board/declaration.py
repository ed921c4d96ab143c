"""The word `board`: which column of the database makes the columns of a board, and what a card shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.types import Choice


@dataclass(frozen=True)
class Lane:
    """How a column of a board looks, and where the tick of its cards moves them.

    A column that *is_over* has what is finished: its cards are struck out, few of them are shown, and none is added there.
    """

    icon: str = "circle"
    colour: str = "gray"
    tick: Choice | None = None
    is_over: bool = False


@dataclass(frozen=True)
class CardParts:
    """What a card shows, by the paths of columns: a title, two lines of text, a time, a link to a related row, its owner."""

    title: str
    text: str | None = None
    when: str | None = None
    link: str | None = None
    # The section of the related row, and the icon before its name.
    link_section: str = ""
    # Whose card it is; left out for members who see their own alone.
    who: str | None = None
    link_icon: str = "user"

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(path for path in (self.title, self.text, self.when, self.link, self.who) if path)


@dataclass(frozen=True, eq=False)
class Board:
    """A page with the rows of a section in columns, one for each member of the `Choice` in the column *by*.

    The model is a `BoardCard` whose `__lane__` is *by*; *order* is its column of places. Members with *right* move cards.
    """

    by: str
    card: CardParts
    order: str = "position"
    right: str = "edit"
    lanes: Mapping[Choice, Lane] = field(default_factory=dict)

    def lane(self, member: Choice) -> Lane:
        return self.lanes.get(member, Lane())
