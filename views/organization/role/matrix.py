"""The matrix of permissions, with sections as rows and permissions as columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from app.extensions import appbuilder
from app.panel.check.right_labels import COMMON, right_label
from app.panel.layout.navigation import MenuEntry
from app.panel.page import Page
from app.panel.section import Section
from app.services.role.grant import Pair

LOADED = "_rights"


@dataclass(frozen=True)
class Right:
    """One box of the matrix."""

    value: str
    label: str
    is_ticked: bool
    is_grantable: bool


@dataclass(frozen=True)
class MatrixRow:
    """One section of the matrix: common permissions by column (None where it has none), then special ones."""

    title: str
    common: Sequence[Right | None]
    special: Sequence[Right]


def grantable_pairs() -> set[Pair]:
    """The permissions that the current member may grant: their own ones in the sections of an organisation."""
    sm = appbuilder.sm
    return {
        (name, view.__name__)
        for view in _views()
        for name in view.all_permissions()
        if sm.has_access(name, view.__name__)
    }


def lines(ticked: AbstractSet[Pair], grantable: AbstractSet[Pair]) -> list[MatrixRow]:
    """All rows of the matrix; boxes outside *grantable* cannot be ticked."""
    return [_line(view, ticked, grantable) for view in _views()]


def posted(form: MultiDict[str, str]) -> set[Pair]:
    """The ticked boxes of a submitted form."""
    return _pairs(form.getlist("right"))


def stamp_rights(ticked: AbstractSet[Pair]) -> tuple[str, str]:
    """A hidden field with the boxes that were ticked when the form was loaded."""
    return LOADED, json.dumps(sorted(_value(pair) for pair in ticked))


def submitted_rights(sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """The same field of a submitted form, for showing it again with errors."""
    return [(LOADED, sent[LOADED])] if LOADED in sent else []


def merge(mine: AbstractSet[Pair], theirs: AbstractSet[Pair], sent: Mapping[str, str]) -> set[Pair]:
    """Three-way merge of both changes; a box that both changed has the same value in both."""
    loaded = _loaded(sent, default=theirs)
    return {*mine, *(theirs - loaded)} - (loaded - theirs)


def changed_since(theirs: AbstractSet[Pair], sent: Mapping[str, str]) -> list[str]:
    """The permissions that were granted or revoked since the form was loaded, as texts."""
    changed = theirs ^ _loaded(sent, default=theirs)
    found = [
        (line.title, right)
        for line in lines(theirs, theirs)
        for right in (*line.common, *line.special)
        if right is not None and _pairs([right.value]) <= changed
    ]
    return [f"{title}: {right.label} {'✓' if right.is_ticked else '✗'}" for title, right in found]


def _loaded(sent: Mapping[str, str], *, default: AbstractSet[Pair]) -> AbstractSet[Pair]:
    try:
        values = json.loads(sent.get(LOADED, ""))
    except (ValueError, RecursionError):
        return default
    return _pairs(map(str, values)) if isinstance(values, list) else default


def _pairs(values: Iterable[str]) -> set[Pair]:
    parts = (value.partition(" ") for value in values)
    return {(permission, view) for view, _space, permission in parts}


def _value(pair: Pair) -> str:
    permission, view = pair
    return f"{view} {permission}"


def _views() -> list[type[MenuEntry]]:
    """The sections with permissions for managers, in menu order."""
    views: list[type[MenuEntry]] = [*Section.registry, *Page.registry]
    return sorted((view for view in views if "Manager" in view.roles), key=lambda view: view.menu_order)


def _line(view: type[MenuEntry], ticked: AbstractSet[Pair], grantable: AbstractSet[Pair]) -> MatrixRow:
    def right(name: str, label: Any) -> Right:
        pair = (name, view.__name__)
        return Right(_value(pair), str(label), pair in ticked, pair in grantable)

    names = view.all_permissions()
    own = sorted(names - COMMON.keys())
    return MatrixRow(
        str(view.title),
        [right(name, label) if name in names else None for name, label in COMMON.items()],
        [right(name, right_label(view, name)) for name in own],
    )
