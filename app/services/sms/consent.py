"""Opt-outs and opt-ins: the opt-out list of an organisation and the marks of its customers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.lib.clock import now
from app.lib.mobile import canonical_mobile
from app.lib.number_digest import digest_number
from app.services.bulk import among
from models.customer import Customer
from models.sms.consent import OptOutSource, SmsOptOut
from models.tenancy.scope import whole_organization
from models.trash import on_trash_change


def opt_out(mobile: str, source: OptOutSource, *, at: datetime | None = None) -> bool:
    """Add *mobile* to the opt-out list, which also applies to queued messages; False when it was listed."""
    number, moment = canonical_mobile(mobile), at or now()
    with whole_organization(db.session()):
        _set_marks(number, opted_out=True)
        try:
            with db.session.begin_nested():
                db.session.add(SmsOptOut.of_number(number, source=source, at=moment))
        except IntegrityError:
            later = update(SmsOptOut).where(SmsOptOut.number_digest == number, SmsOptOut.at < moment)
            db.session.execute(later.values(at=moment))
            return False
    return True


def find_opt_out(mobile: str) -> SmsOptOut | None:
    """The entry of *mobile* on the organisation's opt-out list."""
    return db.session.scalar(select(SmsOptOut).where(SmsOptOut.number_digest == canonical_mobile(mobile)))


def opt_in(mobile: str, *, at: datetime | None = None) -> None:
    """Remove *mobile* from the opt-out list, unless its entry is as recent as *at* or newer."""
    number = canonical_mobile(mobile)
    with whole_organization(db.session()):
        found = db.session.scalar(select(SmsOptOut).where(SmsOptOut.number_digest == number))
        if found is not None and at is not None and found.at >= at:
            return
        if found is not None:
            db.session.delete(found)
            db.session.flush()
        _set_marks(number, opted_out=False)


def _set_marks(number: str, *, opted_out: bool) -> None:
    changed = and_(Customer.mobile == number, Customer.opted_out.is_not(opted_out))
    values = {"opted_out": opted_out, "row_version": Customer.row_version + 1}
    db.session.execute(update(Customer).where(changed).values(**values))


def opted_out_among(mobiles: Collection[str]) -> set[str]:
    """The canonical *mobiles* that are on the organisation's opt-out list."""
    numbers = {digest_number(each): each for each in mobiles}
    listed = select(SmsOptOut.number_digest).where(among(SmsOptOut.number_digest, numbers))
    return {numbers[each] for each in db.session.scalars(listed)}


@on_trash_change(Customer)
def restore_opt_out_marks(customer_ids: Sequence[int], restored: bool) -> None:  # noqa: FBT001 - the signature of trash watchers
    """Set the opt-out marks of restored customers from the current list."""
    if not restored:
        return
    restored_ones = select(Customer.id, Customer.mobile).where(Customer.id.in_(customer_ids))
    mobiles = {row.id: row.mobile for row in db.session.execute(restored_ones)}
    listed = opted_out_among(mobiles.values())
    for is_listed in (True, False):
        keys = [key for key, mobile in mobiles.items() if (mobile in listed) is is_listed]
        differing = update(Customer).where(Customer.id.in_(keys), Customer.opted_out.is_not(is_listed))
        values = {"opted_out": is_listed, "row_version": Customer.row_version + 1}
        db.session.execute(differing.values(**values).execution_options(synchronize_session=False))
