"""Declarations with other words, and their problems."""

from contextlib import contextmanager

import pytest

from app.panel.check.declarations import problems_of
from app.panel.page import Page
from app.panel.section import Section


def kinds():
    """The sections and pages of the product; other tests declare some of their own."""
    return [kind for kind in (*Section.registry, *Page.registry) if kind.__module__.startswith("views.")]


def bare():
    return [object.__new__(kind) for kind in kinds()]


@contextmanager
def declared(kind, **words):
    """The class *kind* with other words, for a moment."""
    with pytest.MonkeyPatch.context() as patch:
        for word, value in words.items():
            patch.setattr(kind, word, value, raising=False)
        yield object.__new__(kind)


def problems(kind, **words):
    with declared(kind, **words) as view:
        return problems_of(view, bare())


def named(kind, **words):
    """(word, wrong name, nearest) of each problem."""
    return [(each.word, each.name, each.nearest) for each in problems(kind, **words)]


def wrong_names(kind, **words):
    return {each.name for each in problems(kind, **words)}
