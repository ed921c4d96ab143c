"""All rows that match an address, as what an action is about: counted, confirmed, done at once or as a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4, uuid5

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import MultiDict

from app.errors import DomainError
from app.extensions import db
from app.gateways.task_queue import enqueue_after_commit
from app.lib.persian import group_number, latin_digits
from app.panel.action import Action
from app.panel.actor import member_id
from app.panel.declaration import Declaration
from app.panel.forms.builder import PanelForm, is_unique_violation
from app.panel.lists.list_query import read_list_query
from app.panel.queries.arguments import read_query
from models.job import BulkJob

# What the list sends when all that match are meant, and what the steps carry along.
ALL, QUERY, MOST, COUNT, TOKEN, TYPED = "_all", "_query", "_most", "_count", "_token", "typed_count"
# More rows than this are worked off behind the panel's back.
MOST_AT_ONCE = 200
# And more than this are asked for by their number.
MOST_UNTYPED = 1_000
_MOST_KEY = 2**63 - 1
OURS = UUID("5f0c51a6-2d3b-4b0b-9d0e-7f6a1b1d2c11")


class Unreadable(DomainError):
    """The address has a filter that means nothing."""


@dataclass(frozen=True)
class Matching:
    """The rows that match now, up to the newest one at the time of the question."""

    query: str
    statement: Select[Any]
    count: int
    most_key: int
    asked_for: int | None  # how many there were when the number was asked for

    @property
    def typed_count(self) -> int | None:
        return self.count if self.count > MOST_UNTYPED else None

    def mistake(self, typed: str) -> str | None:
        """Why the act is not confirmed by what was typed; None when it is."""
        if self.typed_count is None and self.count <= (self.asked_for or self.count):
            return None
        mistake: str | None = None
        if self.asked_for is not None and self.count > self.asked_for:
            mistake = _("More rows match by now: %(count)s.", count=group_number(self.count))
        elif (number := read_count(typed)) is None or number not in {self.count, self.asked_for}:
            mistake = _("The number is not right; write %(count)s.", count=group_number(self.count))
        return mistake

    def carried(self, sent: MultiDict[str, str]) -> list[tuple[str, str]]:
        """The hidden fields with which a step comes back."""
        token = sent.get(TOKEN) or str(uuid4())
        numbers = [(MOST, str(self.most_key)), (COUNT, str(self.count))]
        return [(ALL, "1"), (QUERY, self.query), *numbers, (TOKEN, token)]


def matching(section: Declaration, sent: MultiDict[str, str]) -> Matching:
    """What *sent* means by all that match."""
    query, model = sent.get(QUERY, "").removeprefix("?"), section.model
    statement = rows_meant(section, query)
    most_key = _number(sent.get(MOST))
    if most_key is not None:
        statement = statement.where(model.id <= most_key)
    figures = statement.with_only_columns(func.count(), func.max(model.id))
    count, newest = db.session.execute(figures).one()
    return Matching(query, statement, count, most_key or newest or 0, _number(sent.get(COUNT)))


def rows_meant(section: Declaration, query: str) -> Select[Any]:
    """All rows of an address; raises `Unreadable` rather than mean more of them than it says."""
    list_query = read_list_query(section, read_query(query))
    if list_query.filters.problems:
        raise Unreadable(_l("A filter of this list can't be read; mend it first."))
    statement: Select[Any] = list_query.statement.order_by(None)
    return statement


def read_count(text: str) -> int | None:
    """A number as people write it, in any digits, with or without marks between the thousands."""
    return _number(latin_digits(text).translate(_NO_MARKS))


_NO_MARKS = str.maketrans("", "", " ,،٬\u200c\u200f\u200e\u00a0.")


def _number(text: str | None) -> int | None:
    if not text or not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    return min(int(text), _MOST_KEY)


def queue(
    section: Declaration, chosen: Action, found: Matching, form: PanelForm | None, sent: MultiDict[str, str]
) -> BulkJob:
    """The job that does *chosen* to all rows of *found*, flushed and sent; of a form sent twice the first one."""
    token = uuid5(OURS, f"{member_id()} {sent.get(TOKEN) or uuid4()}")
    earlier = _find(token)
    if earlier is not None:
        return earlier
    job = BulkJob(
        client_token=token,
        section=section.slug,
        query=found.query,
        action=chosen.name,
        form=_kept(form, sent),
        total=found.count,
        most_key=found.most_key,
        batch=uuid4(),
    )
    try:
        with db.session.begin_nested():
            db.session.add(job)
    except IntegrityError as error:
        earlier = _find(token)
        if not is_unique_violation(error) or earlier is None:
            raise
        return earlier
    enqueue_after_commit("bulk.run", job.id, job.organization_id)
    return job


def _find(token: UUID) -> BulkJob | None:
    job: BulkJob | None = db.session.scalar(select(BulkJob).where(BulkJob.client_token == token))
    return job


def _kept(form: PanelForm | None, sent: MultiDict[str, str]) -> dict[str, Sequence[str]]:
    """What the form step said, as it was sent: its fields and nothing else (a password least of all)."""
    names = [name for name in form._fields if name != "csrf_token"] if form else []
    return {
        key: values
        for key, values in sent.lists()
        if any(key == name or key.startswith(f"{name}-") for name in names)
    }
