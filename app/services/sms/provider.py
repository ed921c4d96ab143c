"""The accounts that messages may leave by: which are well, how fast they may go, and what makes them rest."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from flask import current_app
from sqlalchemy import or_, select, update

from app.extensions import db
from app.gateways.crypto import decrypt, digest, encrypt, new_token
from app.gateways.sms.base import Account, Provider, Trouble
from app.gateways.sms.registry import provider_for
from app.services.job.lease import database_now
from app.services.sms.lease import begin_writing
from models.sms.provider import ProviderKind, ProviderStop, SmsProvider, SmsProviderHealth

MOST_FAILURES, WINDOW = 5, 20
PROBE = timedelta(seconds=30)
PATIENCE = timedelta(seconds=5)
_STOPS = {
    Trouble.CREDIT: ProviderStop.CREDIT,
    Trouble.SENDER: ProviderStop.SENDER,
    Trouble.SETUP: ProviderStop.SETUP,
    Trouble.BUSY: ProviderStop.BUSY,
}


@dataclass(frozen=True)
class Channel:
    """An account that is well; a *probe* has rested and gets one message to show that it is."""

    provider_id: int
    gateway: Provider
    calls_per_second: int | None
    is_probe: bool

    @property
    def batch(self) -> int:
        return 1 if self.is_probe else min(self.gateway.max_batch, current_app.config["SMS_BATCH"])


def ensure_account(base_url: str, key: str, line: str, *, calls_per_second: int | None) -> SmsProvider | None:
    """The first account of a new installation; None when there is one already."""
    if db.session.scalar(select(SmsProvider.id).limit(1)) is not None:
        return None
    account = SmsProvider(
        name="کاوه‌نگار", base_url=base_url, line=line, can_look_up=True, calls_per_second=calls_per_second
    )
    save_key(account, key)
    db.session.add(account)
    db.session.flush()
    return account


def save_key(account: SmsProvider, key: str) -> None:
    account.sealed_key_secret = encrypt(key)


def renew_report_secret(account: SmsProvider) -> str:
    """A new secret for the address of reports, shown once."""
    secret = new_token()
    account.report_hash = digest(secret)
    db.session.flush()
    return secret


def find_by_report_secret(kind: str, secret: str) -> SmsProvider | None:
    """Whose secret it is; as slow for a wrong one as for a right one."""
    given, found = digest(secret), None
    for account in db.session.scalars(select(SmsProvider).where(SmsProvider.report_hash.is_not(None))):
        if hmac.compare_digest(account.report_hash or "", given) and account.kind.value == kind:
            found = account
    return found


def gateway_of(account: SmsProvider) -> Provider:
    """The account as its provider is spoken to, with what its certification has shown."""
    key = (account.kind, account.sealed_key_secret, account.base_url, account.line)
    return _gateway(key, (account.can_look_up, account.is_idempotent))


@lru_cache(maxsize=32)
def _gateway(key: tuple[ProviderKind, str, str, str], certified: tuple[bool, bool]) -> Provider:
    """Kept from one call to the next, with its connections."""
    kind, sealed, base_url, line = key
    gateway = provider_for(kind, Account(decrypt(sealed), base_url, line))
    gateway.can_look_up, gateway.is_idempotent = gateway.can_look_up and certified[0], certified[1]
    return gateway


def open_channels() -> list[Channel]:
    """The accounts that are well, in the order in which messages try them; commits what it asks for."""
    begin_writing()
    moment = database_now()
    statement = (
        select(SmsProvider, SmsProviderHealth)
        .outerjoin(SmsProviderHealth)
        .where(SmsProvider.is_enabled)
        .order_by(SmsProvider.position, SmsProvider.id)
    )
    channels = []
    for account, health in db.session.execute(statement).all():
        if health is None:
            db.session.add(SmsProviderHealth(provider_id=account.id, failures=0, recent=0, lease_conflicts=0))
        elif not _is_well(health, moment):
            continue
        is_probe = health is not None and health.open_until is not None
        if not is_probe or _may_probe(health, moment):
            channels.append(Channel(account.id, gateway_of(account), account.calls_per_second, is_probe))
    db.session.commit()
    return channels


def _is_well(health: SmsProviderHealth, moment: datetime) -> bool:
    is_stopped = health.stop is not None and (health.stop_until is None or health.stop_until > moment)
    return not is_stopped and (health.open_until is None or health.open_until <= moment)


def _may_probe(health: SmsProviderHealth, moment: datetime) -> bool:
    """One worker at a time tries whether it has come back."""
    taken = db.session.execute(
        update(SmsProviderHealth)
        .where(
            SmsProviderHealth.provider_id == health.provider_id,
            SmsProviderHealth.open_until == health.open_until,
        )
        .values(open_until=moment + PROBE)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)


def take_slot(channel: Channel) -> float:
    """Seconds until this worker's next call may leave; commits."""
    if not channel.calls_per_second:
        return 0.0
    begin_writing()
    moment, health = database_now(), _locked(channel.provider_id)
    start = max(moment, health.next_call_at or moment)
    health.next_call_at = start + timedelta(seconds=1) / channel.calls_per_second
    db.session.commit()
    return (start - moment).total_seconds()


def note_call(provider_id: int, *, is_ok: bool, conflicts: int = 0) -> None:
    """Count a call for the circuit: five failures in a row, or more than half of the last twenty, and it opens."""
    health = db.session.get(SmsProviderHealth, provider_id)
    if is_ok and not conflicts and health and not health.recent and health.open_until is None:
        return
    health, moment = _locked(provider_id), database_now()
    health.lease_conflicts += conflicts
    health.recent = ((health.recent << 1) | (not is_ok)) & ((1 << WINDOW) - 1)
    health.failures = 0 if is_ok else health.failures + 1
    was_probe = health.open_until is not None
    if is_ok:
        health.last_ok_at = moment
        if was_probe:
            health.open_until, health.recent = None, 0
    elif was_probe or health.failures >= MOST_FAILURES or health.recent.bit_count() > WINDOW // 2:
        health.open_until = moment + timedelta(seconds=current_app.config["SMS_REST"])


def note_stop(provider_id: int, trouble: Trouble, *, code: str | None, retry_after: float | None) -> None:
    """Hand nothing to the account for a while, or until credit or a person comes."""
    stop = _STOPS.get(trouble)
    if stop is None:
        return
    health, moment = _locked(provider_id), database_now()
    health.stop, health.stop_code, health.stopped_at = stop, code, moment
    patience = timedelta(seconds=min(retry_after, 900)) if retry_after else PATIENCE
    health.stop_until = moment + patience if stop is ProviderStop.BUSY else None
    db.session.flush()


def release(provider_id: int) -> None:
    """Let the account work again, as a person or its credit says."""
    health = _locked(provider_id)
    health.stop = health.stop_code = health.stop_until = health.stopped_at = None
    health.open_until, health.failures, health.recent = None, 0, 0
    db.session.flush()


def accounts_stopped_for(stop: ProviderStop) -> Sequence[SmsProvider]:
    statement = select(SmsProvider).join(SmsProviderHealth).where(SmsProviderHealth.stop == stop)
    return db.session.scalars(statement).all()


def any_is_usable() -> bool:
    """Whether some account would take messages now or after a short rest."""
    lasting = SmsProviderHealth.stop.not_in([ProviderStop.BUSY])
    statement = (
        select(SmsProvider.id)
        .outerjoin(SmsProviderHealth)
        .where(SmsProvider.is_enabled, or_(SmsProviderHealth.stop.is_(None), ~lasting))
    )
    return db.session.scalar(statement.limit(1)) is not None


def note_credit(provider_id: int, rials: int) -> None:
    health = _locked(provider_id)
    health.credit_rials, health.credit_at = rials, database_now()
    db.session.flush()


def _locked(provider_id: int) -> SmsProviderHealth:
    statement = select(SmsProviderHealth).where(SmsProviderHealth.provider_id == provider_id)
    locked = statement.with_for_update().execution_options(populate_existing=True)
    found = db.session.scalar(locked)
    if found is None:
        found = SmsProviderHealth(provider_id=provider_id, failures=0, recent=0, lease_conflicts=0)
        db.session.add(found)
        db.session.flush()
    return found


def note_price(provider_id: int, rials_per_page: float) -> None:
    """Remember what a page costs, for previews and for the credit that a campaign needs."""
    health = db.session.get(SmsProviderHealth, provider_id)
    if health is not None and round(health.rials_per_page or 0, 2) != round(rials_per_page, 2):
        health.rials_per_page = round(rials_per_page, 2)
        db.session.flush()


def price_of_page() -> float | None:
    """Rials, as far as some account's answers have told."""
    statement = (
        select(SmsProviderHealth.rials_per_page)
        .join(SmsProvider)
        .where(SmsProvider.is_enabled, SmsProviderHealth.rials_per_page.is_not(None))
        .order_by(SmsProvider.position, SmsProvider.id)
    )
    return db.session.scalar(statement.limit(1))
