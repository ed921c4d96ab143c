"""Monthly page quotas: pages are reserved before sending, then captured or released per message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _
from sqlalchemy import CursorResult, func, select, update

from app.errors import DomainError
from app.extensions import db
from app.lib.clock import now
from app.lib.jalali import to_jalali
from app.services.bulk import insert_many
from models.organization import Organization
from models.sms.campaign import SmsCampaign
from models.sms.quota import LedgerKind, SmsLedger, SmsQuota, SmsUsage
from models.tenancy.scope import actor_of, fill_tenant
from models.upsert import upsert


class QuotaExceeded(DomainError):
    """The month has fewer pages left than are needed."""


def this_month() -> str:
    """The Jalali month as «1405-09»; quotas are per Jalali month."""
    day = to_jalali(now())
    return f"{day.year:04d}-{day.month:02d}"


def reserve(campaign: SmsCampaign, amount: int) -> None:
    """Reserve *amount* pages of the organisation's and the sender's quota; all or none. Raises `QuotaExceeded`."""
    if amount <= 0:
        return
    with db.session.begin_nested():
        for member_id, limit in _limits(campaign):
            _ensure_usage(member_id, campaign.quota_month)
            if not _add(member_id, campaign.quota_month, amount, limit):
                left = max((limit or 0) - _used(member_id, campaign.quota_month), 0)
                raise QuotaExceeded(
                    _("%(amount)s pages are needed and %(left)s are left this month."),
                    amount=amount,
                    left=left,
                )
    _write([_entry(campaign, None, LedgerKind.RESERVE, amount)])
    campaign.reserved += amount


def release_reservation(campaign: SmsCampaign, amount: int) -> None:
    """Release *amount* pages that *campaign* has reserved."""
    if amount > 0:
        _write([_entry(campaign, None, LedgerKind.RELEASE, amount)])
        _release_usage(campaign, amount)
        campaign.reserved -= amount


def transfer_to_messages(campaign: SmsCampaign, messages: Sequence[tuple[int, int]]) -> None:
    """Move reserved pages from *campaign* to its messages (id, pages); reserves missing pages first."""
    amount = sum(pages for _id, pages in messages)
    reserve(campaign, amount - campaign.reserved)
    if amount:
        entries = [_entry(campaign, None, LedgerKind.RELEASE, amount)]
        entries += [_entry(campaign, key, LedgerKind.RESERVE, pages) for key, pages in messages]
        _write(entries)
        campaign.reserved -= amount


def settle(kind: LedgerKind, messages: Iterable[Any]) -> None:
    """Capture or release the pages of *messages*: rows with `id`, `campaign_id` and `segments`."""
    found = list(messages)
    _write([_message_entry(message, kind) for message in found])
    if kind is LedgerKind.RELEASE and found:
        _release_usage_of(found)


def _release_usage_of(messages: list[Any]) -> None:
    pages: dict[int, int] = {}
    for message in messages:
        pages[message.campaign_id] = pages.get(message.campaign_id, 0) + message.segments
    for campaign in db.session.scalars(select(SmsCampaign).where(SmsCampaign.id.in_(pages))):
        _release_usage(campaign, pages[campaign.id])


def used_pages(member_id: int | None = None) -> int:
    """Pages reserved or captured this month by one member, or by the organisation when None."""
    return _used(member_id, this_month())


def _limits(campaign: SmsCampaign) -> list[tuple[int | None, int | None]]:
    """[(None, the organisation's limit), (sender, the sender's limit)]; a limit of None is unlimited."""
    organization_limit = db.session.scalar(
        select(Organization.sms_quota).where(Organization.id == actor_of(db.session()).organization_id)
    )
    limits: list[tuple[int | None, int | None]] = [(None, organization_limit)]
    if campaign.created_by_id is not None:
        member_limit = select(SmsQuota.pages).where(SmsQuota.member_id == campaign.created_by_id)
        limits.append((campaign.created_by_id, db.session.scalar(member_limit)))
    return limits


def _usage_of(member_id: int | None, month: str) -> Any:
    of_member = SmsUsage.member_id.is_(None) if member_id is None else SmsUsage.member_id == member_id
    return of_member & (SmsUsage.month == month)


def _used(member_id: int | None, month: str) -> int:
    return db.session.scalar(select(SmsUsage.used).where(_usage_of(member_id, month))) or 0


def _ensure_usage(member_id: int | None, month: str) -> None:
    [row] = fill_tenant(db.session(), [{"member_id": member_id, "month": month, "used": 0}])
    db.session.execute(upsert(db.session(), SmsUsage).on_conflict_do_nothing(), [row])


def _add(member_id: int | None, month: str, amount: int, limit: int | None) -> bool:
    """Add *amount* if the limit allows it; one atomic statement, so two campaigns can't share the last pages."""
    statement = update(SmsUsage).where(_usage_of(member_id, month)).values(used=SmsUsage.used + amount)
    if limit is not None:
        statement = statement.where(SmsUsage.used + amount <= limit)
    result: CursorResult[Any] = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount)


def _release_usage(campaign: SmsCampaign, amount: int) -> None:
    whose = [None] if campaign.created_by_id is None else [None, campaign.created_by_id]
    for member_id in whose:
        _add(member_id, campaign.quota_month, -amount, None)


def _entry(campaign: SmsCampaign, message_id: int | None, kind: LedgerKind, amount: int) -> dict[str, Any]:
    return {"campaign_id": campaign.id, "message_id": message_id, "kind": kind, "amount": amount}


def _message_entry(message: Any, kind: LedgerKind) -> dict[str, Any]:
    entry = {"campaign_id": message.campaign_id, "message_id": message.id}
    return entry | {"kind": kind, "amount": message.segments}


def _write(entries: list[dict[str, Any]]) -> None:
    if entries:
        insert_many(SmsLedger, entries)


def balance_of(campaign_ids: Iterable[int]) -> int:
    """Pages of these campaigns that are reserved and neither captured nor released."""
    signs = {LedgerKind.RESERVE: 1, LedgerKind.CAPTURE: -1, LedgerKind.RELEASE: -1}
    statement = (
        select(SmsLedger.kind, func.sum(SmsLedger.amount))
        .where(SmsLedger.campaign_id.in_(list(campaign_ids)))
        .group_by(SmsLedger.kind)
    )
    return sum(signs[kind] * int(amount) for kind, amount in db.session.execute(statement))


def pages_left(member_id: int) -> int | None:
    """Pages that the member may still use this month; None when there is no limit."""
    organization_id = actor_of(db.session()).organization_id
    organization_limit = select(Organization.sms_quota).where(Organization.id == organization_id)
    member_limit = select(SmsQuota.pages).where(SmsQuota.member_id == member_id)
    limits = ((None, db.session.scalar(organization_limit)), (member_id, db.session.scalar(member_limit)))
    left = [max(limit - used_pages(whose), 0) for whose, limit in limits if limit is not None]
    return min(left, default=None)
