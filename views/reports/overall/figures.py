"""What the overall report reads, and how its figures are counted from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.jalali import day_and_month, month_and_year
from app.services.report.cells import AXES, Key, fits
from app.services.report.numbers import Number, Part, State, Title, own_member_id, read_numbers, read_titles
from app.services.report.periods import Grain, Period, periods_of
from app.services.report.question import Group, Question
from app.services.report.summary import lines_by_member
from views.report_choices import names

STATES = {
    State.BOUGHT: (_l("Has bought"), "green"),
    State.OPEN: (_l("In progress"), "blue"),
    State.NEW: (_l("Without a call"), "amber"),
    State.LOST: (_l("Lost"), "red"),
    State.INVALID: (_l("Invalid"), "gray"),
}
WAIT_LABELS = (
    _l("Under 5 minutes"),
    _l("5 to 15 minutes"),
    _l("15 to 60 minutes"),
    _l("1 to 4 hours"),
    _l("More than 4 hours"),
    _l("No call yet"),
)
# A job reads about so many lines between two looks at whether it was stopped.
STEP = 20_000
# The key of numbers without a result.
NO_RESULT = 0


@dataclass
class Overall:
    """The numbers of a question with the titles of their results."""

    question: Question
    titles: dict[int, Title] = field(default_factory=read_titles)
    # The part of the numbers that is read.
    part: Part = field(default_factory=Part)
    _columns: dict[str, list[Key]] = field(default_factory=dict)

    @cached_property
    def numbers(self) -> list[Number]:
        return read_numbers(self.question, self.titles, self.part)

    def read(self) -> Iterator[int]:
        """Read the numbers of some members after the other; yields how many are read."""
        found: list[Number] = []
        for members in _batches(lines_by_member(self.question)):
            found += read_numbers(self.question, self.titles, Part(members=members))
            yield len(found)
        self.numbers = sorted(found, key=lambda number: number.key)

    @cached_property
    def weeks(self) -> list[Period]:
        return periods_of(self.question.first, self.question.last, Grain.WEEK)

    @cached_property
    def months(self) -> list[Period]:
        return periods_of(self.question.first, self.question.last, Grain.MONTH)

    @property
    def is_own(self) -> bool:
        return own_member_id() is not None

    def count_by(self, *axes: str) -> Counter[tuple[Key, ...]]:
        """The numbers by their keys on *axes*."""
        return Counter(zip(*map(self._column, axes), strict=True))

    def _column(self, axis: str) -> list[Key]:
        """The key of each number on *axis*, read once: several tables count by it."""
        if axis not in self._columns:
            self._columns[axis] = list(map(AXES[axis], self.numbers))
        return self._columns[axis]

    def of_cell(self, conditions: dict[str, str]) -> list[Number]:
        return [each for each in self.numbers if fits(each, conditions)]

    def shown_results(self) -> Sequence[int]:
        """The results that some number has, in the order of their titles; numbers without one first."""
        found = {each.result_id for each in self.numbers}
        return [key for key in (NO_RESULT, *self.titles) if key in found]

    def result_label(self, key: int) -> str:
        return str(_("Without a call")) if key == NO_RESULT else self.titles[key].title

    def result_colour(self, key: int) -> str:
        return "amber" if key == NO_RESULT else str(self.titles[key].colour.value)

    def week_label(self, place: int) -> str:
        return day_and_month(self.weeks[place].first)


def _batches(lines: Mapping[int, int]) -> Iterator[list[int]]:
    """The members, in lists with together about `STEP` lines."""
    members: list[int] = []
    count = 0
    for member in sorted(lines):
        members.append(member)
        count += lines[member]
        if count >= STEP:
            yield members
            members, count = [], 0
    if members:
        yield members


def member_label(key: int) -> str:
    return names().known[Group.CONSULTANT].get(key, str(_("Other")))


def month_label(period: Period) -> str:
    return month_and_year(period.first)
