"""The check of a section's timeline: each source names a section, stands on this page, and reads what exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import inspect

from app.panel.check.paths import Missing, resolve
from app.panel.check.problems import DeclarationProblem, nearest
from app.panel.timeline import Source, Timeline


def problems_of_timeline(section: Any, sections: Mapping[str, Any]) -> Iterator[DeclarationProblem]:
    where, timeline = type(section).__name__, section.timeline
    if timeline is None:
        return
    if not isinstance(timeline, Timeline):
        yield DeclarationProblem(where, "timeline", repr(timeline), "is no Timeline")
        return
    seen: set[Any] = set()
    for source in timeline.sources:
        name = f"source of {source.model.__name__}"
        for reason, better in _problems(section, source, sections):
            yield DeclarationProblem(where, "timeline", name, reason, better)
        if source.model in seen:
            # The statement joins each table once.
            yield DeclarationProblem(where, "timeline", name, "stands there twice")
        seen.add(source.model)


def _problems(section: Any, source: Source, sections: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    other = sections.get(source.section)
    if other is None:
        yield f"names no section: {source.section!r}", nearest(source.section, sections)
    elif source.scope is None and other.model is not source.model:
        yield f"has no scope, and the section {source.section!r} has other rows", None
    if section.model not in source.of:
        yield f"does not say which rows are of one {section.model.__name__}", None
    if source.at not in inspect(source.model).column_attrs:
        columns = [column.key for column in inspect(source.model).column_attrs]
        yield f"has no column {source.at!r}", nearest(source.at, columns)
    for path in source.reads:
        found = resolve(source.model, path)
        if isinstance(found, Missing):
            yield f"reads {path!r}, which {found.reason}", found.nearest
