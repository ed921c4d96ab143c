"""Actions on rows: one declaration serves the ⋮ menu of a row and the bulk bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from flask_babel import LazyString, ngettext

# From a row to the reason why an action can't run on it; None when it can.
When = Callable[[Any], LazyString | str | None]


@dataclass(frozen=True)
class Done:
    """The result of an action: a message, the address that undoes it, and the refused rows with their reasons."""

    message: str
    undo_url: str | None = None
    refused: Mapping[int, str] = field(default_factory=dict)
    # Numbers of rows by name; a job adds up those of its chunks.
    tally: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """The confirmation of an action: its heading, its sentences, the label of its button."""

    title: str
    lines: Sequence[str]
    submit: str


@dataclass(frozen=True)
class Action:
    """An action of a section. `run(section, rows, form)` gets rows in scope, after the form and the confirmation."""

    name: str
    label: LazyString
    icon: str
    run: Callable[..., Done]
    # The texts of the dialog, for a number of rows and the singular label of the section.
    confirm: Callable[[int, str], str]
    submit: Callable[[int, str], str]
    form: type[Any] | None = None
    danger: bool = False
    asks_password: bool = False
    # False for what is undone by one click: one row and ticked rows are changed at once, all that match after a question.
    asks: bool = True
    bulk: bool = True
    single: bool = True
    fields: Sequence[str] = field(default_factory=tuple)
    foresee: Callable[[Any, Any, Any], Sequence[str]] | None = None
    ask: Callable[[Any, Any, int], Question] | None = None
    when: When | None = None
    on_row: bool = False
    rest: bool = False
    # Fills the form of one row, as the dialog begins with it: (form, row).
    prefill: Callable[[Any, Any], None] | None = None
    # The letter that runs it on the marked row and in the side panel.
    key: str | None = None
    # The right that it needs in place of one of its own ("edit").
    right: str | None = None

    def refusal(self, row: Any) -> str | None:
        """The reason why the action can't run on *row*; None when it can."""
        reason = self.when(row) if self.when else None
        return None if reason is None else str(reason)

    def allows(self, row: Any) -> bool:
        return self.when is None or self.when(row) is None


@dataclass(frozen=True)
class RestAct:
    """A change by ``POST /api/v1/<slug>/<pk>/<name>`` that is no action of the list, since it concerns several rows.

    `run(section, pk, form)` returns the row of the answer, or the `BulkJob` that does the work; the caller commits.
    """

    name: str
    label: LazyString
    right: str
    run: Callable[[Any, int, Any], Any]
    form: type[Any] | None = None


class ActMethods:
    """What a section may decide about its actions."""

    def lock_before(self, chosen: Action, rows: Sequence[Any], form: Any) -> None:
        """Lock what the action *chosen* locks before its *rows* (avoids deadlocks); asked for actions with `when`."""

    def list_links(self) -> Sequence[tuple[str, str]]:
        """Facts about the whole list, each with the address where it is decided: (words, address)."""
        return ()

    def proposed_act(self, row: Any) -> str | None:
        """The name of the action with `on_row` that suits *row* best."""
        return None


def counted(singular: str, plural: str) -> tuple[str, str]:
    """A message with ``%(num)s`` and perhaps ``%(what)s``, marked for the catalogue; it is translated when both are known."""
    return singular, plural


class ActionWords(TypedDict, total=False):
    """The words of an action that have defaults; see `Action`."""

    form: type[Any] | None
    danger: bool
    asks_password: bool
    asks: bool
    bulk: bool
    single: bool
    foresee: Callable[[Any, Any, Any], Sequence[str]] | None
    ask: Callable[[Any, Any, int], Question] | None
    when: When | None
    on_row: bool
    rest: bool
    prefill: Callable[[Any, Any], None] | None
    key: str | None
    right: str | None


def action(
    label: LazyString,
    *,
    icon: str,
    confirm: tuple[str, str],
    submit: tuple[str, str],
    name: str | None = None,
    **words: Unpack[ActionWords],
) -> Callable[[Callable[..., Done]], Callable[..., Done]]:
    """A decorator that makes a method ``(self, rows, form) -> Done`` an action of its section. The caller commits.

    On all matching rows it runs in chunks; a chunk that raises `DomainError` is repeated row by row. `foresee(section,
    statement, form)` returns the lines of the dialog in place of `confirm`, `ask(section, statement, count)` all of it.

    `when(row)` returns the reason why the action can't run on a row, or None. It decides the ⋮ entry, the button in the
    row, the refusal in bulk and the 409 of REST, and is asked again on the locked row. `on_row` shows the action as a
    button in the row, `rest` as `POST /api/v1/<resource>/<pk>/<name>`. `prefill(form, row)` fills the form as its dialog
    begins; `key` is the letter that opens it. `right` names the right that it needs in place of one of its own.
    `asks=False` runs it on one row and on ticked rows without a question.
    """
    if words.get("rest") and (words.get("danger") or words.get("asks_password")):
        raise ValueError("an action over REST asks no password and compares no versions")
    if not words.get("asks", True) and any(words.get(each) for each in ("form", "danger", "asks_password")):
        raise ValueError("an action with a form, a danger or a password asks first")

    def mark(method: Callable[..., Done]) -> Callable[..., Done]:
        method._panel_action = Action(  # type: ignore[attr-defined]  # read by `actions_of`
            name=name or method.__name__,
            label=label,
            icon=icon,
            run=method,
            confirm=lambda count, what: ngettext(*confirm, count, what=what),
            submit=lambda count, what: ngettext(*submit, count, what=what),
            **words,
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
