"""Menu entries and bulk buttons that a feature adds to the lists of all sections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_appbuilder import BaseView

from app.panel.access import permitted
from app.panel.view_models import BulkButton, MenuItem


@dataclass(frozen=True)
class Contribution:
    """Entries of every list on which the member has *right* (``can_sms``)."""

    right: str
    row_items: Callable[[Any, Any], Sequence[MenuItem]]  # (section, row)
    bulk_buttons: Callable[[Any], Sequence[BulkButton]]  # (section)


_CONTRIBUTIONS: list[Contribution] = []


def contribute(contribution: Contribution) -> None:
    """Add the contribution to all lists; call it when the module of the feature is imported."""
    _CONTRIBUTIONS.append(contribution)


def contributed_by_right() -> dict[str, Contribution]:
    """Every contribution by the right that it needs."""
    return {each.right: each for each in _CONTRIBUTIONS}


def contributions_to(section: BaseView) -> list[Contribution]:
    """The contributions that the member may use in *section*."""
    return [each for each in _CONTRIBUTIONS if permitted(section, each.right)]
