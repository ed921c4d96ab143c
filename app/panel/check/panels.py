"""The check of a section's side panel: its parents, its tabs, its chip, its template, and what it registers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import current_app
from sqlalchemy import inspect

from app.panel.check.problems import DeclarationProblem, nearest
from app.panel.displays import Chip
from app.panel.side import EntryForm, SidePanel
from app.panel.side.routes import SidePanelScreen


def problems_of_panel(section: Any) -> Iterator[DeclarationProblem]:
    where, panel = type(section).__name__, section.panel
    if panel is None:
        return
    if not isinstance(panel, SidePanel):
        yield DeclarationProblem(where, "panel", repr(panel), "is no SidePanel")
        return
    if not issubclass(panel.form, EntryForm):
        yield DeclarationProblem(where, "panel.form", panel.form.__name__, "is no EntryForm")
    relations, tabs = inspect(section.model).relationships.keys(), {tab.key for tab in section.tabs}
    for word, names, known in (("parents", panel.parents, relations), ("next", panel.next, tabs)):
        for name in sorted(set(names) - set(known)):
            reason = f"is no {'relation' if word == 'parents' else 'tab'} of the section"
            yield DeclarationProblem(where, f"panel.{word}", name, reason, nearest(name, known))
    if panel.template not in current_app.jinja_env.list_templates(extensions=["html"]):
        yield DeclarationProblem(where, "panel.template", panel.template, "is no template")
    yield from _methods(section, panel, where)


def _methods(section: Any, panel: SidePanel, where: str) -> Iterator[DeclarationProblem]:
    needed = ["register", "undo_registered"]
    if panel.chip is not None:
        needed += ["choices", "register_choice"]
        chips = {path for path in section.columns if isinstance(section.displays.get(path), Chip)}
        if panel.chip not in chips:
            reason = "is no Chip in `columns`"
            yield DeclarationProblem(where, "panel.chip", panel.chip, reason, nearest(panel.chip, chips))
    for name in needed:
        if getattr(type(section), name) is getattr(SidePanelScreen, name):
            yield DeclarationProblem(where, "panel", name, "is a method that the section has to define")
