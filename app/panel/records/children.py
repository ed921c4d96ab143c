"""The children of a row on its page: the rows of sections with `only_in`, each kind in a table of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from app.extensions import appbuilder, db
from app.panel.access import permitted
from app.panel.actor import currency
from app.panel.columns import describe
from app.panel.declaration import Declaration
from app.panel.records.page_data import Children, ChildRow
from app.panel.view_models import MenuItem
from models.attachment import Attachment
from models.base import Row
from models.child.one_flag import OneFlag, parent_key

# The most children of one kind; the page of the parent shows all of them.
MOST_CHILDREN = 100


def children_of(section: Declaration, row: Row) -> list[Children]:
    """The children of *row*, of the kinds that the member may list."""
    return [children_in(child, section, row) for child in _child_sections(section)]


def _child_sections(section: Declaration) -> list[Any]:
    views = [view for view in appbuilder.baseviews if isinstance(view, Declaration) and view.only_in]
    mine = [view for view in views if describe(view.model, str(view.only_in)).target is section.model]
    return sorted((view for view in mine if permitted(view, "can_list")), key=lambda view: view.menu_order)


def children_in(child: Any, section: Declaration, row: Row) -> Children:
    """The rows of the section *child* that belong to *row*, a row of *section* in the member's scope."""
    may_change = section.may_edit(row)
    rows = db.session.scalars(_statement(child, row)).all()
    child.complete(rows)
    files = _files_of(child, rows) if child.attachments else {}
    label = str(_("Add %(what)s", what=child.title_one))
    return Children(
        key=child.slug,
        title=str(child.title),
        url=f"{child.base_url}of/{row.id}",
        headings=[str(column.label) for column in child.columns_of(child.columns)],
        rows=[_child_row(child, each, files.get(each.id, ()), may_change=may_change) for each in rows],
        has_files=child.attachments,
        add_label=label,
        add_url=f"{child.base_url}add?{child.only_in}={row.id}"
        if may_change and permitted(child, "can_add")
        else None,
        empty=str(child.empty or _("The list of %(what)s is empty", what=child.title)),
    )


def _statement(child: Any, row: Row) -> Select[Any]:
    """The children of *row*, the one with the flag first."""
    model = child.model
    first = [getattr(model, model.__flag__).desc()] if issubclass(model, OneFlag) else []
    statement = select(model).where(parent_key(model, child.only_in) == row.id)
    relations = {column.steps[0] for column in child.columns_of(child.columns) if column.target}
    loaded = [selectinload(getattr(model, name)) for name in sorted(relations)]
    return statement.options(*loaded).order_by(*first, model.id).limit(MOST_CHILDREN)


def _files_of(child: Any, rows: Sequence[Any]) -> Mapping[int, Sequence[Attachment]]:
    """The files of *rows* by the keys of the rows."""
    keys, found = [row.id for row in rows], dict[int, list[Attachment]]()
    if keys:
        mine = Attachment.parent_type == child.model.__tablename__, Attachment.parent_id.in_(keys)
        for file in db.session.scalars(select(Attachment).where(*mine).order_by(Attachment.id)):
            found.setdefault(file.parent_id, []).append(file)
    return found


def _child_row(child: Any, row: Any, files: Sequence[Attachment], *, may_change: bool) -> ChildRow:
    unit, base = currency(), f"{child.base_url}{row.id}/files"
    has_flag = isinstance(row, OneFlag) and getattr(row, row.__flag__)
    return ChildRow(
        pk=row.id,
        label=str(row),
        cells=[child.cell_of(column, row, unit) for column in child.columns_of(child.columns)],
        flag=str(child.describe(child.model.__flag__).label) if has_flag else None,
        menu=_menu(child, row, files, has_flag=has_flag) if may_change else (),
        copied=child.copied_text(row),
        files=[(file.original_name, f"{base}/{file.uuid}") for file in files],
    )


def _menu(child: Any, row: Any, files: Sequence[Attachment], *, has_flag: bool) -> Sequence[MenuItem]:
    """The acts on a child, deletion last."""
    items, base = [], child.base_url
    if permitted(child, "can_edit"):
        items.append(MenuItem(_("Edit"), "pencil", f"{base}edit/{row.id}", "get", "dialog"))
        if issubclass(child.model, OneFlag) and not has_flag:
            label = _("Set as «%(flag)s»", flag=child.describe(child.model.__flag__).label)
            items.append(MenuItem(label, "check", f"{base}{row.id}/flag", "post"))
        for file in files:
            label = _("Delete the file %(name)s", name=file.original_name)
            items.append(
                MenuItem(label, "trash", f"{base}{row.id}/files/{file.uuid}/delete", "post", danger=True)
            )
    if permitted(child, "can_delete"):
        items.append(MenuItem(_("Delete"), "trash", f"{base}delete/{row.id}", "post", danger=True))
    return items
