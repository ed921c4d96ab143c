"""Random histories of an organisation: everything that may touch the figures, by the product's own services."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from sqlalchemy import select

from app.errors import DomainError
from app.lib.clock import now, start_at
from app.panel.records.delete import soft_delete
from app.panel.records.deleted_rows import find_batch
from app.panel.records.restore import restore
from app.services.assignment.assign import assign
from app.services.assignment.reassign import reassign
from app.services.assignment.undo import undo_assignments
from app.services.merge.undo import undo_merge
from app.services.order.decide import attach, give_to_same_consultant, release
from app.services.order.first_work import first_work
from app.services.order.place import place_order
from app.services.sale.confirm import SaleDetails, Sold, confirm_sale
from models.assignment import Assignment
from models.customer import Customer
from models.customer_merge import CustomerMerge
from models.follow_up import FollowUp
from models.order import Order, OrderStatus
from models.order_source import OrderSource
from models.organization import RepeatPolicy
from models.sale import Sale, SaleStatus
from tests.factories import ProductFactory
from tests.report.recount import Held
from tests.sales.merge_steps import merged

# Half an hour before 30 Esfand 1403 begins in Tehran; the days after it are Nowruz.
START = datetime(2025, 3, 19, 20, 0, tzinfo=UTC)
_STEPS = (
    timedelta(minutes=1),
    timedelta(minutes=29, seconds=59),
    timedelta(hours=11),
    timedelta(days=1),
    timedelta(days=9),
    timedelta(days=31),
)
_ACTS = (
    "place",
    "assign",
    "undo_assigning",
    "reassign",
    "decide",
    "sell",
    "mark_sale",
    "merge",
    "undo_merging",
)
ACTS = (*_ACTS, "place", "assign", "sell", "delete", "restore", "policy", "wait", "wait")

histories = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 11), st.integers(0, 11)), min_size=6, max_size=40
)


class History:
    """Applies acts one after the other; `held` has the repeats that were held on arrival."""

    def __init__(self, session, organization, manager, consultants) -> None:
        self.session, self.organization, self.manager = session, organization, manager
        self.consultants = consultants
        self.products = [ProductFactory() for _ in range(2)]
        self.sources = [None, session.scalars(select(OrderSource)).first()]
        self.held: list[Held] = []
        self.merges: list[int] = []
        self.batches = []
        start_at(START)

    def apply(self, act: str, one: int, two: int) -> bool:
        """Run one act; False where the product refuses it."""
        # Each act is a request of its own, with nothing loaded.
        self.session.expire_all()
        try:
            with self.session.begin_nested():
                return getattr(self, act)(one, two) is not False
        except DomainError:
            self.session.expire_all()
            return False

    def _pick(self, model, number, *where):
        rows = self.session.scalars(select(model).where(*where).order_by(model.id)).all()
        return rows[number % len(rows)] if rows else None

    def place(self, one, two):
        mobile = f"0912000000{one % 4}"
        order = place_order(
            customer_fields={"mobile": mobile},
            product=self.products[two % 2],
            ordered_at=now(),
            source=self.sources[two // 2 % 2],
        )
        if order.status is OrderStatus.HELD:
            lines = [
                line
                for line in self.session.scalars(
                    select(Assignment).where(Assignment.order_id == order.repeat_of_id)
                )
                if line.undone_at is None and line.undoes_id is None and line.ended_at is None
            ]
            deleted = self.session.scalars(
                select(FollowUp.id).where(FollowUp.order_id == order.repeat_of_id)
            ).first()
            consultant_id = lines[-1].to_member_id if lines and deleted else None
            self.held.append(Held(order.id, now(), consultant_id))

    def assign(self, one, two):
        order = self._pick(Order, one, Order.status == OrderStatus.NEW)
        return order and assign(order, self.consultants[two % 3], by=self.manager, at=now()) and None

    def undo_assigning(self, one, _two):
        line = self._pick(Assignment, one, Assignment.counts(), Assignment.by_id == self.manager.id)
        return line and undo_assignments(line.started_at, by=self.manager) and None

    def reassign(self, one, two):
        row = self._pick(FollowUp, one)
        return row and reassign(row, self.consultants[two % 3], by=self.manager) and None

    def decide(self, one, two):
        order = self._pick(Order, one, Order.status == OrderStatus.HELD)
        if order is None:
            return
        work = first_work([order])
        if two % 3 == 0 or order.repeat_of_id not in work:
            release([order], by=self.manager, at=now())
        elif two % 3 == 1:
            attach([order], by=self.manager, at=now())
        else:
            give_to_same_consultant([order], work, by=self.manager, at=now())

    def sell(self, one, two):
        row = self._pick(FollowUp, one)
        if row is not None:
            details = SaleDetails([Sold(self.products[two % 2], 1_000_003 * (two + 1))])
            confirm_sale(row, details)

    def mark_sale(self, one, two):
        sale = self._pick(Sale, one)
        if sale is not None:
            sale.status = list(SaleStatus)[two % len(SaleStatus)]
            self.session.flush()

    def merge(self, one, two):
        first, second = self._pick(Customer, one), self._pick(Customer, two)
        if first is None or first.id == second.id:
            return
        self.merges.append(merged(first, second).id)

    def undo_merging(self, _one, _two):
        if self.merges:
            undo_merge(self.session.get_one(CustomerMerge, self.merges.pop()))

    def delete(self, one, two):
        model = (Order, Sale, FollowUp)[two % 3]
        row = self._pick(model, one)
        if row is not None:
            self.batches.append((model, soft_delete(model, [row.id])))

    def restore(self, _one, _two):
        if self.batches:
            model, batch = self.batches.pop()
            restore(find_batch(batch), model=model)

    def policy(self, one, _two):
        self.organization = self.session.get_one(type(self.organization), self.organization.id)
        self.organization.repeat_policy = list(RepeatPolicy)[one % len(RepeatPolicy)]
        self.session.flush()

    def wait(self, one, _two):
        start_at(now() + _STEPS[one % len(_STEPS)])
