"""Histories with results, their undo and messages, on top of those of the final sales."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

from hypothesis import strategies as st

from app.lib.clock import now, start_at
from app.services.follow_up import record_result
from app.services.result import Result
from app.services.result_undo import undo_result
from app.services.sale.confirm import SaleDetails, Sold
from models.follow_up import FollowUp, FollowUpEntry
from models.result_title import ResultKind
from models.sms.message import MessageState
from models.tenancy.owner import ForeignRow
from models.tenancy.scope import Actor, bind
from tests.factories import ResultTitleFactory
from tests.report.history import ACTS, History
from tests.support.makers import MAKERS, make_message

# The states that a queued message can have next, besides that of a taken one.
STATES = (
    MessageState.QUEUED,
    MessageState.CANCELLED,
    MessageState.ACCEPTED,
    MessageState.SENT,
    MessageState.DELIVERED,
    MessageState.UNDELIVERED,
    MessageState.EXPIRED,
)
_ACTS = (*ACTS, *("record",) * 6, "undo_record", "message", "soon", "soon")

worked_histories = st.lists(
    st.tuples(st.sampled_from(_ACTS), st.integers(0, 11), st.integers(0, 11)), min_size=8, max_size=50
)


class WorkedHistory(History):
    """`titles` has a title of each kind."""

    def __init__(self, session, organization, manager, consultants) -> None:
        super().__init__(session, organization, manager, consultants)
        self.titles = [ResultTitleFactory(kind=kind) for kind in ResultKind]
        self.messages, self.provider = 0, MAKERS["sms-providers"]("خط", 0, 0)

    def apply(self, act, one, two):
        """As before; a row of a customer that was merged away takes no sale."""
        try:
            return super().apply(act, one, two)
        except ForeignRow:
            self.session.expire_all()
            return False

    @contextmanager
    def _as(self, person_id):
        bind(self.session, Actor(self.organization.id, person_id))
        try:
            yield
        finally:
            bind(self.session, Actor(self.organization.id, self.manager.id))

    def record(self, one, two):
        row = self._pick(FollowUp, one)
        if row is None:
            return
        title = self.titles[two % len(self.titles)]
        sale = SaleDetails([Sold(self.products[one % 2], 5_000_000)])
        by = self.manager if two > 9 else self.consultants[one % 3]
        with self._as(by.id):
            record_result(row, Result(title, sale=sale if title.kind is ResultKind.WON else None))

    def undo_record(self, one, _two):
        entry = self._pick(FollowUpEntry, one, FollowUpEntry.is_undone.is_(False))
        if entry is not None:
            with self._as(entry.by_id):
                undo_result(entry.follow_up, entry)

    def message(self, one, two):
        self.messages += 1
        row = make_message("پیامک", self.consultants[one % 3].id, self.messages)
        follow_up = self._pick(FollowUp, two)
        row.follow_up_id, row.provider_id = follow_up and follow_up.id, self.provider.id
        self.session.flush()
        row.state = STATES[two % len(STATES)]
        self.session.flush()

    def soon(self, one, two):
        start_at(now() + timedelta(minutes=7 * one, seconds=two))
