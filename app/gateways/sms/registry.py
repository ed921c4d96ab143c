"""The way SMS leave: the provider of an account."""

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
    """The provider of *kind* for *account*; production sends to public addresses alone, and encrypted."""
    return _PROVIDERS[kind](account, public_only=current_app.config["APP_ENV"] == "production")
