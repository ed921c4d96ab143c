"""The routes of the menu of a chip: what can be chosen, and the choice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from flask import abort
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import requires, row_key
from app.panel.action import Done
from app.panel.declaration import Declaration
from app.panel.responses import failure, success
from app.panel.side.declaration import Choice, SidePanel
from app.panel.view_models import ROW_KEY


class ChoiceScreen(Declaration):
    """GET of /choices; POST of /<pk>/choose/<choice>/<token>."""

    def declared_panel(self) -> SidePanel:
        return self.panel or abort(404)

    def choices(self) -> Sequence[Choice]:
        """The menu of the chips in the column `panel.chip`."""
        return ()

    def register_choice(self, row: Any, choice: int, token: UUID) -> Done:
        """Register the choice of a menu, once for *token*; raises `DomainError`."""
        raise NotImplementedError

    @expose("/choices")
    @requires("record")
    def choice_menu(self) -> str:
        """The menu of a chip, with a token of its own, so that a click that is sent twice registers once."""
        return self.render_template(
            "panel/side/choices.html",
            choices=self.choices(),
            panel=self.declared_panel(),
            panel_url=f"{self.base_url}{ROW_KEY}/panel",
            choose_url=f"{self.base_url}{ROW_KEY}/choose",
            token=uuid4(),
        )

    @expose("/<pk>/choose/<choice>/<uuid:token>", methods=["POST"])
    @requires("record")
    def choose(self, pk: str, choice: str, token: UUID) -> Response:
        row, key = self.get_row(row_key(pk)), row_key(choice)
        try:
            done = self.register_choice(row, key, token)
            db.session.commit()
        except DomainError as error:
            db.session.rollback()
            return failure(str(error), self.base_url)
        return success(done, self.base_url)
