"""The check of `notify`: what is compared and who is notified exist, and no two words are of the same event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect

from app.panel.check.paths import names_of
from app.panel.check.problems import DeclarationProblem, listed, nearest
from app.panel.notifications.word import Notify
from models.member import Member


def problems_of_notifications(view: Any) -> Iterator[DeclarationProblem]:
    where, seen = type(view).__name__, set[str]()
    for each in listed(view, "notify"):
        if not isinstance(each, Notify):
            yield DeclarationProblem(where, "notify", repr(each), "is no Notify")
            continue
        problems = list(_names(view, each))
        for name, reason, better in problems:
            yield DeclarationProblem(where, "notify", name, reason, better)
        if problems:
            continue
        if each.kind(view) in seen:
            yield DeclarationProblem(where, "notify", each.on, "stands there twice with the same values")
        seen.add(each.kind(view))


def _names(view: Any, each: Notify) -> Iterator[tuple[str, str, str | None]]:
    model = each.model or getattr(view, "model", None)
    if model is None:
        yield each.on, "is of no model: a page names the model of each Notify", None
        return
    mapper = inspect(model)
    relations = names_of(model, relations_only=True)
    own = {*(column.key for column in mapper.column_attrs), *relations}
    if each.on not in own:
        yield each.on, f"is no column or relation of {model.__name__}", nearest(each.on, own)
    if each.once_per and each.once_per not in own:
        yield each.once_per, f"is no column or relation of {model.__name__}", nearest(each.once_per, own)
    members = {name for name in own if _is_of_a_member(mapper, each.column_of(view, name))}
    if isinstance(each.to, str) and each.to not in members:
        yield each.to, f"names no member of {model.__name__}", nearest(each.to, members)


def _is_of_a_member(mapper: Any, name: str) -> bool:
    (column,) = mapper.column_attrs[name].columns
    return any(key.column.table is inspect(Member).local_table for key in getattr(column, "foreign_keys", ()))
