"""Words that tell whose row they stand in: every answer is searched for those that its reader may not see."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Connection, select

from app.extensions import appbuilder, db
from app.gateways.crypto import digest
from app.lib.mobile import display_mobile
from app.panel.login_session import KEY
from models.account import ApiToken, UserSession
from models.member import Member
from models.role import shows_own_rows

# Marks the statements of the search itself, which no test counts.
OURS = "/* canary */"
# The word of deleted rows that nobody may be shown any more, and numbers that nobody may be shown at all.
GONE = "canarygonez"
GONE_MOBILE = "+989905550001"
STRANGE_MOBILES = ("+989904440001", "+989904440002")
_MOBILES = {
    spelling
    for mobile in (GONE_MOBILE, *STRANGE_MOBILES)
    for spelling in (mobile.removeprefix("+98"), display_mobile(mobile).removeprefix("۰"))
}
_WORD = re.compile(r"canary([a-j]+)x([a-j]*)([pt]?)z")
_DIGITS = str.maketrans("0123456789", "abcdefghij")
_LETTERS = str.maketrans("abcdefghij", "0123456789")


# Words that other members of the organisation do not read, whatever their roles; a ticket is read by its managers and
# by the support of the platform.
PRIVATE, TICKET = "p", "t"


def canary(organization_id: int, owner_id: int | None = None, *, mark: str = "") -> str:
    """The word of an organisation, or of one owner in it; letters only, so that no page spells it differently.

    *mark* is `PRIVATE` or `TICKET`.
    """
    owner = "" if owner_id is None else str(owner_id).translate(_DIGITS)
    return f"canary{str(organization_id).translate(_DIGITS)}x{owner}{mark}z"


@dataclass(frozen=True)
class Reader:
    """Who gets an answer, and which rows they may find in it; without a key for who is not logged in."""

    member_id: int | None = None
    organization_id: int | None = None
    own_only: bool = True
    # Of the platform's support, and a manager.
    is_support: bool = False
    is_manager: bool = False

    def may_see(self, organization_id: int, owner_id: int | None, *, mark: str = "") -> bool:
        if mark == TICKET and self.is_support:
            return True
        if organization_id != self.organization_id:
            return False
        if mark:
            return owner_id == self.member_id or (mark == TICKET and self.is_manager)
        return owner_id is None or not self.own_only or owner_id == self.member_id


def foreign_words(text: str, reader: Reader) -> list[str]:
    """The canaries in *text* that *reader* may not see."""
    return [
        match[0]
        for match in _WORD.finditer(text)
        if not reader.may_see(_number(match[1]) or 0, _number(match[2]), mark=match[3])
    ]


def _number(letters: str) -> int | None:
    return int(letters.translate(_LETTERS)) if letters else None


def refuse_foreign_canaries(client: Any, answer: Any) -> None:
    """Fail the test when *answer*, whatever its status, holds a word that the client's member may not see."""
    text = "\n".join([*_texts(answer.get_data()), *map(str, answer.headers.values())])
    found = [word for word in (GONE, *_MOBILES) if word in text]
    if "canary" in text:
        found += foreign_words(text, _reader(client, answer.request.headers))
    if found:
        raise AssertionError(f"{answer.request.method} {answer.request.path} shows {sorted(set(found))}")


def _texts(body: bytes) -> Iterator[str]:
    """The body, and what is packed inside it (a sheet is a zip)."""
    yield body.decode(errors="ignore")
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            yield from (packed.read(name).decode(errors="ignore") for name in packed.namelist())


def _reader(client: Any, headers: Any) -> Reader:
    bearer = headers.get("Authorization", "").removeprefix("Bearer ")
    if bearer:
        return _asked(client, lambda connection: _bearer(connection, bearer, headers.get("X-Organization")))
    cookie = client.get_cookie(client.application.config["SESSION_COOKIE_NAME"])
    serializer = SecureCookieSessionInterface().get_signing_serializer(client.application)
    session = serializer.loads(cookie.value) if cookie and serializer else {}
    pk = session.get("_user_id")
    if pk is None:
        return Reader()
    return _asked(client, lambda connection: _member(connection, int(pk), str(session.get(KEY))))


def _asked(client: Any, ask: Callable[[Connection], Reader]) -> Reader:
    # A browser that races in a thread of its own has no application context there.
    with client.application.app_context():
        where = db.engines[None]
    if isinstance(where, Connection):
        return ask(where)
    with where.connect() as connection:
        return ask(connection)


def _bearer(connection: Connection, secret: str, chosen: str | None) -> Reader:
    """Whoever holds the token; the platform's admin in the organisation that he names."""
    member = select(ApiToken.member_id).where(ApiToken.token_hash == digest(secret)).prefix_with(OURS)
    pk = connection.scalar(member)
    if pk is None:
        return Reader()
    found = _member(connection, pk, "")
    home = found.organization_id or (int(chosen) if chosen else None)
    return Reader(pk, home, own_only=found.own_only)


def _member(connection: Connection, pk: int, key: str) -> Reader:
    """Read around the session, which the test may have bound to somebody else."""
    home = connection.scalar(select(Member.organization_id).where(Member.id == pk).prefix_with(OURS))
    role = appbuilder.sm.role_model
    roles = select(role.name).join(role.user).where(Member.id == pk).prefix_with(OURS)
    names = connection.scalars(roles).all()
    own_only = all(map(shows_own_rows, names))
    chosen = select(UserSession.acting_organization_id).where(UserSession.id_hash == digest(key))
    return Reader(
        pk,
        home or connection.scalar(chosen.prefix_with(OURS)),
        own_only=own_only,
        is_support=home is None and not {"Operator", "Admin"}.isdisjoint(names),
        is_manager="Manager" in names,
    )
