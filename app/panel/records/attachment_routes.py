"""The routes of a row's files: list, attach, download, delete and restore, with the rights of the row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar, Protocol
from uuid import UUID

from flask import abort, flash, make_response, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.panel.access import lock_membership, permitted, requires, row_key, wants_fragment
from app.panel.action import Done
from app.panel.forms.idempotency import DuplicateSubmission, claim, fresh_nonce, nonce_again, note_row
from app.panel.rates.groups import Group, limited
from app.panel.records.attachments import FilesForm, file_lines, find_file
from app.panel.records.delete import soft_delete
from app.panel.records.deleted_rows import find_rows
from app.panel.records.page_data import FilesPanel, ShowPage
from app.panel.records.related import related_of, tabs_of
from app.panel.records.restore import restore
from app.panel.records.routes import RecordScreen
from app.panel.responses import failure, send_attachment, success, toast
from models.attachment import Attachment
from models.audit.recorder import muted, record_event
from models.base import Row

# The routes below; a section without attachments excludes them.
FILE_ROUTES = frozenset({"files", "attach", "file", "delete_file", "restore_file"})


class AttachmentService(Protocol):
    """The service that checks and stores files; the factory sets it."""

    def attach(self, parent: Row, uploads: Iterable[Upload]) -> list[Attachment]: ...
    def refuse_full(self, parent: Row, number: int, *, size: int = 0) -> None: ...


class AttachmentScreen(RecordScreen):
    """/<pk>/files, and below it /add, /<uuid>, /<uuid>/delete and /<uuid>/restore.

    The right to see the row gives the right to see its files; `attach_right` lets members add files, the right to edit
    lets them delete and restore files.
    """

    attachment_service: ClassVar[AttachmentService]

    def show_page(self, row: Row) -> ShowPage:
        page = super().show_page(row)
        return replace(page, files=self.files_panel(row)) if self.attachments else page

    def files_panel(self, row: Row, form: FilesForm | None = None) -> FilesPanel:
        url, may_edit = f"{self.base_url}{row.id}/files", permitted(self, "can_edit")
        lines, deleted = file_lines(self.files_of(row), Attachment.of(row), url=url, may_edit=may_edit)
        if not permitted(self, f"can_{self.attach_right}"):
            return FilesPanel(url, lines, deleted)
        hidden = nonce_again(request.form) if form else fresh_nonce()
        return FilesPanel(url, lines, deleted, form or FilesForm(formdata=None), hidden)

    @expose("/<pk>/files")
    @requires("show")
    def files(self, pk: str) -> Any:
        row = self.get_row(row_key(pk))
        return self._files_page(row) if wants_fragment() else redirect(self._files_url(row))

    @expose("/<pk>/files/add", methods=["POST"])
    @requires("edit")
    @limited(write=Group.UPLOAD)
    def attach(self, pk: str) -> Any:
        lock_membership()
        row, form = self.get_row(row_key(pk)), FilesForm()
        done = self._attach(row, form) if form.validate() else None
        if done is None:
            return self._files_page(self.get_row(row_key(pk)), form), 422
        if not wants_fragment():
            flash(done.message, "success")
            return redirect(self._files_url(row))
        response = make_response(self._files_page(row))
        response.headers.update(toast(done))
        return response

    @expose("/<pk>/files/<uuid>")
    @requires("show")
    def file(self, pk: str, uuid: str) -> Response:
        row = self.get_row(row_key(pk))
        return send_attachment(find_file(self.files_of(row), _key(uuid)) or abort(404))

    @expose("/<pk>/files/<uuid>/delete", methods=["POST"])
    @requires("edit")
    def delete_file(self, pk: str, uuid: str) -> Response:
        lock_membership()
        row = self.get_row(row_key(pk))
        file = find_file(Attachment.of(row), _key(uuid)) or abort(404)
        name, url = file.original_name, self._files_url(row)
        with muted(db.session()):
            soft_delete(Attachment, [file.id])
        record_event(db.session(), "detach", row, before={"file": name})
        db.session.commit()
        undo_url = f"{self.base_url}{row.id}/files/{_key(uuid)}/restore"
        return success(Done(_("The file %(name)s is deleted.", name=name), undo_url), url)

    @expose("/<pk>/files/<uuid>/restore", methods=["POST"])
    @requires("edit")
    def restore_file(self, pk: str, uuid: str) -> Response:
        lock_membership()
        row = self.get_row(row_key(pk))
        file = find_file(Attachment.of(row), _key(uuid), deleted=True) or abort(404)
        name, url = file.original_name, self._files_url(row)
        try:
            self.attachment_service.refuse_full(row, 1)
            with muted(db.session()):
                restore(find_rows(Attachment, [file.id]))
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), url)
        record_event(db.session(), "reattach", row, after={"file": name})
        db.session.commit()
        return success(Done(_("The file %(name)s is restored.", name=name)), url)

    def _attach(self, row: Row, form: FilesForm) -> Done | None:
        """The result to show; None when a file was refused, with the reason on the form."""
        uploads = [Upload(file.filename, file.stream) for file in form.files.data]
        try:
            # The claim includes the files: the same form with other files is a new submission.
            claimed = claim(f"{type(self).__name__} {row.id} {_digest(uploads)}", request.form)
            with muted(db.session()):
                attached = self.attachment_service.attach(row, uploads)
            note_row(claimed, row.id)
            names = "، ".join(each.original_name for each in attached)
            record_event(db.session(), "attach", row, after={"file": names})
            db.session.commit()
        except DuplicateSubmission:
            db.session.rollback()
            return Done(_("These files were sent before; they are kept once."))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return None
        return Done(ngettext("%(num)s file attached.", "%(num)s files attached.", len(attached)))

    def _files_url(self, row: Row) -> str:
        return f"{self.base_url}show/{row.id}#row-files"

    def _files_page(self, row: Row, form: FilesForm | None = None) -> str:
        panel = self.files_panel(row, form)
        if wants_fragment():
            return self.render_template("panel/records/_files.html", files=panel)
        tabs = tabs_of(self, row, related_of(self, row), "facts")
        page = replace(RecordScreen.show_page(self, row), tabs=tabs, files=panel)
        parts = self.record_parts(row)
        return self.render_template(self.record_template, page=page, related=None, section=self, **parts)


def guarded_attach(right: str) -> Any:
    """The route that attaches files, with another right than that of editing."""
    path, methods = "/<pk>/files/add", ["POST"]
    return expose(path, methods=methods)(requires(right)(AttachmentScreen.attach.__wrapped__))


def _digest(uploads: Iterable[Upload]) -> str:
    """A digest of the names and contents of *uploads*."""
    digest = hashlib.sha256()
    for upload in uploads:
        digest.update(f"{upload.name}\0".encode(errors="replace"))
        digest.update(hashlib.sha256(upload.stream.read()).digest())
        upload.stream.seek(0)
    return digest.hexdigest()


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(404)
