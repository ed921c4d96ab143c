"""Answers the request that open pages send most often, for news, before Flask routes it.

Nearly always nothing is new. Routing and the hooks of a request then cost more than its statements. Any other case goes
on to the application, so that one place decides and words it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request

from app.extensions import db
from app.panel.actor import member_actor
from app.panel.login_session import KEY, USER
from app.panel.notifications.news import mark_of
from app.panel.outage import leave_transaction
from app.panel.rates.groups import Group
from app.panel.rates.hook import seconds_to_wait
from app.services.account.duty import first_duty
from app.services.account.session import find_session_briefly
from models.tenancy.scope import bind

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/notifications/news"
# Of a page that watches nothing but the bell.
_MARK = "mark="


class NewsShortcut:
    """WSGI middleware that answers 204 to a member for whom nothing is new; *headers_of* a request are its headers."""

    def __init__(
        self, app: Flask, after: WSGIApplication, headers_of: Callable[[WSGIEnvironment], Headers]
    ) -> None:
        self._app, self._after, self._headers_of = app, after, headers_of

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") == PATH and self._is_plain(environ) and self._has_nothing_new(environ):
            start_response("204 No Content", list(self._headers_of(environ)))
            return []
        return self._after(environ, start_response)

    def _is_plain(self, environ: WSGIEnvironment) -> bool:
        """Whether a page of the panel asks, by its own host name and with a mark alone."""
        trusted = self._app.config["TRUSTED_HOSTS"]
        asked: str = environ.get("QUERY_STRING", "")
        return (
            environ.get("REQUEST_METHOD") == "GET"
            and "HTTP_AUTHORIZATION" not in environ
            and asked.startswith(_MARK)
            and asked[len(_MARK) :].isalnum()
            and (not trusted or environ.get("HTTP_HOST", "").partition(":")[0] in trusted)
        )

    def _has_nothing_new(self, environ: WSGIEnvironment) -> bool:
        """Whether the mark is that of what the member has, and they may ask at this moment."""
        request = self._app.request_class(environ)
        cookie = self._app.session_interface.open_session(self._app, request)
        key, user = (None, None) if cookie is None else (cookie.get(KEY), cookie.get(USER))
        if not isinstance(key, str):
            return False
        with self._app.app_context():
            try:
                is_same = self._is_same(request, key, user)
                if is_same:
                    # A rollback would make the driver drop its prepared statements.
                    db.session.commit()
                else:
                    db.session.rollback()
            except SQLAlchemyError:
                leave_transaction()
                return False
            return is_same

    def _is_same(self, request: Request, key: str, user: Any) -> bool:
        found = find_session_briefly(key)
        if found is None or str(found.session.member_id) != str(user):
            return False
        member, roles = found.session.member, frozenset(role.name for role in found.roles)
        in_production = self._app.config["APP_ENV"] == "production"
        if member.organization is None or first_duty(member, roles, in_production=in_production):
            return False
        actor = member_actor(member, member.organization, roles, asked=request, session_id=found.session.id)
        bind(db.session(), actor)
        if mark_of(())[0] != request.args["mark"]:
            return False
        # Last, because the application counts what goes on to it.
        return not seconds_to_wait(Group.NEWS, f"member {member.id}")
