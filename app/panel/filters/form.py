"""The forms of the filters of a list, filled with the values in the address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.panel.actor import currency
from app.panel.columns import Column, Kind
from app.panel.filters.base import FROM, MOST_VALUES, STATE, TO, FilterProblem, arguments_of, name_of
from app.panel.filters.choices import CHOSEN, Option, for_filter, options_of, pairs_of
from app.panel.filters.presets import Preset
from app.panel.filters.ranges import DATED, RANGED
from app.panel.formatting import currency_unit
from app.panel.view_models import ValueLink


@dataclass(frozen=True)
class FilterInput:
    """One input; `kind` is options, lookup, presets, date, number, money or text."""

    name: str
    kind: str
    label: str
    value: str = ""
    options: Sequence[Option] = ()
    url: str = ""
    error: str = ""


@dataclass(frozen=True)
class FilterGroup:
    """The inputs of one column; open where the address has an argument of them."""

    label: str
    inputs: Sequence[FilterInput]
    is_open: bool


@dataclass(frozen=True)
class FilterForm:
    """The values of one column: `links` and `states` apply at once, `inputs` are sent with the `carried` arguments."""

    path: str
    label: str
    links: Sequence[ValueLink]
    inputs: Sequence[FilterInput]
    states: Sequence[ValueLink]
    error: str
    carried: Sequence[tuple[str, str]]
    home_url: str  # of the list or board


def single_values(column: Column) -> list[tuple[str, str, str]]:
    """(argument, value, label) of the values of which only one can be chosen: presets of dates, yes and no."""
    if column.kind in DATED:
        return [(name_of(column), each.value, str(each)) for each in Preset]
    pairs = pairs_of(column) if column.kind is Kind.BOOLEAN else []
    return [(name_of(column), value, label) for value, label in pairs]


def states_of(column: Column) -> list[tuple[str, str, str]]:
    """(argument, value, label) of «empty» and «not empty», for nullable columns."""
    if not column.nullable:
        return []
    name = f"{name_of(column)}{STATE}"
    return [(name, value, label) for value, label in (("filled", _("Not empty")), ("empty", _("Empty")))]


def inputs_of(
    column: Column, arguments: MultiDict[str, str], errors: dict[str, str], *, lookup_url: str
) -> list[FilterInput]:
    """The inputs of *column* beside its `single_values`."""
    if column.kind is Kind.BOOLEAN:
        return []
    if column.kind in RANGED:
        return _ends(column, arguments, errors)
    return _inputs(column, arguments, errors, lookup_url=lookup_url)


def filter_groups(
    columns: Iterable[Column],
    arguments: MultiDict[str, str],
    problems: Sequence[FilterProblem],
    *,
    lookup_url: str,
) -> list[FilterGroup]:
    """The inputs for *columns*; those for relations to many rows look up at *lookup_url* plus the name."""
    errors = {problem.argument: problem.sentence for problem in problems}
    groups = []
    for column in columns:
        inputs = [
            *_inputs(column, arguments, errors, lookup_url=lookup_url),
            *_state_inputs(column, arguments, errors),
        ]
        is_open = any(arguments.get(name) for name in arguments_of(column))
        groups.append(FilterGroup(str(column.label), inputs, is_open))
    return groups


def _inputs(
    column: Column, arguments: MultiDict[str, str], errors: dict[str, str], *, lookup_url: str
) -> list[FilterInput]:
    name, label = name_of(column), str(column.label)
    if column.kind in CHOSEN:
        options, is_all = options_of(column, arguments.getlist(name)[:MOST_VALUES])
        kind = "options" if is_all else "lookup"
        url, error = f"{lookup_url}{column.path}{for_filter(column)}", errors.get(name, "")
        return [FilterInput(name, kind, label, options=options, url=url, error=error)]
    if column.kind in RANGED:
        presets = _presets(column, arguments, errors) if column.kind in DATED else []
        return [*presets, *_ends(column, arguments, errors)]
    return [FilterInput(name, "text", label, arguments.get(name, ""), error=errors.get(name, ""))]


def _presets(column: Column, arguments: MultiDict[str, str], errors: dict[str, str]) -> list[FilterInput]:
    chosen = arguments.get(name_of(column), "")
    options = [_any(chosen), *(Option(each.value, str(each), each.value == chosen) for each in Preset)]
    name = name_of(column)
    return [FilterInput(name, "presets", str(column.label), options=options, error=errors.get(name, ""))]


def _ends(column: Column, arguments: MultiDict[str, str], errors: dict[str, str]) -> list[FilterInput]:
    name = name_of(column)
    kind = "date" if column.kind in DATED else column.kind.value
    unit = f" ({currency_unit(currency())})" if column.kind is Kind.MONEY else ""
    return [
        FilterInput(
            f"{name}{end}",
            kind,
            f"{end_label}{unit}",
            arguments.get(f"{name}{end}", ""),
            error=errors.get(f"{name}{end}", ""),
        )
        for end, end_label in ((FROM, _("From")), (TO, _("To")))
    ]


def _state_inputs(
    column: Column, arguments: MultiDict[str, str], errors: dict[str, str]
) -> list[FilterInput]:
    if not column.nullable:
        return []
    name = f"{name_of(column)}{STATE}"
    chosen = arguments.get(name, "")
    options = [
        _any(chosen),
        *(Option(value, text, value == chosen) for _name, value, text in states_of(column)),
    ]
    return [FilterInput(name, "presets", _("Empty or not"), options=options, error=errors.get(name, ""))]


def _any(chosen: str) -> Option:
    return Option("", _("Any"), not chosen)
