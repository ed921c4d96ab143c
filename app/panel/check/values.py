"""The check of the attributes of a declaration: each is a word of the engine, with a value of its type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from flask_appbuilder import BaseView

from app.panel.check.problems import DeclarationProblem, nearest
from app.panel.words import Tab

_ENGINE = ("app.panel.", "flask_appbuilder.")
# The similarity to a name of the engine from which a name counts as a typing error.
_SIMILAR = 0.8
_ANNOTATED = re.compile(r"ClassVar\[(\w+)(?:\[(\w+))?")
_TYPES: dict[str, tuple[type, ...]] = {
    "Sequence": (tuple, list),
    "dict": (dict,),
    "set": (set, frozenset),
    "bool": (bool,),
    "str": (str,),
    "int": (int,),
}


def problems_of_values(view: BaseView) -> Iterator[DeclarationProblem]:
    """The attributes that are no words of the engine, and the values of a wrong type."""
    class_: type = type(view)
    for owner in class_.__mro__:
        if owner is not object and not _is_engine(owner):
            yield from _unknown(class_, owner)
    for word, annotation in _annotations(class_).items():
        found = _ANNOTATED.match(annotation)
        if found and hasattr(class_, word):
            yield from _mistyped(class_.__name__, word, getattr(class_, word), found, annotation)


def _is_engine(owner: type) -> bool:
    return f"{owner.__module__}.".startswith(_ENGINE)


@cache
def _annotations(class_: type) -> dict[str, str]:
    """The annotations of the words of the engine, as text."""
    found: dict[str, str] = {}
    for owner in reversed(class_.__mro__):
        if f"{owner.__module__}.".startswith("app.panel."):
            found.update({name: str(text) for name, text in vars(owner).get("__annotations__", {}).items()})
    return found


@cache
def _known(class_: type) -> frozenset[str]:
    """The public names of the classes of the engine."""
    names = {name for owner in class_.__mro__ if _is_engine(owner) for name in vars(owner)}
    return frozenset(name for name in {*names, *_annotations(class_)} if not name.startswith("_"))


def _unknown(class_: type, owner: type) -> Iterator[DeclarationProblem]:
    known, own = _known(class_), vars(owner).get("__annotations__", {})
    for name, value in vars(owner).items():
        if (
            name.startswith("_")
            or name in known
            or hasattr(value, "_urls")
            or hasattr(value, "_panel_action")
        ):
            continue
        is_method = callable(value) and not isinstance(value, type)
        is_method = is_method or isinstance(value, property | classmethod | staticmethod)
        if (is_method or _declares(class_, name, own)) and not _looks_like(name, known):
            continue
        reason = "is no word of the engine" + (
            "" if is_method else "; annotate an attribute of your own (ClassVar)"
        )
        yield DeclarationProblem(class_.__name__, "class attribute", name, reason, nearest(name, known))


def _declares(class_: type, name: str, own: Mapping[str, Any]) -> bool:
    """Whether the section or one of its bases annotates the attribute."""
    return name in own or any(name in vars(owner).get("__annotations__", {}) for owner in class_.__mro__)


def _looks_like(name: str, known: frozenset[str]) -> bool:
    return bool(get_close_matches(name, known, 1, _SIMILAR))


def _mistyped(
    where: str, word: str, value: object, found: re.Match[str], annotation: str
) -> Iterator[DeclarationProblem]:
    outer, inner = found.groups()
    if value is None and "None" in annotation:
        return
    wanted = _TYPES.get(outer)
    if wanted is None:
        return
    if isinstance(value, str) and str not in wanted:
        yield DeclarationProblem(
            where, word, value, f'is one text where names are meant; write ("{value}",) with the comma'
        )
    elif not isinstance(value, wanted):
        yield DeclarationProblem(where, word, repr(value), f"is no {outer}")
    elif outer == "Sequence" and isinstance(value, Sequence):
        yield from _wrong_items(where, word, value, inner)


def _wrong_items(
    where: str, word: str, values: Sequence[Any], inner: str | None
) -> Iterator[DeclarationProblem]:
    item: Any = {"str": str, "Tab": Tab}.get(inner or "")
    if item is None:
        return
    for each in values:
        if not isinstance(each, item):
            yield DeclarationProblem(where, word, repr(each), f"is no {inner}")
    names: list[str] = [
        each.key if isinstance(each, Tab) else each for each in values if isinstance(each, item)
    ]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield DeclarationProblem(where, word, name, "stands there twice")
