"""The check of names in a declaration: each exists in the model and suits its word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.panel.check.one_name import CHECKS, shown_name, sorting_name
from app.panel.check.problems import DeclarationProblem, listed, nearest
from app.panel.declaration import Declaration
from app.panel.words import Card

# The table settings offer these columns in all sections, so they may have labels even if no word names them.
_TIMESTAMPS = frozenset({"created_at", "updated_at"})
_WORDS_WITH_LABELS = (
    "columns", "optional_columns", "details", "headline", "filters", "form", "edit_fields", "read_only", "inline",
    "bulk_edit", "extra_fields", "extra_edit_fields",
)  # fmt: skip


def words_of(section: Declaration, *words: str) -> set[str]:
    """All names in these *words* of the declaration."""
    return {name for word in words for name in listed(section, word)}


def problems_of_names(section: Declaration) -> Iterator[DeclarationProblem]:
    """The names that do not exist or do not suit their word."""
    where = type(section).__name__
    for word, check in CHECKS.items():
        for name in listed(section, word):
            found = check(section, name)
            if found is not None:
                yield DeclarationProblem(where, word, name, found.reason, found.nearest)
    yield from _orders(section)
    yield from _labels(section)
    yield from _columns_of_cards_and_tabs(section)
    yield from _values_under(section)


def _values_under(section: Declaration) -> Iterator[DeclarationProblem]:
    """The columns with values under theirs, and the names of these values."""
    where, columns = type(section).__name__, set(listed(section, "columns"))
    for column, under in section.under.items():
        if column not in columns:
            yield DeclarationProblem(
                where, "under", column, "is no column of the list", nearest(column, columns)
            )
        for name in under.paths:
            found = shown_name(section, name)
            if found is not None:
                yield DeclarationProblem(where, f"under[{column!r}]", name, found.reason, found.nearest)


def _orders(section: Declaration) -> Iterator[DeclarationProblem]:
    """The problems in the orders of the list and its tabs."""
    where = type(section).__name__
    declared: Sequence[tuple[str, str]] = [
        ("sort", section.sort),
        *((word, name) for word in ("order_column", "order_within") if (name := getattr(section, word))),
        *(
            (f"tabs[{tab.key!r}].sort", tab.sort)
            for tab in listed(section, "tabs")
            if getattr(tab, "sort", None)
        ),
    ]
    for word, name in declared:
        found = sorting_name(section, name.removeprefix("-"))
        if found is not None:
            yield DeclarationProblem(where, word, name, found.reason, found.nearest)


def _columns_of_cards_and_tabs(section: Declaration) -> Iterator[DeclarationProblem]:
    """The names in `card` and in `hides` of tabs that are no columns which the list can show."""
    columns = words_of(section, "columns", "optional_columns", "details", "form") | _TIMESTAMPS
    card = section.card or Card()
    named = [("card", path) for path in (*card.line, card.chip, card.call) if path is not None]
    named += [
        (f"tabs[{tab.key!r}].hides", path)
        for tab in listed(section, "tabs")
        for path in getattr(tab, "hides", ())
    ]
    for word, name in named:
        if name not in columns:
            reason = "is no column of the list"
            yield DeclarationProblem(type(section).__name__, word, name, reason, nearest(name, columns))


def _labels(section: Declaration) -> Iterator[DeclarationProblem]:
    """The labels of names that the declaration does not use."""
    # What stands under a column has a column of its own in files.
    under = {str(path) for each in section.under.values() for path in each.paths}
    used = words_of(section, *_WORDS_WITH_LABELS) | under | _TIMESTAMPS
    for name in listed(section, "labels"):
        if name not in used:
            reason = "is a label of nothing that the declaration names"
            yield DeclarationProblem(type(section).__name__, "labels", name, reason, nearest(name, used))
