"""The declaration of the final sales report."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.lib.persian import group_number
from app.panel.access import Access
from app.panel.formatting import money_words
from app.panel.report.report import Report
from app.panel.report.shares import tenths
from app.panel.report.values import percent
from app.panel.report.words import Answer, Asked, Chart, Measure, MeasureKind, ReportSwitch, RowsBy
from app.services.report.behind import FIGURE, Figure
from app.services.report.cells import name_of
from views import groups
from views.report_choices import FILTERS
from views.reports.final_sales.figures import SAME_NUMBERS, final_sales
from views.reports.final_sales.labels import GROUPS
from views.reports.final_sales.rows import rows_behind


def _cell(figure: Figure) -> str:
    return name_of(**{FIGURE: figure.value})


class FinalSales(Report):
    """Own figures for a consultant, those of the organisation for a manager."""

    slug = "reports/final-sales"
    title = _l("Final sales report")
    group, icon, menu_order = groups.REPORTS, "chart-bar", 300

    of, rows_of = final_sales, rows_behind
    by = tuple(RowsBy(group.value, label) for group, label in GROUPS.items())
    measures = (
        Measure("numbers", _l("Numbers"), cell=_cell(Figure.NUMBERS)),
        Measure(
            "held",
            _l("Repeated, held"),
            hint=_l("Repeated orders that were held on arrival; they are not among the numbers."),
            is_wide=True,
            cell=_cell(Figure.HELD),
        ),
        Measure("sales", _l("Sales"), cell=_cell(Figure.SALES)),
        Measure("refunded", _l("Of them refunded"), is_wide=True, cell=_cell(Figure.REFUNDED)),
        Measure("amount", _l("Amount"), MeasureKind.MONEY, is_wide=True, cell=_cell(Figure.SALES)),
        Measure("mean", _l("Mean of a sale"), MeasureKind.MEAN, of="amount", per="sales", is_wide=True),
        Measure("conversion", _l("Conversion"), MeasureKind.SHARE, of="sales", per="numbers"),
    )
    filters = FILTERS
    switches = (
        ReportSwitch(
            SAME_NUMBERS,
            _l("Of these numbers"),
            _l("The sales of these numbers, whenever they were made"),
        ),
    )
    total = _l("Sum of the rows")
    chart = Chart(back="numbers", front="sales", share="conversion")

    roles = {
        "Consultant": Access.actions("list"),
        "Manager": Access.actions("list", "export"),
    }

    def too_long(self, last: str) -> str:
        return str(_("The range is at most four months; the last possible day is %(last)s.", last=last))

    def sentence(self, asked: Asked, answer: Answer) -> str:
        values = answer.whole.values
        if not values["numbers"]:
            return str(_("No number was assigned in this range."))
        words = {
            "numbers": group_number(values["numbers"]),
            "sales": group_number(values["sales"]),
            "share": percent(tenths(values["sales"], values["numbers"]) / 10),
        }
        if SAME_NUMBERS in asked.on:
            return str(_("Of %(numbers)s numbers, %(sales)s sales of these numbers: %(share)s", **words))
        return str(_("Of %(numbers)s numbers, %(sales)s sales: %(share)s", **words))

    def facts(self, asked: Asked, answer: Answer) -> list[str]:
        values = answer.whole.values
        found = [money_words(values["amount"])] if values["amount"] else []
        if values["refunded"]:
            found.append(str(_("%(num)s of the sales refunded", num=group_number(values["refunded"]))))
        if values["held"]:
            found.append(str(_("%(num)s repeated orders were held", num=group_number(values["held"]))))
        return found
