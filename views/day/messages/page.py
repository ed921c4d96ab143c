"""The page of messages: conversations with members of the organisation, and new ones."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, select
from werkzeug.wrappers import Response

from app.errors import DomainError
from app.extensions import db
from app.panel.access import lock_membership, requires
from app.panel.action import Done
from app.panel.actor import member_id
from app.panel.forms.idempotency import DuplicateSubmission, claim, fresh_nonce, nonce_again, note_row
from app.panel.layout.menu_counts import mark_counts_changed
from app.panel.notifications import Notify
from app.panel.page import PageAudience
from app.panel.queries.search import matching
from app.panel.rates.groups import Group, limited
from app.panel.responses import success_at
from app.services.message.send import start
from models.member import Member
from models.messages.message import Message
from models.messages.thread import Thread, ThreadKind, ThreadMember
from views import groups
from views.threads.form import NewThreadForm
from views.threads.news import unread_threads
from views.threads.page import Threads

_MOST_FOUND = 20


def _members() -> Select[int, int]:
    """The other members of the conversation of each message."""
    return (
        select(ThreadMember.member_id, Message.id)
        .join(Message, Message.thread_id == ThreadMember.thread_id)
        .join(ThreadMember.member)
        .where(Member.active.is_(True))
    )


def _of_messages() -> ColumnElement[bool]:
    internal = select(Thread.id).where(Thread.kind == ThreadKind.INTERNAL)
    return Message.thread_id.in_(internal)


class Messages(Threads):
    """Besides the addresses of conversations: GET and POST of /add, GET of /lookup."""

    slug = "messages"
    title, icon = _l("Internal messages"), "message"
    group, menu_order = groups.DAY, 140
    in_bottom_bar = True
    audience = PageAudience.ORGANIZATION
    # The member's tickets stand in the same list.
    listed = {ThreadKind.INTERNAL: "/messages/", ThreadKind.TICKET: "/tickets/"}
    notify = (
        Notify(
            on="thread",
            to=_members,
            text=_l("New message from %(name)s"),
            many=_l("%(num)s new messages, the last from %(name)s"),
            where=_of_messages,
            once_per="thread",
            model=Message,
            name=lambda message: str(message.by),
            opens=lambda message: f"/messages/show/{message.thread_id}",
        ),
    )

    @staticmethod
    def menu_count() -> int | None:
        return unread_threads()

    def rows_to_open(self, model: Any) -> Select[Any] | None:
        return select(Message)

    @expose("/add")
    @requires("add")
    def new(self) -> str:
        """The form of a new conversation; ``?to=`` names its receiver."""
        form = NewThreadForm(formdata=None)
        return self._form(form, fresh_nonce())

    @expose("/add", methods=["POST"])
    @requires("add")
    @limited(write=Group.CHAT)
    def add(self) -> Any:
        lock_membership()
        form = NewThreadForm()
        try:
            key = self._store(form) if form.validate() else None
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            key = None
        if key is None:
            return self._form(form, nonce_again(request.form)), 422
        mark_counts_changed()
        return success_at(Done(_("The message is sent.")), f"{self.base_url}show/{key}")

    @expose("/lookup")
    @requires("add")
    @limited(read=Group.SEARCH)
    def lookup(self) -> Response:
        """The active members whose name matches ``?q=``, without the acting one."""
        statement = Member.choices(select(Member), db.session()).where(Member.id != member_id())
        condition = matching(Member, request.args.get("q", ""))
        if condition is not None:
            statement = condition.narrow(statement)
        found = db.session.scalars(statement.limit(_MOST_FOUND))
        return jsonify([{"value": str(each.id), "text": each.full_name} for each in found])

    def _store(self, form: NewThreadForm) -> int:
        """The key of the new conversation, or of that which the same form has begun before."""
        try:
            claimed = claim("messages", request.form)
        except DuplicateSubmission as sent:
            db.session.rollback()
            return sent.row_id
        message = start(
            form.receivers(), form.text.data or "", subject=form.subject.data, uploads=form.uploads()
        )
        key = message.thread_id
        note_row(claimed, key)
        db.session.commit()
        return key

    def _form(self, form: NewThreadForm, hidden: list[tuple[str, str]]) -> str:
        return self.render_template(
            "threads/add.html", form=form, hidden=hidden, base_url=self.base_url, action=f"{self.base_url}add"
        )
