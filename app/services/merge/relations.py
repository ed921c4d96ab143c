"""What refers to a customer, and what a merge does with it.

Each foreign key to the customers is declared here, as one that moves or one that stays; a test compares the declaration
with the tables. Tables that refer to a customer without a foreign key are declared too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_appbuilder import Model
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select, true, union_all

from app.extensions import db
from models.assignment import Assignment
from models.attachment import Attachment
from models.customer import Address, Customer, CustomerPhone
from models.follow_up import FollowUp, FollowUpEntry
from models.order import Order
from models.sale import Sale
from models.sms.campaign import SmsExclusion
from models.sms.message import SmsMessage
from models.support import SupportEntry
from models.task import Task


@dataclass(frozen=True)
class Moved:
    """A table whose rows go to the survivor.

    `parents` are the keys of rows that the row belongs to: rows that were added after the merge go where their parent
    goes. `number` is the column with the number of a row without a parent.
    """

    model: Any
    column: str = "customer_id"
    parents: Sequence[tuple[str, Any]] = ()
    number: str | None = None
    label: LazyString | None = None  # of the tables that messages to members name

    @property
    def name(self) -> str:
        """How a merged row names the table."""
        return str(self.model.__tablename__)

    @property
    def key(self) -> Any:
        return getattr(self.model, self.column)

    @property
    def only(self) -> ColumnElement[bool]:
        """The condition for the rows of the table that refer to customers at all."""
        if self.model is Attachment:
            return Attachment.parent_type == Customer.__tablename__
        return true()

    def of(self, keys: Sequence[int]) -> ColumnElement[bool]:
        return and_(self.only, self.key.in_(keys))

    def follows(self, customer_id: int, numbers: Sequence[str]) -> ColumnElement[bool] | None:
        """The condition for rows that belong to the customer by their parent or their number; None without either."""
        parts = [
            getattr(self.model, key).in_(select(parent.id).where(parent.customer_id == customer_id))
            for key, parent in self.parents
        ]
        if self.number is not None:
            by_number = getattr(self.model, self.number).in_(numbers)
            orphans = [getattr(self.model, key).is_(None) for key, _parent in self.parents]
            parts.append(and_(by_number, *orphans))
        return or_(*parts) if parts else None


# More rows than this move in a job.
MOST_MOVED = 1_000
# Parents come before the rows that follow them: who writes a row locks its parent first.
MOVED = (
    Moved(Order, number="placed_with", label=_("Orders")),
    Moved(FollowUp, parents=(("order_id", Order),), label=_("Follow-ups")),
    Moved(FollowUpEntry, parents=(("follow_up_id", FollowUp),)),
    Moved(Assignment, parents=(("order_id", Order),)),
    Moved(Sale, parents=(("order_id", Order),), label=_("Sales")),
    Moved(SupportEntry, parents=(("sale_id", Sale),)),
    Moved(SmsMessage, parents=(("follow_up_id", FollowUp),), number="mobile", label=_("SMS")),
    Moved(SmsExclusion, parents=(("follow_up_id", FollowUp),), number="mobile"),
    Moved(Task, parents=(("follow_up_id", FollowUp),), label=_("Tasks")),
    Moved(Address, label=_("Addresses")),
    Moved(CustomerPhone, label=_("Phones")),
    Moved(Attachment, "parent_id", label=_("Files")),
)
# The foreign keys that name the customer of a moment.
STAYS = frozenset(
    {
        "assignments.counted_customer_id",
        "sales.counted_customer_id",
        "customers.merged_into_id",
        "customer_merges.survivor_id",
    }
)


def count_moving(keys: Sequence[int]) -> int:
    """How many rows would move away from the customers *keys*."""
    counts = [select(func.count(each.model.id)).where(each.of(keys)) for each in MOVED]
    found = db.session.execute(union_all(*counts), execution_options={"with_deleted": True})
    return sum(found.scalars())


def keys_to_customers() -> Iterator[str]:
    """Every column with a foreign key to the customers, as «table.column»."""
    for table in Model.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table is Customer.__table__ for key in column.foreign_keys):
                yield f"{table.name}.{column.name}"


def undeclared() -> set[str]:
    """The foreign keys to the customers that nothing is declared for."""
    return set(keys_to_customers()) - {f"{each.name}.{each.column}" for each in MOVED} - STAYS
