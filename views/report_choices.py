"""The filters that reports share: consultant, product and source."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import g
from flask_babel import lazy_gettext as _l

from app.panel.report.words import Asked, ReportFilter
from app.services.report.names import Names, read_names
from app.services.report.question import Group, Question


def names() -> Names:
    """The names, read once for each request."""
    if "report_names" not in g:
        g.report_names = read_names()
    found: Names = g.report_names
    return found


def _options(group: Group) -> Callable[[], Sequence[tuple[int, str]] | None]:
    return lambda: names().options(group)


FILTERS = (
    ReportFilter(Group.CONSULTANT.value, _l("Consultant"), _l("All consultants"), _options(Group.CONSULTANT)),
    ReportFilter(Group.PRODUCT.value, _l("Product"), _l("All products"), _options(Group.PRODUCT)),
    ReportFilter(Group.SOURCE.value, _l("Source"), _l("All sources"), _options(Group.SOURCE)),
)


def question_of(asked: Asked, *, same_numbers: bool = False) -> Question:
    """What the range and the filters ask for."""
    return Question(
        asked.first,
        asked.last,
        consultant_id=asked.chosen.get(Group.CONSULTANT.value),
        product_id=asked.chosen.get(Group.PRODUCT.value),
        source_id=asked.chosen.get(Group.SOURCE.value),
        same_numbers=same_numbers,
    )
