"""Pieces of pages that are written once: what a macro made of the same arguments is not made again.

For macros that depend on nothing but their arguments, such as the menu. Not for forms, which carry a token, unless who
asks fills it in afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import current_app, g
from markupsafe import Markup

from app.panel.layout.assets import asset_url
from app.panel.layout.translations import language

# A menu takes a few kilobytes, and each number beside its words makes another one.
MOST_PIECES = 1_000


def kept(template: str, macro: str, *arguments: Any) -> Markup:
    """What *macro* of *template* makes of *arguments*, which are hashable or lists of what is."""
    write, around = g.get("pieces") or _begin()
    hashable = tuple([tuple(each) if isinstance(each, list) else each for each in arguments])
    piece: Markup = write(around, template, macro, hashable)
    return piece


def _begin() -> tuple[Callable[..., Markup], tuple[str, ...]]:
    """How a request's pieces are written, and what all of them depend on; icons stand in them by an address that a new build changes."""
    write = _write if current_app.jinja_env.auto_reload else _kept
    g.pieces = write, (language(), asset_url("icons.svg"))
    begun: tuple[Callable[..., Markup], tuple[str, ...]] = g.pieces
    return begun


def _write(around: tuple[str, ...], template: str, macro: str, arguments: tuple[Any, ...]) -> Markup:
    module = current_app.jinja_env.get_template(template).module
    written: Markup = getattr(module, macro)(*arguments)
    return written


_kept = lru_cache(maxsize=MOST_PIECES)(_write)
