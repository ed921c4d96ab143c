"""The second step of a login: TOTP codes (RFC 6238) and recovery codes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta

import pyotp
from flask_babel import lazy_gettext as _
from sqlalchemy import delete, or_, update

from app.errors import DomainError
from app.extensions import db
from app.gateways import crypto
from app.lib.clock import now
from app.lib.persian import latin_digits
from app.services.account.login import locked
from app.services.account.rate_limit import Limit, locked_until, reset
from models.account import RecoveryCode
from models.member import Member

CODES = 10
WRONG_CODES = Limit(5, timedelta(minutes=5), timedelta(minutes=5))
_STEP = 30
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class CodeRefused(DomainError):
    """A code that is wrong, old or used."""


def new_secret() -> str:
    """A new secret; not stored before `enable_totp` has checked a code."""
    return pyotp.random_base32()


def provisioning_uri(member: Member, secret: str, *, issuer: str) -> str:
    """The ``otpauth://`` URI for the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=member.username, issuer_name=issuer)


def enable_totp(member: Member, secret: str, code: str) -> Sequence[str]:
    """Enable the second step; returns the recovery codes, which can't be shown again."""
    step = _matching_step(secret, code)
    if step is None:
        raise CodeRefused(_("This code is wrong; write the one that your device shows now."), field="code")
    member.totp_secret = crypto.encrypt(secret)
    member.totp_last_step = step
    return renew_codes(member)


def renew_codes(member: Member) -> Sequence[str]:
    """Replace the recovery codes; returns the new ones."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member.id))
    codes = ["".join(secrets.choice(_ALPHABET) for _sign in range(10)) for _code in range(CODES)]
    db.session.add_all(RecoveryCode(member_id=member.id, code_hash=crypto.digest(code)) for code in codes)
    db.session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def disable_totp(member: Member) -> None:
    member.totp_secret = member.totp_last_step = None
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member.id))


def count_code_try(member: Member) -> None:
    """Count a try before the code is checked; raises `LoginLocked`. The caller commits in both cases."""
    until = locked_until(f"code:{member.id}", WRONG_CODES)
    if until is not None:
        raise locked(until)


def prove_code(member: Member, code: str) -> None:
    """Accept a TOTP or recovery code, each once; raises `CodeRefused`."""
    plain = latin_digits(code).strip().replace(" ", "").replace("-", "").lower()
    if not (_use_step(member, plain) or _use_recovery_code(member, plain)):
        raise CodeRefused(_("This code is wrong or was used already."), field="code")
    reset(f"code:{member.id}")


def _use_step(member: Member, code: str) -> bool:
    step = _matching_step(crypto.decrypt(member.totp_secret), code) if member.totp_secret else None
    if step is None:
        return False
    taken = update(Member).where(
        Member.id == member.id, or_(Member.totp_last_step.is_(None), Member.totp_last_step < step)
    )
    statement = taken.values(totp_last_step=step).returning(Member.id)
    return bool(db.session.scalars(statement.execution_options(synchronize_session=False)).all())


def _use_recovery_code(member: Member, code: str) -> bool:
    statement = (
        update(RecoveryCode)
        .where(
            RecoveryCode.member_id == member.id,
            RecoveryCode.code_hash == crypto.digest(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now())
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    return bool(db.session.scalars(statement).all())


def _matching_step(secret: str, code: str) -> int | None:
    """The time step of *code*: the current one or one of its two neighbours."""
    plain = latin_digits(code).strip().replace(" ", "")
    totp, this = pyotp.TOTP(secret), int(now().timestamp()) // _STEP
    return next(
        (
            step
            for step in (this, this - 1, this + 1)
            if pyotp.utils.strings_equal(totp.generate_otp(step), plain)
        ),
        None,
    )
