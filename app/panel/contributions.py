"""Menu entries and bulk buttons that a feature adds to the lists of all sections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_appbuilder import BaseView
from flask_babel import LazyString

from app.panel.access import permitted
from app.panel.view_models import BulkButton, MenuItem, RecordAct


@dataclass(frozen=True)
class Contribution:
    """Entries of every list on which the member has *right* (``can_sms``)."""

    right: str
    label: LazyString  # of the right
    row_items: Callable[[Any, Any], Sequence[MenuItem]]  # (section, row)
    bulk_buttons: Callable[[Any], Sequence[BulkButton]]  # (section)
    # Buttons in the head of a row's page: (section, row).
    record_acts: Callable[[Any, Any], Sequence[RecordAct]] = lambda _section, _row: ()


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
