"""The way SMS leave: the provider of an account."""

from __future__ import annotations

from enum import Enum

from app.gateways.sms_base import Account, Provider


def provider_for(kind: Enum, account: Account) -> Provider:
    """The provider of *kind* (its value is «kavenegar» or «sms_ir») for *account*."""
    raise NotImplementedError(kind.value, account)
