"""Registry of SMS providers."""

from __future__ import annotations

from flask import current_app

from app.gateways.http_client import check_url
from app.gateways.sms.base import Provider, ProviderAccount
from app.gateways.sms.kavenegar import Kavenegar
from app.gateways.sms.limits import TextLimits
from app.gateways.sms.sms_ir import SmsIr
from models.sms.provider import ProviderKind

_PROVIDERS: dict[ProviderKind, type[Kavenegar | SmsIr]] = {
    ProviderKind.KAVENEGAR: Kavenegar,
    ProviderKind.SMSIR: SmsIr,
}


def provider_for(kind: ProviderKind, account: ProviderAccount) -> Provider:
    """The provider of *kind* for *account*; in production it refuses private addresses and plain HTTP."""
    return _PROVIDERS[kind](account, public_only=_is_public_only())


def check_address(url: str) -> None:
    """Raise `NotSent` for an address at which no provider may be called."""
    check_url(url, public_only=_is_public_only())


def _is_public_only() -> bool:
    is_production: bool = current_app.config["APP_ENV"] == "production"
    return is_production


def limits_of(kind: ProviderKind) -> TextLimits:
    """What texts the provider of *kind* takes."""
    return _PROVIDERS[kind].limits
