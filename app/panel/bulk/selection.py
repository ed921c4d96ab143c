"""The selection of all rows that match an address, for an action that runs at once or as a job."""

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
from app.panel.forms.builder import PanelForm
from app.panel.forms.uniqueness import is_unique_violation
from app.panel.lists.list_query import read_list_query
from app.panel.queries.arguments import read_query
from models.job import BulkJob

# The form fields of a selection of all matching rows.
ALL, QUERY, MOST, COUNT, TOKEN, TYPED = "_all", "_query", "_most", "_count", "_token", "typed_count"
# The key of a job's `form` with the rows that it is about, where they were chosen one by one.
KEYS = "@keys"
# A selection of more rows than this becomes a job.
MOST_AT_ONCE = 200
# For more rows than this the user types the count to confirm it.
MOST_UNTYPED = 1_000
_MOST_KEY = 2**63 - 1
OURS = UUID("5f0c51a6-2d3b-4b0b-9d0e-7f6a1b1d2c11")


class UnreadableQuery(DomainError):
    """The address has an unreadable filter."""


@dataclass(frozen=True)
class Matching:
    """The matching rows, up to the newest one at the first confirmation step."""

    query: str
    statement: Select[Any]
    count: int
    most_key: int
    asked_for: int | None  # the count in the confirmation step

    @property
    def typed_count(self) -> int | None:
        return self.count if self.count > MOST_UNTYPED else None

    def mistake(self, typed: str) -> str | None:
        """The reason why the typed count confirms nothing; None when the selection is confirmed."""
        if self.typed_count is None and self.count <= (self.asked_for or self.count):
            return None
        mistake: str | None = None
        if self.asked_for is not None and self.count > self.asked_for:
            mistake = _("More rows match by now: %(count)s.", count=group_number(self.count))
        elif (number := read_count(typed)) is None or number not in {self.count, self.asked_for}:
            mistake = _("The number is not right; write %(count)s.", count=group_number(self.count))
        return mistake

    def carried(self, sent: MultiDict[str, str]) -> list[tuple[str, str]]:
        """The hidden fields of the confirmation step."""
        token = sent.get(TOKEN) or str(uuid4())
        numbers = [(MOST, str(self.most_key)), (COUNT, str(self.count))]
        return [(ALL, "1"), (QUERY, self.query), *numbers, (TOKEN, token)]


def matching(section: Declaration, sent: MultiDict[str, str]) -> Matching:
    """The selection that *sent* describes."""
    query, model = sent.get(QUERY, "").removeprefix("?"), section.model
    statement = rows_meant(section, query)
    most_key = _number(sent.get(MOST))
    if most_key is not None:
        statement = statement.where(model.id <= most_key)
    figures = statement.with_only_columns(func.count(), func.max(model.id))
    count, newest = db.session.execute(figures).one()
    return Matching(query, statement, count, most_key or newest or 0, _number(sent.get(COUNT)))


def rows_meant(section: Declaration, query: str) -> Select[Any]:
    """All rows of the address *query*; raises `UnreadableQuery` for an unreadable filter."""
    # A list ignores such a filter; an action would then change more rows than the user selected.
    list_query = read_list_query(section, read_query(query))
    if list_query.filters.problems:
        raise UnreadableQuery(_l("A filter of this list can't be read; mend it first."))
    statement: Select[Any] = list_query.statement.order_by(None)
    return statement


def read_count(text: str) -> int | None:
    """A number in any digits, with or without separators."""
    return _number(latin_digits(text).translate(_NO_MARKS))


_NO_MARKS = str.maketrans("", "", " ,،٬\u200c\u200f\u200e\u00a0.")


def _number(text: str | None) -> int | None:
    if not text or not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    return min(int(text), _MOST_KEY)


def queue(
    section: Declaration, chosen: Action, found: Matching, form: PanelForm | None, sent: MultiDict[str, str]
) -> BulkJob:
    """The job that runs *chosen* on all rows of *found*, flushed and queued; the first job for a form sent twice."""
    token = uuid5(OURS, f"{member_id()} {sent.get(TOKEN) or uuid4()}")
    earlier = _find(token)
    if earlier is not None:
        return earlier
    job = BulkJob(
        client_token=token,
        section=section.slug,
        query=found.query,
        action=chosen.name,
        form=_submitted_values(form, sent),
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


def queue_chosen(
    section: Declaration,
    chosen: Action,
    keys: Sequence[int],
    form: PanelForm | None,
    sent: MultiDict[str, str],
) -> BulkJob:
    """The job that runs *chosen* on the rows of *keys* in one go, flushed and queued; for few rows with much work."""
    statement = section.statement().where(section.model.id.in_(keys))
    found = Matching("", statement, len(keys), max(keys), asked_for=None)
    job = queue(section, chosen, found, form, sent)
    job.form = {**job.form, KEYS: list(keys)}
    db.session.flush()
    return job


def _find(token: UUID) -> BulkJob | None:
    job: BulkJob | None = db.session.scalar(select(BulkJob).where(BulkJob.client_token == token))
    return job


def _submitted_values(form: PanelForm | None, sent: MultiDict[str, str]) -> dict[str, Sequence[str]]:
    """The values of the form's own fields as they were sent; the password of the step is not among them."""
    names = [name for name in form._fields if name != "csrf_token"] if form else []
    return {
        key: values
        for key, values in sent.lists()
        if any(key == name or key.startswith(f"{name}-") for name in names)
    }
