"""The routes of rows that stand on the page of their parent alone: shown there, added and edited in a dialog.

Each change is made under a lock of the parent, needs the right to edit the parent, and is an event of the parent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from flask import abort, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import inspect, select

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.lib.persian import group_number
from app.panel.access import lock_membership, permitted, requires, row_key, wants_fragment
from app.panel.action import Done
from app.panel.forms.builder import PanelForm
from app.panel.forms.fields import FilesField
from app.panel.records.child_parent import RowOfParent, is_key
from app.panel.records.children import MOST_CHILDREN, children_in
from app.panel.responses import success
from models.audit.recorder import record_change, record_event
from models.audit.values import removed_values
from models.base import Row
from models.child.one_flag import OneFlag, settle_flag, take_flag
from models.tenancy.scope import actor_of


class ChildScreen(RowOfParent):
    """/of/<parent>, /<pk>/flag, and the forms and the deletion of a child."""

    form_template = "panel/forms/dialog.html"
    conflict_template = "panel/forms/conflict_dialog.html"

    # The parent's page.

    @expose("/of/<pk>")
    @requires("list")
    def of(self, pk: str) -> Any:
        """The children of a parent as a fragment; requests without htmx get the page of the parent."""
        parents = self.parents
        parent = parents.get_row(row_key(pk))
        if not permitted(parents, "can_show"):
            abort(403)
        if not wants_fragment():
            return redirect(f"{parents.base_url}show/{parent.id}#{self.slug}")
        children = children_in(self, parents, parent)
        return self.render_template("panel/records/_children.html", children=children)

    @expose("/show/<pk>")
    @requires("show")
    def show(self, pk: str) -> Any:
        """A child has no page of its own."""
        return redirect(self.back_url(self.get_row(row_key(pk))))

    # The forms.

    @expose("/add", methods=["GET", "POST"])
    @requires("add")
    def add(self) -> Any:
        key = request.values.get(str(self.only_in), "")
        if is_key(key):
            self._require_parent(int(key))
        return super().add()

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @requires("edit")
    def edit(self, pk: str) -> Any:
        self._require_parent(self.parent_id(self.get_row(row_key(pk))))
        return super().edit(pk)

    def _form_page(self, item: Row, form_class: type[PanelForm], title: str, **options: Any) -> Any:
        """The form with a field for files, where the rows have them, and without a flag that can't be removed."""
        known: Any = form_class  # to a type checker a class is not hashable
        if issubclass(self.model, OneFlag) and getattr(item, self.model.__flag__):
            known = _without(known, self.model.__flag__)
        form_class = _with_files(known) if self.attachments else known
        return super()._form_page(item, form_class, title, **options)

    def preset(self, form: PanelForm) -> None:
        """The parent that the address names."""
        key, field = request.args.get(str(self.only_in), ""), form[str(self.only_in)]
        field.data = field.find(int(key)) if is_key(key) else None

    def write(self, item: Any, form: PanelForm, names: Sequence[str], *, existing: bool) -> Any:
        key = self.parent_id(item) if existing else form[str(self.only_in)].data.id
        self._lock([key])
        parent = self._require_parent(key)
        if not existing:
            self._refuse_full(key)
            setattr(item, self._key.key, key)
        self._move_flag(item, form, key, existing=existing)
        record_event(db.session(), "edit", parent)
        saved = super().write(item, form, names, existing=existing)
        self._settle([key])
        if "files" in form and form["files"].data:
            uploads = [Upload(file.filename, file.stream) for file in form["files"].data]
            self.attachment_service.attach(saved, uploads)
        return saved

    def _refuse_full(self, key: int) -> None:
        statement = select(self.model.id).where(self._key == key).limit(MOST_CHILDREN)
        if len(db.session.scalars(statement).all()) == MOST_CHILDREN:
            words = _l("There are %(most)s of them already; delete one first.")
            raise DomainError(words, most=group_number(MOST_CHILDREN))

    def _move_flag(self, item: Any, form: PanelForm, key: int, *, existing: bool) -> None:
        """Take the flag from the sibling that has it, where the form gives it to this row."""
        if not issubclass(self.model, OneFlag) or self.model.__flag__ not in form:
            return
        field = form[self.model.__flag__]
        if field.data:
            take_flag(db.session(), self.model, key, but=item.id)
        elif existing and getattr(item, self.model.__flag__):
            words = _l("One of them must have this; give it to another one instead.")
            raise DomainError(words, field=self.model.__flag__)

    def _settle(self, keys: Sequence[int]) -> None:
        if issubclass(self.model, OneFlag):
            for key in keys:
                settle_flag(db.session(), self.model, key)

    @expose("/<pk>/flag", methods=["POST"])
    @requires("edit")
    def set_flag(self, pk: str) -> Any:
        """Give the row the flag; the undo gives it back to the row that had it."""
        if not issubclass(self.model, OneFlag):
            abort(404)
        lock_membership()
        self.lock_above(row_key(pk))
        row, session = self.get_row(row_key(pk)), db.session()
        parent, key = self._require_parent(self.parent_id(row)), self.parent_id(row)
        record_event(session, "edit", parent)
        former = take_flag(session, self.model, key, but=row.id)
        setattr(row, self.model.__flag__, True)
        session.flush()
        label = self.describe(self.model.__flag__).label
        undo_url = f"{self.base_url}{former.id}/flag" if former is not None else None
        done = Done(_("«%(row)s» is «%(flag)s» now.", row=str(row), flag=label), undo_url)
        session.commit()
        return success(done, self.back_url(row))

    # Deletion.

    def delete_rows(self, rows: Sequence[Any], form: Any) -> Done:
        keys = sorted({self.parent_id(row) for row in rows})
        self._lock(keys)
        for key in keys:
            record_event(db.session(), "edit", self._require_parent(key))
        for row in rows:
            before, _after = removed_values(inspect(row))
            record_change(db.session(), "delete", self.model, row.id, before=before)
        done: Done = super().delete_rows(rows, form)
        self._settle(keys)
        return done

    @expose("/undo/<batch>", methods=["POST"])
    @requires("delete")
    def undo(self, batch: str) -> Any:
        rows = self._deleted_in(batch)
        keys = sorted({self.parent_id(row) for row in rows.values()})
        self._lock(keys)
        for key in keys:
            record_event(db.session(), "edit", self._require_parent(key))
        for pk, row in rows.items():
            after, _before = removed_values(inspect(row))
            record_change(db.session(), "undo", self.model, pk, after=after)
        return super().undo(batch)

    def _deleted_in(self, batch: str) -> Mapping[int, Any]:
        """The rows that the acting member deleted as this batch."""
        try:
            mine = self.model.deleted_by_id == actor_of(db.session()).member_id
            statement = select(self.model).where(self.model.delete_batch == UUID(batch), mine)
        except ValueError:
            abort(404)
        rows = db.session.scalars(statement, execution_options={"with_deleted": True})
        return {row.id: row for row in rows}


@cache
def _with_files(form_class: type[PanelForm]) -> type[PanelForm]:
    help_text = _l("pdf, jpg, png, webp, docx, xlsx, mp3, ogg or txt, each of at most 10 megabytes.")
    members = {"files": FilesField(_l("New files"), description=help_text)}
    return type(form_class.__name__, (form_class,), members)


@cache
def _without(form_class: type[PanelForm], name: str) -> type[PanelForm]:
    return type(form_class.__name__, (form_class,), {name: None})
