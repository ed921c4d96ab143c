"""The routes of one conversation: its page, older messages, news, answers, files, closing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask import abort, redirect, request
from flask_appbuilder import BaseView, expose
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.gateways.storage import Upload
from app.panel.access import lock_membership, requires, row_key, wants_fragment
from app.panel.action import Done
from app.panel.layout.menu_counts import mark_counts_changed
from app.panel.rates.groups import Group, limited
from app.panel.records.attachments import find_file
from app.panel.responses import leave_toast, send_attachment, success_at
from app.services.message.read import mark_read
from app.services.message.send import answer
from app.services.message.status import close, reopen
from models.attachment import Attachment
from models.messages.message import Message
from models.messages.thread import Thread, ThreadKind
from views.threads.bubbles import BubblePage, bubble_page
from views.threads.form import AnswerForm
from views.threads.query import query_of_request
from views.threads.talk import Talk, find_talk


class TalkRoutes(BaseView):
    """GET of /show/<pk>, /<pk>/older, /<pk>/news and /<pk>/files/<uuid>; POST of /<pk>/answer, /close and /reopen.

    `kinds` are opened here. A page or section says how the whole page looks (`talk_page`).
    """

    kinds: ClassVar[Sequence[ThreadKind]] = (ThreadKind.INTERNAL,)
    base_url: str

    def talk_page(self, parts: dict[str, Any]) -> str:
        """The whole page of a conversation; *parts* are the names that its template needs."""
        raise NotImplementedError

    def add_answer(self, thread: Thread, text: str, uploads: Sequence[Upload], token: UUID) -> Message:
        return answer(thread, text, uploads=uploads, token=token)

    def close_thread(self, thread: Thread) -> bool:
        return close(thread)

    def reopen_thread(self, thread: Thread) -> bool:
        return reopen(thread)

    @expose("/show/<pk>")
    @requires("show")
    def show(self, pk: str) -> str:
        """The conversation beside the list; it is read by this."""
        talk = self.talk(pk)
        page = self._open(talk)
        if wants_fragment():
            mark_counts_changed()
            html = self.render_template(
                "threads/_talk.html", **self._talk(talk, page, AnswerForm(formdata=None))
            )
        else:
            html = self.talk_page(self._talk(talk, page, AnswerForm(formdata=None)))
        db.session.commit()
        return html

    @expose("/<pk>/older")
    @requires("show")
    def older(self, pk: str) -> str:
        """The messages before ``?before=``."""
        talk = self.talk(pk)
        page = bubble_page(talk, self.base_url, before=_number("before"))
        return self.render_template("threads/_bubbles.html", talk=talk, page=page, base_url=self.base_url)

    @expose("/<pk>/news")
    @requires("show")
    @limited(read=Group.NEWS)
    def news(self, pk: str) -> str:
        """The messages after ``?after=``, which are read by this, and what the others have seen."""
        talk = self.talk(pk)
        html = self._news(talk)
        db.session.commit()
        return html

    @expose("/<pk>/answer", methods=["POST"])
    @requires("add")
    @limited(write=Group.CHAT)
    def answer(self, pk: str) -> Any:
        lock_membership()
        talk, form = self.talk(pk, writes=True), AnswerForm()
        token = form.token(request.form.get("client_token", ""))
        try:
            is_sent = form.validate() and bool(
                self.add_answer(talk.thread, form.text.data or "", form.uploads(), token)
            )
        except DomainError as error:
            db.session.rollback()
            talk, is_sent = self.talk(pk), False
            form.refuse(error)
        if not is_sent:
            return self._refused(talk, form), 422
        if not wants_fragment():
            db.session.commit()
            leave_toast(Done(_("The message is sent.")))
            return redirect(f"{self.base_url}show/{row_key(pk)}")
        html = self._news(talk)
        db.session.commit()
        return html

    @expose("/<pk>/close", methods=["POST"])
    @requires("close")
    def close(self, pk: str) -> Response:
        return self._move(pk, self.close_thread, _("The conversation is closed."), "reopen")

    @expose("/<pk>/reopen", methods=["POST"])
    @requires("close")
    def reopen(self, pk: str) -> Response:
        return self._move(pk, self.reopen_thread, _("The conversation is open again."), "close")

    @expose("/<pk>/files/<uuid>")
    @requires("show")
    def message_file(self, pk: str, uuid: str) -> Response:
        talk = self.talk(pk)
        if not talk.opens_files:
            abort(404)
        messages = select(Message.id).where(Message.thread_id == talk.thread.id)
        of_thread = (Attachment.parent_type == Message.__tablename__) & Attachment.parent_id.in_(messages)
        return send_attachment(find_file(of_thread, _uuid(uuid)) or abort(404))

    def talk(self, pk: str, *, writes: bool = False) -> Talk:
        """The conversation that the member may read, or write to; 404 for any other one."""
        return find_talk(row_key(pk), self.kinds) or abort(404)

    def _open(self, talk: Talk) -> BubblePage:
        """Mark the messages as read, and read them."""
        if talk.me is not None and talk.unread:
            mark_read(talk.thread, talk.me.last_read)
        return bubble_page(talk, self.base_url)

    def _news(self, talk: Talk) -> str:
        """The messages after ``?after=``, as HTML; the member reads them."""
        if talk.me is not None:
            mark_read(talk.thread, talk.me.last_read)
        mark_counts_changed()
        page = bubble_page(talk, self.base_url, after=_number("after") or 0)
        return self.render_template("threads/_news.html", talk=talk, page=page, base_url=self.base_url)

    def _move(self, pk: str, move: Callable[[Thread], bool], words: str, back: str) -> Response:
        lock_membership()
        talk = self.talk(pk, writes=True)
        key, has_changed = talk.thread.id, move(talk.thread)
        mark_counts_changed()
        db.session.commit()
        done = Done(words, f"{self.base_url}{key}/{back}") if has_changed else Done(_("This is so already."))
        return success_at(done, f"{self.base_url}show/{key}")

    def _refused(self, talk: Talk, form: AnswerForm) -> str:
        """The form with its errors; without an open page the whole page."""
        token = request.form.get("client_token", "")
        if wants_fragment():
            return self.render_template("threads/_composer.html", **self._composer(talk, form, token))
        return self.talk_page(self._talk(talk, bubble_page(talk, self.base_url), form, token))

    def _talk(self, talk: Talk, page: BubblePage, form: AnswerForm, token: str = "") -> dict[str, Any]:
        return {
            "page": page,
            "list_query": query_of_request().arguments(),
            **self._composer(talk, form, token),
        }

    def _composer(self, talk: Talk, form: AnswerForm, token: str) -> dict[str, Any]:
        return {"talk": talk, "form": form, "token": token or str(uuid4()), "base_url": self.base_url}


def _number(name: str) -> int | None:
    """A key in the address; None for any other text."""
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(404)
