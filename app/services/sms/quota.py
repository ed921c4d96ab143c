"""Pages of a month: held before anything is sent, spent or given back by what became of each message."""

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
    """More pages than are left this month."""


def this_month() -> str:
    """«1405-09»: quotas begin anew with the Jalali month."""
    day = to_jalali(now())
    return f"{day.year:04d}-{day.month:02d}"


def reserve(campaign: SmsCampaign, amount: int) -> None:
    """Hold *amount* pages for the organisation and for the sender, or raise `QuotaExceeded` and hold none."""
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
    _write([_line(campaign, None, LedgerKind.RESERVE, amount)])
    campaign.reserved += amount


def give_back(campaign: SmsCampaign, amount: int) -> None:
    """Let go of what *campaign* holds and no message of it needs."""
    if amount > 0:
        _write([_line(campaign, None, LedgerKind.RELEASE, amount)])
        _free(campaign, amount)
        campaign.reserved -= amount


def hand_to_messages(campaign: SmsCampaign, messages: Sequence[tuple[int, int]]) -> None:
    """From the campaign's reservation to those of its messages (id, pages); what is short is reserved first."""
    amount = sum(pages for _id, pages in messages)
    reserve(campaign, amount - campaign.reserved)
    if amount:
        lines = [_line(campaign, None, LedgerKind.RELEASE, amount)]
        lines += [_line(campaign, key, LedgerKind.RESERVE, pages) for key, pages in messages]
        _write(lines)
        campaign.reserved -= amount


def settle(kind: LedgerKind, messages: Iterable[Any]) -> None:
    """Spend or give back the pages of *messages*: rows with `id`, `campaign_id` and `segments`."""
    found = list(messages)
    _write([_line_of(message, kind) for message in found])
    if kind is LedgerKind.RELEASE and found:
        _free_all(found)


def _free_all(messages: list[Any]) -> None:
    pages: dict[int, int] = {}
    for message in messages:
        pages[message.campaign_id] = pages.get(message.campaign_id, 0) + message.segments
    for campaign in db.session.scalars(select(SmsCampaign).where(SmsCampaign.id.in_(pages))):
        _free(campaign, pages[campaign.id])


def used_pages(member_id: int | None = None) -> int:
    """Pages held or spent this month, by the organisation or by one member."""
    return _used(member_id, this_month())


def _limits(campaign: SmsCampaign) -> list[tuple[int | None, int | None]]:
    """(nobody, the organisation's limit), then (the sender, his own); None: as many as he likes."""
    everybody = db.session.scalar(
        select(Organization.sms_quota).where(Organization.id == actor_of(db.session()).organization_id)
    )
    limits: list[tuple[int | None, int | None]] = [(None, everybody)]
    if campaign.created_by_id is not None:
        own = select(SmsQuota.pages).where(SmsQuota.member_id == campaign.created_by_id)
        limits.append((campaign.created_by_id, db.session.scalar(own)))
    return limits


def _whose(member_id: int | None, month: str) -> Any:
    is_his = SmsUsage.member_id.is_(None) if member_id is None else SmsUsage.member_id == member_id
    return is_his & (SmsUsage.month == month)


def _used(member_id: int | None, month: str) -> int:
    return db.session.scalar(select(SmsUsage.used).where(_whose(member_id, month))) or 0


def _ensure_usage(member_id: int | None, month: str) -> None:
    [row] = fill_tenant(db.session(), [{"member_id": member_id, "month": month, "used": 0}])
    db.session.execute(upsert(db.session(), SmsUsage).on_conflict_do_nothing(), [row])


def _add(member_id: int | None, month: str, amount: int, limit: int | None) -> bool:
    """One statement that checks and counts, so that two campaigns can't both have the last pages."""
    statement = update(SmsUsage).where(_whose(member_id, month)).values(used=SmsUsage.used + amount)
    if limit is not None:
        statement = statement.where(SmsUsage.used + amount <= limit)
    result: CursorResult[Any] = db.session.execute(statement.execution_options(synchronize_session=False))
    return bool(result.rowcount)


def _free(campaign: SmsCampaign, amount: int) -> None:
    whose = [None] if campaign.created_by_id is None else [None, campaign.created_by_id]
    for member_id in whose:
        _add(member_id, campaign.quota_month, -amount, None)


def _line(campaign: SmsCampaign, message_id: int | None, kind: LedgerKind, amount: int) -> dict[str, Any]:
    return {"campaign_id": campaign.id, "message_id": message_id, "kind": kind, "amount": amount}


def _line_of(message: Any, kind: LedgerKind) -> dict[str, Any]:
    line = {"campaign_id": message.campaign_id, "message_id": message.id}
    return line | {"kind": kind, "amount": message.segments}


def _write(lines: list[dict[str, Any]]) -> None:
    if lines:
        insert_many(SmsLedger, lines)


def balance_of(campaign_ids: Iterable[int]) -> int:
    """Pages that the lines of these campaigns still hold."""
    held = {LedgerKind.RESERVE: 1, LedgerKind.CAPTURE: -1, LedgerKind.RELEASE: -1}
    statement = (
        select(SmsLedger.kind, func.sum(SmsLedger.amount))
        .where(SmsLedger.campaign_id.in_(list(campaign_ids)))
        .group_by(SmsLedger.kind)
    )
    return sum(held[kind] * int(amount) for kind, amount in db.session.execute(statement))


def pages_left(member_id: int) -> int | None:
    """What the month still has for the member, or None when nothing limits him."""
    organization_id = actor_of(db.session()).organization_id
    everybody = select(Organization.sms_quota).where(Organization.id == organization_id)
    own = select(SmsQuota.pages).where(SmsQuota.member_id == member_id)
    limits = ((None, db.session.scalar(everybody)), (member_id, db.session.scalar(own)))
    left = [max(limit - used_pages(whose), 0) for whose, limit in limits if limit is not None]
    return min(left, default=None)
