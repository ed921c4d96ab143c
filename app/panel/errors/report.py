"""The address at which a member reports an error page, which a feature of the product declares."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from flask import g

# The pages that may be a fault of the panel.
REPORTED = frozenset({403, 404, 500})
# From nothing to the address of the form of the member; None for a member who has none. It reads rights alone.
FormAddress = Callable[[], str | None]

_forms: list[FormAddress] = []


def report_errors_at(address: FormAddress) -> None:
    """Declare the form; call it when the module of the feature is imported."""
    _forms.append(address)


def report_url(code: int, *, reads: bool = False) -> str | None:
    """The address of the form with the tracking code of this request; None where there is nothing to report.

    Without *reads* the database may have failed, so that only rights count which were read before.
    """
    if code not in REPORTED or not g.get("is_admitted") or not (reads or "permission_pairs" in g):
        return None
    found = next((url for url in (form() for form in _forms) if url), None)
    return f"{found}?{urlencode({'code': g.get('request_id', '')})}" if found else None
