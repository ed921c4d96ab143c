"""What an import would make of each order of a file, by the rules of the import."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.extensions import db
from app.lib.persian import persian_digits
from app.services.bulk import among
from app.services.order.customer import former_mobiles
from app.services.order.new_order import NewOrder
from app.services.order.repeat import Earlier, history_of, load_history
from models.customer import Customer
from models.organization import Organization
from models.tenancy.scope import actor_of
from models.types import Choice


class RowOutcome(Choice):
    """What an import makes of a row."""

    NEW = "new", _l("New order")
    KNOWN = "known", _l("Known customer")
    REPEATED = "repeated", _l("Repeated")
    REJECTED = "rejected", _l("Rejected")


class OutcomePreview:
    """Decides outcomes; unknown customers get negative ids. The caller sees the whole organisation."""

    def __init__(self, product_ids: Collection[int]) -> None:
        session = db.session()
        self._organization = session.get_one(Organization, actor_of(session).organization_id)
        self._product_ids = set(product_ids)
        self._customers: dict[str, int] = {}
        self._history = history_of(self._organization)

    def load(self, orders: Sequence[NewOrder]) -> None:
        """Load what is known of the customers of *orders*, in a few statements."""
        mobiles = {order.customer["mobile"] for order in orders} - self._customers.keys()
        statement = select(Customer.mobile, Customer.id).where(among(Customer.mobile, mobiles))
        found: dict[str, int] = dict(db.session.execute(statement).all())
        found |= {number: key for number, (key, _now) in former_mobiles(mobiles - found.keys()).items()}
        fresh = set(found.values()) - set(self._customers.values())
        self._customers |= found
        history = load_history(sorted(fresh), self._product_ids, self._organization)
        self._history.orders.update(history.orders)
        self._history.sales.update(history.sales)
        self._history.sold.update(history.sold)

    def outcome(self, order: NewOrder) -> tuple[RowOutcome, str]:
        """The outcome of the next order and its words."""
        mobile = order.customer["mobile"]
        is_known = mobile in self._customers
        pair = (self._customers.setdefault(mobile, -len(self._customers) - 1), order.product_id)
        repeats = self._history.find_repeated(pair, order.ordered_at)
        self._history.orders[pair].append(Earlier(order.ordered_at, is_repeat=repeats is not None))
        if repeats is not None:
            return RowOutcome.REPEATED, _ago(abs(order.ordered_at - repeats.ordered_at))
        outcome = RowOutcome.KNOWN if is_known else RowOutcome.NEW
        return outcome, str(outcome.label)


def _ago(distance: timedelta) -> str:
    if not distance.days:
        return _("Repeated of the same day")
    return _("Repeated of %(days)s days before", days=persian_digits(distance.days))
