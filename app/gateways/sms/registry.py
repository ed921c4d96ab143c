"""Registry of SMS providers."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app

from app.gateways.sms.base import Provider, ProviderAccount
from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.sms_ir import SmsIr
from models.sms.provider import ProviderKind

_PROVIDERS: dict[ProviderKind, Callable[..., Provider]] = {
    ProviderKind.KAVENEGAR: Kavenegar,
    ProviderKind.SMSIR: SmsIr,
}


def provider_for(kind: ProviderKind, account: ProviderAccount) -> Provider:
    """The provider of *kind* for *account*; in production it refuses private addresses and plain HTTP."""
    return _PROVIDERS[kind](account, public_only=current_app.config["APP_ENV"] == "production")
