"""E-mail addresses, by the rule of the forms."""

from __future__ import annotations

from functools import lru_cache

from email_validator import EmailNotValidError, validate_email


@lru_cache(maxsize=8_192)
def is_email(text: str) -> bool:
    """Whether the validator of the forms (`wtforms.validators.Email`) accepts *text*."""
    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=True, allow_empty_local=False)
    except EmailNotValidError:
        return False
    return True
