"""Uploaded files in storage: key, size, age and whether a row refers to them; never their content."""

from __future__ import annotations

from flask import request
from flask_admin import expose
from flask_babel import lazy_gettext as _l

from app.console.base import ConsolePage
from app.panel.queries.arguments import page_number
from app.services.attachment.store import list_stored

PAGE_SIZE = 50


class StoredFiles(ConsolePage):
    slug, title = "files", _l("Uploaded files")
    hint = _l("What lies in the store. A file without a row is swept away after a while.")

    @expose("/")
    def index(self) -> str:
        page = page_number(request.args.get("page", ""), most=100_000)
        files, total = list_stored(PAGE_SIZE, skip=(page - 1) * PAGE_SIZE)
        return str(
            self.render(
                "console/files.html",
                view=self,
                files=files,
                total=total,
                page=page,
                has_more=page * PAGE_SIZE < total.number,
            )
        )
