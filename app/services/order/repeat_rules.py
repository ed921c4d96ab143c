"""The rules by which orders become originals or repeats again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.services.order.order_state import OrderState
from app.services.order.repeat import Earlier, History
from models.order import OrderStatus, RepeatDecision
from models.organization import RepeatPolicy

_CLOSED = (OrderStatus.WON, OrderStatus.LOST, OrderStatus.INVALID)


@dataclass(frozen=True)
class RepeatRules:
    """Rules for repeats, applied to orders in the order of their insertion; originals come before repeats."""

    history: History
    restored_keys: frozenset[int]
    policy: RepeatPolicy
    worked_on: Collection[int]  # the orders with an open follow-up

    def apply(self, not_deleted: Sequence[OrderState]) -> None:
        by_key = {each.id: each for each in not_deleted}
        by_pair: dict[tuple[int, int], list[OrderState]] = defaultdict(list)
        for each in not_deleted:
            by_pair[each.pair].append(each)
        for each in not_deleted:
            if each.is_repeat:
                self._check_repeat(each, by_key, by_pair[each.pair])
            elif self.restored_keys:
                self._check_original(each, by_pair[each.pair])
            self.history.orders[each.pair].append(each.itself)

    def _check_repeat(
        self, each: OrderState, by_key: dict[int, OrderState], others: Sequence[OrderState]
    ) -> None:
        """A repeat without a valid original gets another original or becomes one."""
        original = by_key.get(each.repeat_of_id) if each.repeat_of_id else None
        if original is not None and original.customer_id != each.customer_id:
            original = None  # the undo of a merge has separated them
        if original is not None and not original.is_repeat:
            return
        found = self.history.find_repeated(each.pair, each.ordered_at) or self._in_work(each, others)
        if found is not None:
            self._repeat(each, found)
        elif original is None:
            self._promote(each)

    def _check_original(self, each: OrderState, others: Sequence[OrderState]) -> None:
        """Of two originals, one of them restored, the one without work becomes a repeat."""
        if each.status in _CLOSED or each.decision is RepeatDecision.NOT_REPEAT:
            return
        found = self.history.find_repeated(each.pair, each.ordered_at)
        if each.id in self.restored_keys:
            found = found or self._in_work(each, others)
        elif not (each.is_untouched and any(other.id in self.restored_keys for other in others)):
            return
        if found is not None:
            self._repeat(each, found)

    def _in_work(self, each: OrderState, others: Sequence[OrderState]) -> Earlier | None:
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

    def _promote(self, each: OrderState) -> None:
        each.is_repeat, each.repeat_of_id, each.decision = False, None, None
        each.itself.is_repeat = False
        if each.status is OrderStatus.HELD or self._lost_follow_up(each):
            each.status = OrderStatus.NEW

    def _repeat(self, each: OrderState, found: Earlier) -> None:
        was_original, each.is_repeat, each.repeat_of_id = not each.is_repeat, True, found.id
        each.itself.is_repeat = True
        if self._lost_follow_up(each):
            each.status, each.decision = OrderStatus.NEW, None
        elif was_original and each.is_untouched:
            self._apply_policy(each)

    def _apply_policy(self, each: OrderState) -> None:
        if self.policy is RepeatPolicy.HOLD:
            each.status = OrderStatus.HELD
        elif self.policy is RepeatPolicy.ATTACH and each.repeat_of_id in self.worked_on:
            each.status, each.decision = OrderStatus.ATTACHED, RepeatDecision.ATTACHED

    def _lost_follow_up(self, each: OrderState) -> bool:
        """Whether no member works on the order any more: it has no follow-up, nor has its original an open one."""
        is_given = each.status in {OrderStatus.ASSIGNED, OrderStatus.ATTACHED}
        return is_given and not each.has_follow_up and each.repeat_of_id not in self.worked_on
