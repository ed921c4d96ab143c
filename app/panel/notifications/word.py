"""The word `Notify` of a declaration: which members are notified of which change of a row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from flask_babel import LazyString
from sqlalchemy import ColumnElement, Select, inspect, select

from app.extensions import appbuilder
from models.notifications.rules import Rule, add_rule


@dataclass(frozen=True)
class NotifyAct:
    """A button of an unread notification of one row, which posts to `path` below the address of its section."""

    label: LazyString
    path: str  # with {id}
    about: LazyString  # what it does, with its label: its tooltip


@dataclass(frozen=True, eq=False)
class Notify:
    """Tells the member of *to* when *on* gets a value: names of columns or relations of the row.

    Of members whom no column names, *to* is a function that returns a statement of (member, key of the row).

    With `once_per`, the name of a column or relation, a member has one notification for all rows of one value: a later
    one takes its place and counts the unread ones. With `values` only these values of *on* are events. The member who makes the change is not notified. An act on
    several rows is one notification, in the words of `many`.
    """

    on: str
    to: str | Callable[[], Select[int, int]]
    text: LazyString  # with %(name)s
    many: LazyString  # with %(num)s, and with `once_per` also %(name)s
    values: Collection[Any] = ()
    # The condition on the rows that count, as in a tab.
    where: Callable[[], ColumnElement[bool]] | None = None
    # Whether a row that is added counts; a later change of *on* always does.
    counts_added: Callable[[Any], bool] | None = None
    name: Callable[[Any], str] = str
    # The model of a page; that of the section where it is None.
    model: Any = None
    # The page of a row, below the address of its section, or a function from the row to its address.
    opens: str | Callable[[Any], str] = "show/{id}"
    # The arguments that the list opens with for several rows.
    list_query: str = ""
    once_per: str = ""
    icon: str | None = None
    is_problem: bool = False
    acts: Sequence[NotifyAct] = ()

    def kind(self, view: Any) -> str:
        """The name that is stored with a notification."""
        which = "-".join(sorted(str(getattr(each, "value", each)) for each in self.values))
        return ".".join(filter(None, [view.slug, self.model_of(view).__tablename__, self.on, which]))

    def model_of(self, view: Any) -> Any:
        return self.model or view.model

    def column_of(self, view: Any, name: str) -> str:
        """The column called *name*, or that of the relation called so."""
        mapper = inspect(self.model_of(view))
        if name not in mapper.relationships:
            return name
        (column,) = mapper.relationships[name].local_columns
        return str(mapper.get_property_by_column(column).key)

    def rule(self, view: Any) -> Rule:
        """The rule by which the transactions of *view*'s rows are compared."""
        model, base = self.model_of(view), f"/{view.slug}/"
        return Rule(
            kind=self.kind(view),
            section=view.slug,
            model=model,
            column=self.column_of(view, self.on),
            recipients=self.to if callable(self.to) else partial(self._members, view, self.to),
            values=frozenset(self.values) or None,
            where=self.where,
            counts_added=self.counts_added,
            name=self.name,
            address=lambda row: (
                self.opens(row) if callable(self.opens) else f"{base}{self.opens.format(id=row.id)}"
            ),
            list_address=f"{base}{self.list_query}",
            once_per=self.column_of(view, self.once_per) if self.once_per else "",
        )

    def _members(self, view: Any, name: str) -> Select[int, int]:
        model = self.model_of(view)
        return select(getattr(model, self.column_of(view, name)), model.id)


def add_rules(view: Any) -> None:
    """Add the rules of a section or page."""
    for each in view.notify:
        add_rule(each.rule(view))


def declared() -> Iterator[tuple[Any, Notify]]:
    """All sections and pages with what they tell."""
    for view in appbuilder.baseviews:
        for each in getattr(view, "notify", ()):
            yield view, each


@cache
def declared_kinds(_mounted: int) -> dict[str, tuple[Any, Notify]]:
    """The sections and pages with their words by kind; *_mounted* is their number."""
    return {each.kind(view): (view, each) for view, each in declared()}


def word_of(kind: str) -> tuple[Any, Notify] | None:
    """The section or page and its word for a stored kind; None where it is no longer declared."""
    return declared_kinds(len(appbuilder.baseviews)).get(kind)
