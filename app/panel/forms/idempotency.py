"""Idempotency of add forms: a form that is sent twice adds one row."""

from __future__ import annotations

import hashlib
import json
import secrets

from sqlalchemy import select, update
from werkzeug.datastructures import MultiDict

from app.extensions import db
from app.lib.clock import now
from app.panel.actor import member_id
from models.account import SentForm
from models.upsert import upsert

NONCE = "_nonce"
_LONGEST = 64


class DuplicateSubmission(Exception):
    """The form has already added the row `row_id`; `is_same` says whether it had the same content."""

    def __init__(self, row_id: int, *, is_same: bool) -> None:
        super().__init__(row_id)
        self.row_id, self.is_same = row_id, is_same


def fresh_nonce() -> list[tuple[str, str]]:
    """The hidden field of a new form."""
    return [(NONCE, secrets.token_urlsafe(16))]


def nonce_again(sent: MultiDict[str, str]) -> list[tuple[str, str]]:
    """The hidden field of a form that is shown again with errors: the same nonce, since no row was added."""
    return [(NONCE, sent[NONCE])] if sent.get(NONCE) else fresh_nonce()


def claim(form: str, sent: MultiDict[str, str]) -> str | None:
    """Claim the nonce for this transaction and return its key; raises `DuplicateSubmission` when it is claimed already.

    A concurrent request with the same nonce waits here until the first transaction ends. A request without a nonce
    claims nothing and may add any number of rows.
    """
    nonce = sent.get(NONCE, "")
    if not 0 < len(nonce) <= _LONGEST:
        return None
    key, content = _digest([member_id(), form, nonce]), _digest(_content(sent))
    values = upsert(db.session(), SentForm).values(key=key, content=content, row_id=0, at=now())
    insert = values.on_conflict_do_nothing().returning(SentForm.key)
    if db.session.execute(insert).scalar() is None:
        first = db.session.execute(select(SentForm.row_id, SentForm.content).where(SentForm.key == key)).one()
        raise DuplicateSubmission(first.row_id, is_same=first.content == content)
    return key


def note_row(key: str | None, row_id: int) -> None:
    """Store the key of the row that the form with the claimed *key* has added."""
    if key is not None:
        statement = update(SentForm).where(SentForm.key == key).values(row_id=row_id)
        db.session.execute(statement.execution_options(synchronize_session=False))


def _content(sent: MultiDict[str, str]) -> list[tuple[str, str]]:
    return sorted(pair for pair in sent.items(multi=True) if pair[0] not in {NONCE, "csrf_token"})


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
