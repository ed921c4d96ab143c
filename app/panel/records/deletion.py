"""The question before rows are deleted: noun and names, what is deleted with them, what stays, and for how long they can return."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, inspect, or_, select
from sqlalchemy.orm import RelationshipDirection

from app.extensions import appbuilder
from app.lib.persian import group_number
from app.panel.access import permitted
from app.panel.action import Question
from app.panel.declaration import Declaration
from app.panel.lists.row_names import row_names
from app.panel.queries.counts import BADGE_CAP, capped_counts
from models.base import SoftDelete
from models.trash import TRASH_RETENTION, children_of

# Sections and how many of their rows are concerned.
_Counts = Sequence[tuple[Declaration, int]]


def ask_deletion(section: Declaration, statement: Select[Any], count: int) -> Question:
    """The question for the *count* rows of *statement*; the numbers are those that the member may see."""
    names = row_names(section, statement, count)
    noun = str(section.title_one)
    if count == 1:
        title = _("Delete %(what)s %(name)s?", what=noun, name=names)
        return Question(title, _consequences(section, statement, count), _("Delete %(what)s", what=noun))
    number = group_number(count)
    return Question(
        _("Delete %(count)s %(what)s?", count=number, what=noun),
        [names, *_consequences(section, statement, count)],
        _("Delete %(count)s %(what)s", count=number, what=noun),
    )


def deleted_words(section: Declaration, rows: Sequence[Any]) -> str:
    """The message after the deletion of *rows*."""
    noun = str(section.title_one)
    if len(rows) == 1:
        return str(_("%(what)s «%(name)s» deleted.", what=noun, name=rows[0]))
    return str(_("%(count)s %(what)s deleted.", count=len(rows), what=noun))


def _consequences(section: Declaration, statement: Select[Any], count: int) -> list[str]:
    keys = statement.with_only_columns(section.model.id).order_by(None)
    going = _going_along(section, keys)
    staying = {view: clause for view, clause in _references(section, keys) if view not in going}
    numbers = _numbers({**going, **staying})
    lines = []
    if words := _listed([(view, numbers[view]) for view in going]):
        text = (
            _("%(rows)s is deleted with it.", rows=words)
            if count == 1
            else _("%(rows)s is deleted with them.", rows=words)
        )
        lines.append(text)
    if words := _listed(used := [(view, numbers[view]) for view in staying]):
        kinds = _(" and ").join(str(view.title) for view, number in used if number)
        lines.append(_("Used in %(rows)s; %(kinds)s stay.", rows=words, kinds=kinds))
    if issubclass(section.model, SoftDelete):
        return [*lines, _("In the trash for %(days)s days.", days=group_number(TRASH_RETENTION.days))]
    return [*lines, _("This can't be taken back.")]


def _going_along(section: Declaration, keys: Select[Any]) -> dict[Declaration, ColumnElement[bool]]:
    """The sections whose rows are deleted with the rows of *keys*, with the condition for those rows."""
    clauses: dict[Any, list[ColumnElement[bool]]] = {}
    level = [(section.model, keys)]
    while level:
        found = [(link, parents) for model, parents in level for link in children_of(model)]
        level = []
        for link, parents in found:
            clause = link.column.in_(parents)
            clauses.setdefault(link.child, []).append(clause)
            level.append((link.child, select(link.child.id).where(clause)))
    return {view: or_(*clauses[view.model]) for view in _listed_sections() if view.model in clauses}


def _references(section: Declaration, keys: Select[Any]) -> Iterator[tuple[Declaration, ColumnElement[bool]]]:
    """The other sections that declare a relation to *section*, with the condition for rows that refer to *keys*."""
    for view in _listed_sections():
        clauses = [
            next(iter(relation.local_columns)).in_(keys)
            for relation in inspect(view.model).relationships
            if relation.direction is RelationshipDirection.MANYTOONE
            and relation.mapper.class_ is section.model
            and relation.key in _declared_names(view)
        ]
        if clauses and view.model is not section.model:
            yield view, or_(*clauses)


def _declared_names(view: Declaration) -> set[str]:
    """The properties that the words of *view* name."""
    words = (view.columns, view.optional_columns, view.details, view.form, view.filters, view.appears_on)
    return {str(path).partition(".")[0] for paths in words for path in paths}


def _listed_sections() -> list[Declaration]:
    views = [view for view in appbuilder.baseviews if isinstance(view, Declaration)]
    return sorted((view for view in views if permitted(view, "can_list")), key=lambda view: view.menu_order)


def _numbers(clauses: Mapping[Declaration, ColumnElement[bool]]) -> dict[Declaration, int]:
    """The capped numbers of rows by section, read in one statement."""
    if not clauses:
        return {}
    statements = {
        f"{view.slug} of deleted rows": view.statement().where(clause) for view, clause in clauses.items()
    }
    found = capped_counts(statements)
    return {view: found[f"{view.slug} of deleted rows"] for view in clauses}


def _listed(numbers: _Counts) -> str:
    """The numbers that are not zero, with their nouns."""
    return str(_(" and ")).join(_counted(view, number) for view, number in numbers if number)


def _counted(view: Declaration, number: int) -> str:
    noun = str(view.title_one)
    if number > BADGE_CAP:
        return str(_("more than %(count)s %(what)s", count=group_number(BADGE_CAP), what=noun))
    return f"{group_number(number)} {noun}"
