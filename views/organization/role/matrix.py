"""The matrix of rights: sections down, rights across, and what of it was ticked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.extensions import appbuilder
from app.panel.layout.navigation import MenuEntry
from app.panel.page import Page
from app.panel.section import Section
from app.services.role.grant import Pair

LOADED = "_rights"
# In the order of the columns; what a section offers besides stands in its own words.
COMMON = {
    "can_list": _l("See the list"),
    "can_show": _l("See a row"),
    "can_add": _l("Add"),
    "can_edit": _l("Edit"),
    "can_delete": _l("Delete"),
}
_SPECIAL = {
    "can_record": _l("Register a result"),
    "can_cancel": _l("Take back"),
    "can_trail": _l("Events of a row"),
    "can_import": _l("Import from a file"),
    "can_set_password": _l("Set a password"),
}


@dataclass(frozen=True)
class Right:
    """One box of the matrix."""

    value: str
    label: str
    is_ticked: bool
    is_held: bool


@dataclass(frozen=True)
class Line:
    """One section of the matrix: the common rights in their columns (None where it has none), then its own."""

    title: str
    common: Sequence[Right | None]
    special: Sequence[Right]


def held_pairs() -> set[Pair]:
    """What who is asking may hand on: of the sections of an organisation, what he holds himself."""
    sm = appbuilder.sm
    return {
        (name, view.__name__)
        for view in _views()
        for name in view.all_permissions()
        if sm.has_access(name, view.__name__)
    }


def lines(ticked: AbstractSet[Pair], held: AbstractSet[Pair]) -> list[Line]:
    """All of the matrix; boxes that are not held can't be ticked."""
    return [_line(view, ticked, held) for view in _views()]


def posted(form: MultiDict[str, str]) -> set[Pair]:
    """The boxes that were ticked."""
    return _pairs(form.getlist("right"))


def stamp_rights(ticked: AbstractSet[Pair]) -> tuple[str, str]:
    """A hidden field that says which boxes the form was made with."""
    return LOADED, json.dumps(sorted(_value(pair) for pair in ticked))


def kept_rights(sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """The same field of a form that comes back with its mistakes."""
    return [(LOADED, sent[LOADED])] if LOADED in sent else []


def merge(mine: AbstractSet[Pair], theirs: AbstractSet[Pair], sent: Mapping[str, str]) -> set[Pair]:
    """Both changes of what the form was made with: a box has two sides, so two who touch it mean the same."""
    loaded = _loaded(sent, default=theirs)
    return {*mine, *(theirs - loaded)} - (loaded - theirs)


def changed_since(theirs: AbstractSet[Pair], sent: Mapping[str, str]) -> list[str]:
    """The rights that somebody gave or took since the form was made, in words."""
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
    """The sections that a manager has anything to do with, in the order of the menu."""
    views: list[type[MenuEntry]] = [*Section.registry, *Page.registry]
    return sorted((view for view in views if "Manager" in view.roles), key=lambda view: view.menu_order)


def _line(view: type[MenuEntry], ticked: AbstractSet[Pair], held: AbstractSet[Pair]) -> Line:
    def right(name: str, label: Any) -> Right:
        pair = (name, view.__name__)
        return Right(_value(pair), str(label), pair in ticked, pair in held)

    names = view.all_permissions()
    actions: dict[str, Any] = getattr(view, "declared_labels", dict)()
    own = sorted(names - COMMON.keys())
    return Line(
        str(view.title),
        [right(name, label) if name in names else None for name, label in COMMON.items()],
        [right(name, actions.get(name) or _SPECIAL.get(name, name)) for name in own],
    )
