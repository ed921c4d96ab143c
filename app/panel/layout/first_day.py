"""The first day of an organisation: steps that the sections declare, counted in its rows and never stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import g
from flask_babel import LazyString, ngettext
from flask_login import current_user
from sqlalchemy import Select, func, select

from app.extensions import appbuilder, db
from app.lib.expiring_set import ExpiringSet
from app.lib.persian import persian_digits
from app.panel.access import permitted
from models.tenancy.scope import actor_of

# The name under which a member's choice to fold the list is stored, beside those of menu groups.
FOLDED = "first-day"
# Counting stops here.
_MOST = 100
# Organisations whose steps are all done; they are counted again after a day, since rows can be deleted.
_COMPLETE = ExpiringSet(seconds=86_400, most=10_000)


@dataclass(frozen=True, eq=False)
class FirstStep:
    """One step of the first day. It is done when `rows`, a statement of one column, has a row."""

    order: int
    title: LazyString
    # Why the step is needed, and the sentence with the number of rows when it is done: singular and plural.
    todo: LazyString
    done: tuple[str, str]
    rows: Callable[[], Select[Any]]
    # The button, if the member can do the step; it leads to *at* below the address of the section, or to another page.
    label: LazyString | None = None
    icon: str = ""
    at: str = "add"
    # The right of the section without which a member does not see the list.
    right: str = "add"


@dataclass(frozen=True)
class StepLine:
    """A step as the list shows it."""

    number: int
    title: str
    words: str
    is_done: bool
    is_next: bool
    label: str | None
    icon: str
    url: str


@dataclass(frozen=True)
class FirstDay:
    """The list of the steps."""

    steps: Sequence[StepLine]
    is_folded: bool

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def left(self) -> int:
        return len(self.steps) - self.done


def first_day() -> FirstDay | None:
    """The steps for a member who may do all of them; None when all are done. Computed once in a request."""
    if "first_day" not in g:
        g.first_day = _first_day()
    found: FirstDay | None = g.first_day
    return found


def forget_complete() -> None:
    """Clear the cache of complete organisations (for tests, whose keys repeat)."""
    _COMPLETE.clear()


def _first_day() -> FirstDay | None:
    organization_id = actor_of(db.session()).organization_id
    if organization_id is None or organization_id in _COMPLETE:
        return None
    views = sorted(
        (view for view in appbuilder.baseviews if getattr(view, "first_step", None)),
        key=lambda view: view.first_step.order,
    )
    if not views or not all(permitted(view, f"can_{view.first_step.right}") for view in views):
        return None
    counts = _counts([view.first_step for view in views])
    if all(counts):
        _COMPLETE.add(organization_id)
        return None
    upcoming = next(number for number, count in enumerate(counts) if not count)
    lines = [
        _line(view, number, count, is_next=number == upcoming)
        for number, (view, count) in enumerate(zip(views, counts, strict=True))
    ]
    chosen = current_user.menu_groups or {}
    return FirstDay(lines, is_folded=chosen.get(FOLDED) is False)


def _counts(steps: Sequence[FirstStep]) -> Sequence[int]:
    """The number of rows of each step, in one statement."""
    counted = [
        select(func.count()).select_from(step.rows().limit(_MOST).subquery()).scalar_subquery()
        for step in steps
    ]
    return list(db.session.execute(select(*counted)).one())


def _line(view: Any, number: int, count: int, *, is_next: bool) -> StepLine:
    step: FirstStep = view.first_step
    words = ngettext(*step.done, count) if count else str(step.todo)
    url = step.at if step.at.startswith("/") else f"{view.base_url}{step.at}"
    return StepLine(
        number + 1,
        str(step.title),
        str(persian_digits(words)),
        bool(count),
        is_next,
        None if step.label is None else str(step.label),
        step.icon,
        url,
    )
