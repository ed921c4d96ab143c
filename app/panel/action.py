"""Actions on rows: one declaration serves the ⋮ menu of a row and the bulk bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import LazyString, ngettext


@dataclass(frozen=True)
class Done:
    """The result of an action: a message, the address that undoes it, and the refused rows with their reasons."""

    message: str
    undo_url: str | None = None
    refused: Mapping[int, str] = field(default_factory=dict)
    # Numbers of rows by name; a job adds up those of its chunks.
    tally: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """An action of a section. `run(section, rows, form)` gets rows in scope, after the form and the confirmation."""

    name: str
    label: LazyString
    icon: str
    run: Callable[..., Done]
    confirm: Callable[[int], str]
    submit: Callable[[int], str]
    form: type[Any] | None = None
    danger: bool = False
    asks_password: bool = False
    bulk: bool = True
    single: bool = True
    fields: Sequence[str] = field(default_factory=tuple)
    foresee: Callable[[Any, Any, Any], Sequence[str]] | None = None


def counted(singular: str, plural: str) -> tuple[str, str]:
    """A message with ``%(num)s``, marked for the catalogue; it is translated when the number is known."""
    return singular, plural


def action(
    label: LazyString,
    *,
    icon: str,
    confirm: tuple[str, str],
    submit: tuple[str, str],
    form: type[Any] | None = None,
    danger: bool = False,
    asks_password: bool = False,
    bulk: bool = True,
    single: bool = True,
    foresee: Callable[[Any, Any, Any], Sequence[str]] | None = None,
    name: str | None = None,
) -> Callable[[Callable[..., Done]], Callable[..., Done]]:
    """A decorator that makes a method ``(self, rows, form) -> Done`` of a section an action. The caller commits.

    On all rows that match a filter the action runs in chunks; a chunk that raises `DomainError` is repeated row by row.

    `asks_password` requires a recent password. `foresee(section, statement, form)` returns the lines of the dialog in place
    of `confirm`. `confirm` and `submit` are made by `counted`. Jobs and addresses store `name` (default: the method's).
    """

    def mark(method: Callable[..., Done]) -> Callable[..., Done]:
        method._panel_action = Action(  # type: ignore[attr-defined]  # read by `actions_of`
            name=name or method.__name__,
            label=label,
            icon=icon,
            run=method,
            confirm=lambda count: ngettext(*confirm, count),
            submit=lambda count: ngettext(*submit, count),
            form=form,
            danger=danger,
            asks_password=asks_password,
            bulk=bulk,
            single=single,
            foresee=foresee,
        )
        return method

    return mark


def event_name_of(chosen: Action) -> str:
    """The name of the action in audit events."""
    return {"remove": "delete", "change": "edit"}.get(chosen.name, chosen.name)


def actions_of(section: type[Any]) -> dict[str, Action]:
    """The actions of a section and its bases by name, in the order of their declaration."""
    found: dict[str, Action] = {}
    for base in reversed(section.__mro__):
        for member in vars(base).values():
            if hasattr(member, "_panel_action"):
                found[member._panel_action.name] = member._panel_action
    return found
