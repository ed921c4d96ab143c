"""The word `Report` on the example of `docs/extend.md`, which is no report of the product."""

import re
from dataclasses import replace

import pytest
from flask import g
from werkzeug.datastructures import MultiDict

from app.commands.standard_routes import rows_of_report
from app.extensions import appbuilder
from app.lib.clock import now
from app.lib.money import Currency
from app.lib.persian import latin_digits
from app.panel.check.reports import problems_of_report
from app.panel.notifications.saved_reports import notices_of
from app.panel.page import Page
from app.panel.report.chart import draw, step_above
from app.panel.report.mail import mail_of
from app.panel.report.reading import read
from app.panel.report.saved import SavedReports
from app.panel.report.values import text_of, value_of
from app.panel.report.words import Chart, Measure, MeasureKind, ReportRow
from models.job import FILE_FORMATS
from models.schedule.saved_report import SavedReport
from models.tenancy.scope import Actor, bind
from tests.factories import OrderFactory, ProductFactory
from tests.support.live import ROOT

MOST_LINES = 25


@pytest.fixture
def example(monkeypatch):
    """The class of the documented report, which is not mounted."""
    monkeypatch.setattr(Page, "registry", [])
    page = (ROOT / "docs/extend.md").read_text("utf-8")
    code = re.search(r"### Reports.*?```python\n(.*?)```", page, re.DOTALL)[1]
    body = code[code.index("def ordered") :]
    assert len([line for line in body.splitlines() if line.strip()]) <= MOST_LINES
    names: dict = {"__name__": "documented"}
    exec(code, names)
    return names["OrderedProducts"]


@pytest.fixture
def opened(app, session, organization, manager, example, monkeypatch):
    """Opens the report at a query string; returns its text."""
    monkeypatch.setattr("app.panel.report.report.permitted", lambda *_: True)

    def at(query):
        report = example()
        report.appbuilder = appbuilder
        with app.test_request_context(f"/reports/ordered-products/?{query}"):
            g._login_user = manager
            bind(session, Actor(organization.id, manager.id))
            return example.index.__wrapped__(report)

    return at


def test_shows_its_rows_sum_and_links(opened, colleagues_rows):
    product, other = ProductFactory(title="دوره"), ProductFactory(title="کتاب")
    OrderFactory(product=product, quantity=3, ordered_at=now())
    OrderFactory(product=product, quantity=1, ordered_at=now())
    OrderFactory(product=other, quantity=4, ordered_at=now())
    text = opened("range=this_month")
    table = text[text.index("<tbody") :]
    cells = re.findall(rf'data-pk="{product.id}">.*?</tr>', table, re.DOTALL)[0]
    assert re.findall(r"[۰-۹٫]+٪?", cells) == ["۲", "۴", "۵۰٫۰٪"]
    assert "/reports/ordered-products/export?range=this_month" in text
    assert "<figure" not in text


def test_refuses_a_range_that_is_too_long_with_a_repair(opened):
    text, status = opened("from=1404/01/01&to=1404/12/01")
    assert status == 422
    assert "بازه بیش از اندازه بلند است؛ آخرین روز ممکن 31 تیر 1404 است." in latin_digits(text)


class TestSavedReports:
    """What each report gets without a word in its declaration."""

    @pytest.fixture
    def mounted(self, app, session, organization, manager, example, monkeypatch, colleagues_rows):
        monkeypatch.setattr("app.panel.report.mail.permitted", lambda *_: True)
        OrderFactory(product=ProductFactory(title="دوره"), quantity=3, ordered_at=now())
        report = example()
        report.appbuilder = appbuilder
        with app.test_request_context("/reports/ordered-products/"):
            g._login_user = manager
            bind(session, Actor(organization.id, manager.id))
            yield report

    def test_it_is_saved_and_opened(self, mounted, manager):
        saved, problem = SavedReports(mounted).save("سفارش‌ها", "range=last_week", moves=True, is_shared=True)
        assert problem == ""
        assert (saved.section, saved.query) == ("reports/ordered-products", "range=last_week")
        assert [each.name for each in SavedReports(mounted).all()] == ["سفارش‌ها"]

    def test_it_is_sent_with_its_table_and_its_file(self, mounted):
        mail = mail_of(
            mounted, SavedReport(name="سفارش‌ها", query="", span="this_month"), now(), to="a@b.ir", key="1"
        )
        assert '<th scope="row">دوره</th>' in mail.html
        assert "دوره — " in mail.text
        assert [each.name.rpartition(".")[2] for each in mail.files] == ["xlsx"]

    def test_nothing_of_another_organisation_is_sent(self, session, mounted, stranger_organization, manager):
        bind(session, Actor(stranger_organization.id, manager.id))
        mail = mail_of(
            mounted, SavedReport(name="سفارش‌ها", query="", span="this_month"), now(), to="a@b.ir", key="1"
        )
        assert "دوره" not in mail.html + mail.text
        assert SavedReports(mounted).all() == []
        assert list(mail.files) == []

    @pytest.mark.parametrize("kind", FILE_FORMATS)
    def test_it_is_written_into_files(self, mounted, tmp_path, kind):
        asked = read(mounted, MultiDict({"range": "this_month"})).asked
        rows = mounted.rows_of_file(mounted.of(asked))
        mounted.write_file(tmp_path / "table", kind, asked, rows, Currency.TOMAN)
        assert len(rows) >= 2
        assert (tmp_path / "table").stat().st_size

    def test_it_has_the_routes_and_the_notifications(self, mounted, example):
        assert [row.route for row in rows_of_report(example)][:2] == [
            "/reports/ordered-products/saved",
            "/reports/ordered-products/saved/<pk>/open",
        ]
        kinds = [each.on for each in notices_of(example.slug)]
        assert kinds == ["left_out_at", "failed_at", "stopped_at"]


def test_is_checked_at_the_start(example):
    report = example()
    assert list(problems_of_report(report)) == []
    example.measures = [*example.measures, replace(example.measures[2], of="ordres")]
    example.chart = Chart(back="orders", front="share", share="pieces")
    found = [(each.word, each.name, each.nearest) for each in problems_of_report(report)]
    assert found == [
        ("chart", "pieces", "share"),
        ("measures.share", "ordres", "orders"),
        ("chart", "share", "orders"),
    ]
    del example.by
    assert [each.word for each in problems_of_report(report)] == ["by"]


class TestValues:
    SHARE = Measure("share", "", MeasureKind.SHARE, of="part", per="whole")
    MEAN = Measure("mean", "", MeasureKind.MEAN, of="part", per="whole")

    @pytest.mark.parametrize(
        ("part", "whole", "text"),
        [(1, 3, "۳۳٫۳٪"), (2, 3, "۶۶٫۷٪"), (0, 5, "۰٫۰٪"), (5, 0, "—"), (7, 5, "۱۴۰٫۰٪"), (1, 2000, "۰٫۱٪")],
    )
    def test_a_share(self, part, whole, text):
        assert text_of(self.SHARE, ReportRow(1, "", {"part": part, "whole": whole}), Currency.TOMAN) == text

    def test_a_mean_is_a_whole_amount_of_the_unit(self):
        row = ReportRow(1, "", {"part": 31_700_000, "whole": 3})
        assert value_of(self.MEAN, row) == 10_566_667
        assert text_of(self.MEAN, row, Currency.TOMAN) == "۱٬۰۵۶٬۶۶۷"
        assert text_of(self.MEAN, row, Currency.RIAL) == "۱۰٬۵۶۶٬۶۶۷"

    def test_a_further_total_shows_some_measures(self):
        row = ReportRow(0, "", {"part": 1, "whole": 2}, shown=frozenset({"share"}))
        assert [text_of(each, row, Currency.RIAL) for each in (self.SHARE, self.MEAN)] == ["۵۰٫۰٪", ""]


class TestChart:
    def rows(self, *values):
        return [ReportRow(place, "", {"a": a, "b": b}) for place, (a, b) in enumerate(values)]

    def test_heights_share_one_scale(self):
        picture = draw(Chart("a", "b", "c"), self.rows((80, 20), (0, 100), (0, 0)))
        assert [(each.back, each.front, each.share) for each in picture.bars] == [
            (40.0, 10.0, "۲۵٪"),
            (0.0, 50.0, ""),
            (0.0, 0.0, ""),
        ]
        assert picture.axis == ["۲۰۰", "۱۵۰", "۱۰۰", "۵۰", "۰"]

    def test_of_many_bars_some_have_labels(self):
        picture = draw(Chart("a", "b", "c"), self.rows(*[(1, 1)] * 31))
        assert [each.has_label for each in picture.bars] == [place % 2 == 0 for place in range(31)]

    def test_nothing_is_not_drawn(self):
        assert draw(Chart("a", "b", "c"), self.rows((0, 0))) is None
        assert draw(Chart("a", "b", "c"), []) is None

    @pytest.mark.parametrize(
        ("value", "step"), [(0.25, 1), (1, 1), (1.1, 2), (3, 5), (51, 100), (1000, 1000)]
    )
    def test_steps_are_round(self, value, step):
        assert step_above(value) == step
