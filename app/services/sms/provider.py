"""Provider accounts: availability, rate limits, circuit breaker, credit and prices."""

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
from app.gateways.sms.base import Provider, ProviderAccount
from app.gateways.sms.registry import provider_for
from app.gateways.sms.results import Trouble
from app.services.job.lease import database_now
from app.services.sms.lease import begin_writing
from models.sms.provider import ProviderKind, ProviderStop, SmsProvider, SmsProviderHealth

MAX_FAILURES, WINDOW = 5, 20
PROBE_INTERVAL = timedelta(seconds=30)
BUSY_PAUSE = timedelta(seconds=5)
_STOPS = {
    Trouble.CREDIT: ProviderStop.CREDIT,
    Trouble.SENDER: ProviderStop.SENDER,
    Trouble.SETUP: ProviderStop.SETUP,
    Trouble.BUSY: ProviderStop.BUSY,
}


@dataclass(frozen=True)
class Channel:
    """An available account; a probe has an open circuit and gets a single message as a test."""

    provider_id: int
    gateway: Provider
    calls_per_second: int | None
    is_probe: bool

    @property
    def batch(self) -> int:
        return 1 if self.is_probe else min(self.gateway.max_batch, current_app.config["SMS_BATCH"])


def ensure_account(base_url: str, key: str, line: str, *, calls_per_second: int | None) -> SmsProvider | None:
    """Create the first account of an installation; None when an account exists."""
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
    """Set a new secret for the webhook address; only its digest is stored."""
    secret = new_token()
    account.report_hash = digest(secret)
    db.session.flush()
    return secret


def find_by_report_secret(kind: str, secret: str) -> SmsProvider | None:
    """The account with this webhook secret; takes the same time for a wrong secret."""
    given, found = digest(secret), None
    for account in db.session.scalars(select(SmsProvider).where(SmsProvider.report_hash.is_not(None))):
        if hmac.compare_digest(account.report_hash or "", given) and account.kind.value == kind:
            found = account
    return found


def gateway_of(account: SmsProvider) -> Provider:
    """The gateway of *account*, with the capabilities that its certification has shown."""
    key = (account.kind, account.sealed_key_secret, account.base_url, account.line)
    return _gateway(key, (account.can_look_up, account.is_idempotent))


@lru_cache(maxsize=32)
def _gateway(key: tuple[ProviderKind, str, str, str], certified: tuple[bool, bool]) -> Provider:
    kind, ciphertext, base_url, line = key
    gateway = provider_for(kind, ProviderAccount(decrypt(ciphertext), base_url, line))
    gateway.can_look_up, gateway.is_idempotent = gateway.can_look_up and certified[0], certified[1]
    return gateway


def open_channels() -> list[Channel]:
    """The available accounts in order of preference; commits."""
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
        elif not _is_available(health, moment):
            continue
        is_probe = health is not None and health.open_until is not None
        if not is_probe or _claim_probe(health, moment):
            channels.append(Channel(account.id, gateway_of(account), account.calls_per_second, is_probe))
    db.session.commit()
    return channels


def channel_of(provider_id: int) -> Channel:
    """The account for one message that is meant for it, in whatever state it is. Commits."""
    account = db.session.get_one(SmsProvider, provider_id)
    channel = Channel(account.id, gateway_of(account), account.calls_per_second, is_probe=True)
    db.session.commit()
    return channel


def _is_available(health: SmsProviderHealth, moment: datetime) -> bool:
    is_stopped = health.stop is not None and (health.stop_until is None or health.stop_until > moment)
    return not is_stopped and (health.open_until is None or health.open_until <= moment)


def _claim_probe(health: SmsProviderHealth, moment: datetime) -> bool:
    """Claim the next probe of an open circuit, so that only one worker sends it."""
    claimed = db.session.execute(
        update(SmsProviderHealth)
        .where(
            SmsProviderHealth.provider_id == health.provider_id,
            SmsProviderHealth.open_until == health.open_until,
        )
        .values(open_until=moment + PROBE_INTERVAL)
        .execution_options(synchronize_session=False)
    )
    return bool(claimed.rowcount)


def reserve_slot(channel: Channel) -> float:
    """Reserve the next call of a rate-limited account; returns the seconds to wait. Commits."""
    if not channel.calls_per_second:
        return 0.0
    begin_writing()
    moment, health = database_now(), _locked(channel.provider_id)
    start = max(moment, health.next_call_at or moment)
    health.next_call_at = start + timedelta(seconds=1) / channel.calls_per_second
    db.session.commit()
    return (start - moment).total_seconds()


def record_call(provider_id: int, *, is_ok: bool, conflicts: int = 0) -> None:
    """Record a call for the circuit breaker.

    The circuit opens after five failures in a row, or when more than half of the last twenty calls failed.
    """
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
    elif was_probe or health.failures >= MAX_FAILURES or health.recent.bit_count() > WINDOW // 2:
        health.open_until = moment + timedelta(seconds=current_app.config["SMS_REST"])


def record_stop(provider_id: int, trouble: Trouble, *, code: str | None, retry_after: float | None) -> None:
    """Stop the account: for a while when it is busy, else until credit is added or a user resumes it."""
    stop = _STOPS.get(trouble)
    if stop is None:
        return
    health, moment = _locked(provider_id), database_now()
    health.stop, health.stop_code, health.stopped_at = stop, code, moment
    pause = timedelta(seconds=min(retry_after, 900)) if retry_after else BUSY_PAUSE
    health.stop_until = moment + pause if stop is ProviderStop.BUSY else None
    db.session.flush()


def clear_stop(provider_id: int) -> None:
    """Clear the account's stop and close its circuit."""
    health = _locked(provider_id)
    health.stop = health.stop_code = health.stop_until = health.stopped_at = None
    health.open_until, health.failures, health.recent = None, 0, 0
    db.session.flush()


def clear_refusal(account: SmsProvider) -> None:
    """Clear the stop of an account or line that the provider refused, after its settings were changed."""
    if account.health is not None and account.health.stop in {ProviderStop.SENDER, ProviderStop.SETUP}:
        clear_stop(account.id)


def accounts_stopped_for(stop: ProviderStop) -> Sequence[SmsProvider]:
    statement = select(SmsProvider).join(SmsProviderHealth).where(SmsProviderHealth.stop == stop)
    return db.session.scalars(statement).all()


def any_is_usable() -> bool:
    """Whether some enabled account has no lasting stop."""
    lasting = SmsProviderHealth.stop.not_in([ProviderStop.BUSY])
    statement = (
        select(SmsProvider.id)
        .outerjoin(SmsProviderHealth)
        .where(SmsProvider.is_enabled, or_(SmsProviderHealth.stop.is_(None), ~lasting))
    )
    return db.session.scalar(statement.limit(1)) is not None


def record_credit(provider_id: int, rials: int) -> None:
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


def record_price(provider_id: int, rials_per_page: float) -> None:
    """Store the price of a page, which previews and the credit check use."""
    health = db.session.get(SmsProviderHealth, provider_id)
    if health is not None and round(health.rials_per_page or 0, 2) != round(rials_per_page, 2):
        health.rials_per_page = round(rials_per_page, 2)
        db.session.flush()


def price_of_page() -> float | None:
    """The price of a page in rials at the preferred account; None when it is unknown."""
    statement = (
        select(SmsProviderHealth.rials_per_page)
        .join(SmsProvider)
        .where(SmsProvider.is_enabled, SmsProviderHealth.rials_per_page.is_not(None))
        .order_by(SmsProvider.position, SmsProvider.id)
    )
    return db.session.scalar(statement.limit(1))
