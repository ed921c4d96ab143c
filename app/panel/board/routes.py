"""The routes of a board: its page, the further cards of a column, and the move of a card."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import abort, make_response, redirect, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import lock_membership, requires, row_key, wants_fragment
from app.panel.action import Done
from app.panel.board.declaration import Board
from app.panel.board.lane_view import BOARD
from app.panel.board.page import board_page, further_cards
from app.panel.board.place import Move, move_card
from app.panel.board.query import SHOWN, member_called
from app.panel.declaration import Declaration
from app.panel.forms.builder import PanelForm
from app.panel.forms.locking import StaleForm, refuse_stale
from app.panel.lists.filter_form import refused_filters
from app.panel.lists.list_query import read_list_query
from app.panel.lists.page import list_url
from app.panel.queries.cursor import POSITION
from app.panel.rates.groups import Group, limited
from app.panel.responses import leave_toast, toast, with_etag
from models.audit.recorder import name_event

BOARD_ROUTES = frozenset({"board_view", "lane_view", "move"})


class _Refusal(NamedTuple):
    """A refused move: its message and status."""

    message: str
    status: int


class BoardScreen(Declaration):
    """/board, /board/<lane>, /<pk>/move."""

    def declared_board(self) -> Board:
        return self.board or abort(404)

    @expose("/board")
    @requires("list")
    @limited(read=Group.LIST)
    def board_view(self) -> Response:
        query = read_list_query(self, request.args)
        refusal = refused_filters(self, query)
        if refusal is not None:
            return refusal
        template = "panel/board/_board.html" if wants_fragment() else "panel/board/board.html"
        page = board_page(self, query, request.args)
        return with_etag(self.render_template(template, page=page, section=self))

    @expose("/board/<lane>")
    @requires("list")
    @limited(read=Group.LIST)
    def lane_view(self, lane: str) -> str:
        """The further cards of a column, after the one that the address names."""
        member = member_called(self, self.declared_board(), lane) or abort(404)
        found = further_cards(self, read_list_query(self, request.args), member, request.args)
        return self.render_template("panel/board/further.html", lane=found, board=self.board, section=self)

    @expose("/<pk>/move", methods=["POST"])
    @requires("move")
    def move(self, pk: str) -> Response:
        """Move a card to the column `to`, between the cards `above` and `below`, or back to its place `at`."""
        board, key, sent = self.declared_board(), row_key(pk), request.values
        lane = member_called(self, board, sent.get("to", ""))
        if lane is None:
            return self._refused_move(_Refusal(_("Choose one of the list."), 422))
        lock_membership()
        row = self._locked_card(key)
        name, before = str(row), (getattr(row, board.by), getattr(row, board.order))
        try:
            refuse_stale(row, sent)
            move_card(self, board, row, Move.read(lane, sent))
            db.session.flush()
            self.card_moved(row, before[0])
            name_event(db.session(), "edit", self.model, [key])
            version = row.row_version
            db.session.commit()
        except (StaleForm, StaleDataError):
            db.session.rollback()
            words = _("«%(name)s» was changed by somebody meanwhile; the board shows it anew.", name=name)
            return self._refused_move(_Refusal(words, 409))
        except DomainError as error:
            db.session.rollback()
            return self._refused_move(_Refusal(str(error), 422))
        undo = {"to": before[0].value, "at": before[1], "row_version": version}
        # Undoing an undo would offer a toast after each press of Ctrl+Z.
        undo_url = None if "at" in sent else f"{self.base_url}{key}/move?{urlencode(undo)}"
        words = _("«%(name)s» is in «%(lane)s» now.", name=name, lane=str(lane))
        return self._moved(Done(words, undo_url), pk=key, version=version)

    def card_moved(self, row: Any, before: Any) -> None:
        """What else a move does, before it is committed; *before* is the column from which the card came."""

    def _locked_card(self, key: int) -> Any:
        statement = self.statement().where(self.model.id == key).with_for_update(of=self.model)
        return db.session.scalar(statement, execution_options={"populate_existing": True}) or abort(404)

    def _moved(self, done: Done, **moved: int) -> Response:
        if not wants_fragment():
            leave_toast(done)
            return redirect(f"{self.base_url}{BOARD}")
        response = make_response("", 204)
        response.headers.update(toast(done, board_moved=moved, list_reload=True))
        return response

    def _refused_move(self, refusal: _Refusal) -> Response:
        response = make_response(refusal.message if not wants_fragment() else "", refusal.status)
        response.headers.update(toast(Done(refusal.message), level="danger", list_reload=True))
        return response

    def ways(self, arguments: MultiDict[str, str]) -> tuple[tuple[str, str, str, bool], ...]:
        """(label, icon, address, whether it is open) of the board and of the list, with the tab and the filters."""
        if self.board is None:
            return ()
        shown = [name for name in arguments if name.startswith(SHOWN)]
        is_board = request.path == f"{self.base_url}{BOARD}"
        drop = (*POSITION, *shown, "sort", "size")
        return (
            (
                _("Board"),
                "layout-kanban",
                list_url(self, arguments, drop=drop, at=f"{self.base_url}{BOARD}"),
                is_board,
            ),
            (_("List"), "list", list_url(self, arguments, drop=drop), not is_board),
        )

    # The add form begins with the column whose button was pressed, and ends at the board.

    def preset(self, form: PanelForm) -> None:
        super().preset(form)  # type: ignore[misc]  # the screen of forms has it
        if self.board is not None and self.board.by in form:
            lane = member_called(self, self.board, request.args.get(self.board.by, ""))
            form[self.board.by].data = lane or form[self.board.by].data

    def after_save_url(self, item: Any) -> str:
        if self.board is not None and self.board.by in request.args:
            return f"{self.base_url}{BOARD}"
        return str(super().after_save_url(item))  # type: ignore[misc]  # the screen of forms has it


def guarded_move(right: str) -> Any:
    """The route that moves cards, with the right that the board names."""
    return expose("/<pk>/move", methods=["POST"])(requires(right)(BoardScreen.move.__wrapped__))
