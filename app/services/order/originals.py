"""Decides again which orders are originals and which are repeats, after orders were deleted or restored."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import case, exists, null, select, update

from app.extensions import db
from app.services.assignment.assign import assign_repeats
from app.services.audit.record import note
from app.services.order.order_state import OrderState
from app.services.order.repeat import (
    history_of,
    load_sales,
    lock_customers,
    mark_same_consultant,
    orders_worked_on,
)
from app.services.order.repeat_rules import RepeatRules
from models.follow_up import FollowUp
from models.order import Order, RepeatReason
from models.organization import Organization, RepeatPolicy
from models.tenancy.scope import actor_of, whole_organization
from models.trash import on_trash_change

_PART = 1_000
# The columns of a decision that is void.
_MOMENTS: dict[bool, dict[str, Any]] = {
    True: {"decided_at": None, "decided_by_id": None, "decided_from": None},
    False: {},
}


@on_trash_change(Order)
def decide_originals(keys: Sequence[int], restored: bool) -> None:  # noqa: FBT001 - the signature of a watcher
    """Decide originals and repeats for the customers and products of the orders *keys*, just deleted or restored."""
    session = db.session()
    with whole_organization(session):
        organization = session.get_one(Organization, actor_of(session).organization_id)
        restored_keys = frozenset(keys) if restored else frozenset()
        for start in range(0, len(keys), _PART):
            _decide(keys[start : start + _PART], restored_keys, organization)


def decide_joined(keys: Sequence[int]) -> None:
    """Decide for the orders *keys*, whose customers became one: the oldest order of each product is the original.

    A repeat that has no consultant stays in the tray, whatever the policy: a merge gives no work.
    """
    session = db.session()
    with whole_organization(session):
        organization = session.get_one(Organization, actor_of(session).organization_id)
        for start in range(0, len(keys), _PART):
            _decide(keys[start : start + _PART], frozenset(keys), organization, gives_work=False)


def _decide(
    keys: Sequence[int],
    restored_keys: frozenset[int],
    organization: Organization,
    *,
    gives_work: bool = True,
) -> None:
    statement = select(Order.customer_id, Order.product_id).where(Order.id.in_(keys)).distinct()
    rows = db.session.execute(statement, execution_options={"with_deleted": True})
    pairs = {(customer_id, product_id) for customer_id, product_id in rows}
    customer_ids = {customer_id for customer_id, _product in pairs}
    lock_customers(customer_ids)
    loaded = _load(customer_ids, {product_id for _customer, product_id in pairs})
    not_deleted = [each for each in loaded if each.pair in pairs]
    if not not_deleted:
        return
    history = history_of(organization)
    load_sales(history, customer_ids)
    before = {each.id: each.values for each in not_deleted}
    worked_on = orders_worked_on(customer_ids)
    RepeatRules(history, restored_keys, organization.repeat_policy, worked_on).apply(not_deleted)
    changed = [each for each in not_deleted if each.values != before[each.id]]
    _write(changed, before)
    if gives_work and organization.repeat_policy is RepeatPolicy.STICKY:
        fresh = [each for each in changed if each.is_untouched and each.repeat_of_id]
        repeats = [(each, each.repeat_of_id) for each in fresh if each.repeat_of_id]
        mark_same_consultant(assign_repeats(repeats))


def _load(customer_ids: Collection[int], product_ids: Collection[int]) -> list[OrderState]:
    has_follow_up = exists(
        select(FollowUp.id).where(FollowUp.order_id == Order.id, FollowUp.deleted_at.is_(None))
    ).correlate(Order)
    columns = (Order.id, Order.customer_id, Order.product_id, Order.ordered_at, Order.status)
    statement = (
        select(*columns, Order.is_repeat, Order.repeat_of_id, Order.repeat_decision, has_follow_up)
        .where(Order.customer_id.in_(customer_ids), Order.product_id.in_(product_ids))
        .order_by(Order.id)
    )
    return [OrderState(*row) for row in db.session.execute(statement)]


def _write(changed: Sequence[OrderState], before: dict[int, dict[str, Any]]) -> None:
    groups: dict[tuple[Any, ...], list[OrderState]] = defaultdict(list)
    for each in changed:
        groups[each.status, each.is_repeat, each.decision].append(each)
        note("edit", Order, each.id, before=before[each.id], after=each.values)
    for (status, is_repeat, decision), group in groups.items():
        originals = {each.id: each.repeat_of_id for each in group}
        statement = (
            update(Order)
            .where(Order.id.in_(originals))
            .values(
                status=status,
                is_repeat=is_repeat,
                repeat_of_id=case(originals, value=Order.id) if is_repeat else null(),
                repeat_reason=RepeatReason.WITHIN_WINDOW if is_repeat else None,
                repeat_decision=decision,
                **_MOMENTS[decision is None],
            )
        )
        db.session.execute(statement.execution_options(synchronize_session=False))
