"""Decides again which orders are originals and which are repeats, after orders were deleted or restored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, null, select, update

from app.extensions import db
from app.services.assignment.assign import assign_repeats
from app.services.audit.record import note
from app.services.order.repeat import Earlier, History, load_sales, open_follow_ups
from models.customer import Customer
from models.follow_up import FollowUp
from models.order import Order, OrderStatus, RepeatReason
from models.organization import Organization, RepeatPolicy
from models.tenancy.scope import actor_of, whole_organization
from models.trash import on_trash_change

_PART = 1_000
_CLOSED = (OrderStatus.WON, OrderStatus.LOST, OrderStatus.INVALID)


@dataclass
class _OrderState:
    """The state of an order that is not deleted; rules change it before it is written."""

    id: int
    customer_id: int
    product_id: int
    ordered_at: datetime
    status: OrderStatus
    is_repeat: bool
    repeat_of_id: int | None
    has_follow_up: bool
    itself: Earlier = field(init=False)

    def __post_init__(self) -> None:
        self.itself = Earlier(self.ordered_at, self.is_repeat, self.id)

    @property
    def pair(self) -> tuple[int, int]:
        return self.customer_id, self.product_id

    @property
    def values(self) -> dict[str, Any]:
        return {"status": self.status, "is_repeat": self.is_repeat, "repeat_of_id": self.repeat_of_id}

    @property
    def is_untouched(self) -> bool:
        return self.status is OrderStatus.NEW and not self.has_follow_up


@on_trash_change(Order)
def decide_originals(keys: Sequence[int], restored: bool) -> None:  # noqa: FBT001 - the signature of a watcher
    """Decide originals and repeats for the customers and products of the orders *keys*, just deleted or restored."""
    session = db.session()
    with whole_organization(session):
        organization = session.get_one(Organization, actor_of(session).organization_id)
        restored_keys = frozenset(keys) if restored else frozenset()
        for start in range(0, len(keys), _PART):
            _decide(keys[start : start + _PART], restored_keys, organization)


def _decide(keys: Sequence[int], restored_keys: frozenset[int], organization: Organization) -> None:
    statement = select(Order.customer_id, Order.product_id).where(Order.id.in_(keys)).distinct()
    rows = db.session.execute(statement, execution_options={"with_deleted": True})
    pairs = {(customer_id, product_id) for customer_id, product_id in rows}
    customer_ids = {customer_id for customer_id, _product in pairs}
    _lock_customers(customer_ids)
    loaded = _load(customer_ids, {product_id for _customer, product_id in pairs})
    not_deleted = [each for each in loaded if each.pair in pairs]
    if not not_deleted:
        return
    history = History(timedelta(days=organization.repeat_window_days))
    load_sales(history, customer_ids)
    before = {each.id: each.values for each in not_deleted}
    _RepeatRules(history, restored_keys, organization.repeat_policy, open_follow_ups(customer_ids)).apply(
        not_deleted
    )
    changed = [each for each in not_deleted if each.values != before[each.id]]
    _write(changed, before)
    if organization.repeat_policy is RepeatPolicy.STICKY:
        fresh = [each for each in changed if each.is_untouched and each.repeat_of_id]
        assign_repeats([(each, each.repeat_of_id) for each in fresh if each.repeat_of_id])


def _lock_customers(customer_ids: Collection[int]) -> None:
    """Lock the customers, as placing orders does, in the order of imports (avoids deadlocks)."""
    statement = select(Customer.id).where(Customer.id.in_(customer_ids)).order_by(Customer.mobile)
    locked = statement.with_for_update(key_share=True, of=Customer)
    db.session.execute(locked, execution_options={"with_deleted": True}).all()


def _load(customer_ids: Collection[int], product_ids: Collection[int]) -> list[_OrderState]:
    has_follow_up = exists(
        select(FollowUp.id).where(FollowUp.order_id == Order.id, FollowUp.deleted_at.is_(None))
    ).correlate(Order)
    columns = (Order.id, Order.customer_id, Order.product_id, Order.ordered_at, Order.status)
    statement = (
        select(*columns, Order.is_repeat, Order.repeat_of_id, has_follow_up)
        .where(Order.customer_id.in_(customer_ids), Order.product_id.in_(product_ids))
        .order_by(Order.id)
    )
    return [_OrderState(*row) for row in db.session.execute(statement)]


@dataclass(frozen=True)
class _RepeatRules:
    """Rules for repeats, applied to orders in the order of their insertion; originals come before repeats."""

    history: History
    restored_keys: frozenset[int]
    policy: RepeatPolicy
    open_pairs: Collection[tuple[int, int]]

    def apply(self, not_deleted: Sequence[_OrderState]) -> None:
        by_key = {each.id: each for each in not_deleted}
        by_pair: dict[tuple[int, int], list[_OrderState]] = defaultdict(list)
        for each in not_deleted:
            by_pair[each.pair].append(each)
        for each in not_deleted:
            if each.is_repeat:
                self._check_repeat(each, by_key, by_pair[each.pair])
            elif self.restored_keys:
                self._check_original(each, by_pair[each.pair])
            self.history.orders[each.pair].append(each.itself)

    def _check_repeat(
        self, each: _OrderState, by_key: dict[int, _OrderState], others: Sequence[_OrderState]
    ) -> None:
        """A repeat without a valid original gets another original or becomes one."""
        original = by_key.get(each.repeat_of_id) if each.repeat_of_id else None
        if original is not None and not original.is_repeat:
            return
        found = self.history.find_repeated(each.pair, each.ordered_at) or self._in_work(each, others)
        if found is not None:
            self._repeat(each, found)
        elif original is None:
            self._promote(each)

    def _check_original(self, each: _OrderState, others: Sequence[_OrderState]) -> None:
        """Of two originals, one of them restored, the one without work becomes a repeat."""
        if each.status in _CLOSED:
            return
        found = self.history.find_repeated(each.pair, each.ordered_at)
        if each.id in self.restored_keys:
            found = found or self._in_work(each, others)
        elif not (each.is_untouched and any(other.id in self.restored_keys for other in others)):
            return
        if found is not None:
            self._repeat(each, found)

    def _in_work(self, each: _OrderState, others: Sequence[_OrderState]) -> Earlier | None:
        """For a restored order: a later original that is being worked on."""
        if each.id not in self.restored_keys:
            return None
        taken = (
            other
            for other in others
            if other.id > each.id and other.id not in self.restored_keys and not other.is_repeat
        )
        counting = (
            other.itself
            for other in taken
            if not other.is_untouched and self.history.counts(each.pair, other.itself, each.ordered_at)
        )
        return next(counting, None)

    def _promote(self, each: _OrderState) -> None:
        each.is_repeat, each.repeat_of_id = False, None
        each.itself.is_repeat = False
        if each.status is OrderStatus.HELD or self._lost_follow_up(each):
            each.status = OrderStatus.NEW

    def _repeat(self, each: _OrderState, found: Earlier) -> None:
        was_original, each.is_repeat, each.repeat_of_id = not each.is_repeat, True, found.id
        each.itself.is_repeat = True
        if self._lost_follow_up(each):
            each.status = OrderStatus.NEW
        elif was_original and each.is_untouched:
            each.status = self._status_of_repeat(each)

    def _status_of_repeat(self, each: _OrderState) -> OrderStatus:
        if self.policy is RepeatPolicy.HOLD:
            return OrderStatus.HELD
        is_attached = self.policy is RepeatPolicy.ATTACH and each.pair in self.open_pairs
        return OrderStatus.ASSIGNED if is_attached else OrderStatus.NEW

    def _lost_follow_up(self, each: _OrderState) -> bool:
        """Whether the order was attached to a follow-up that no longer exists."""
        return (
            each.status is OrderStatus.ASSIGNED
            and not each.has_follow_up
            and each.pair not in self.open_pairs
        )


def _write(changed: Sequence[_OrderState], before: dict[int, dict[str, Any]]) -> None:
    groups: dict[tuple[OrderStatus, bool], list[_OrderState]] = defaultdict(list)
    for each in changed:
        groups[each.status, each.is_repeat].append(each)
        note("edit", Order, each.id, before=before[each.id], after=each.values)
    for (status, is_repeat), group in groups.items():
        originals = {each.id: each.repeat_of_id for each in group}
        statement = (
            update(Order)
            .where(Order.id.in_(originals))
            .values(
                status=status,
                is_repeat=is_repeat,
                repeat_of_id=case(originals, value=Order.id) if is_repeat else null(),
                repeat_reason=RepeatReason.WITHIN_WINDOW if is_repeat else None,
            )
        )
        db.session.execute(statement.execution_options(synchronize_session=False))
