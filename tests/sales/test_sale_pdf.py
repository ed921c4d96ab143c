"""Invoices and pro-formas as PDF files, where WeasyPrint and its libraries are installed."""

import sys
import threading
from functools import partial
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.gateways import pdf
from app.panel.layout.assets import STATIC
from models.customer import Customer
from models.sale import Sale
from tests.attachment.file_steps import picture
from tests.factories import ProductFactory, SaleFactory, member

LONG = "دوره جامع مکالمه زبان انگلیسی با پشتیبانی ویژه سازمانی"

# The package is optional. `make test` installs it; the libraries of Pango come with `.ci/packages`, or with the system.
needs_weasyprint = pytest.mark.skipif(
    not pdf.can_make_pdf(), reason="WeasyPrint or its libraries are not installed"
)


def numbered(client, sale, kind="invoice"):
    client.post(f"/sales/{sale.id}/{kind}/issue")
    return f"/sales/{sale.id}/{kind}"


def _add(happened, name, _happening):
    happened.append(name)


@pytest.fixture
def without(monkeypatch):
    """WeasyPrint can't be imported, with the error of the parameter."""

    def missing(error):
        def refuse(name):
            raise error

        monkeypatch.setattr(pdf.importlib, "import_module", refuse)

    pdf._weasyprint.cache_clear()
    yield missing
    pdf._weasyprint.cache_clear()


@pytest.fixture
def rendered(monkeypatch):
    """The HTML that would be rendered, with another renderer in place of WeasyPrint."""
    seen = []

    def note(html, **_places):
        seen.append(html)
        return b"%PDF-1.7"

    monkeypatch.setattr("views.sales.sale.papers.can_make_pdf", lambda: True)
    monkeypatch.setattr("views.sales.sale.papers.make_pdf", note)
    return seen


class TestWithoutThePackage:
    @pytest.mark.parametrize("error", [ImportError("weasyprint"), OSError("cannot load library 'libpango'")])
    def test_there_is_no_button_and_no_file(self, login, manager, sale, without, error):
        without(error)
        client = login(manager)
        paper = numbered(client, sale)

        page = client.get(paper)
        assert page.status_code == 200
        assert "/pdf" not in page.text
        assert client.get(f"{paper}/pdf").status_code == 404

    def test_a_package_that_is_not_there_is_no_error(self, monkeypatch, without):
        monkeypatch.setitem(sys.modules, "weasyprint", None)

        assert not pdf.can_make_pdf()


class TestTheButton:
    def test_leads_to_a_file_with_the_right_and_scope_of_the_page(
        self, login, organization, manager, consultant, colleague, sale, rendered
    ):
        paper = numbered(login(manager), sale)
        assert f'href="{paper}/pdf"' in login(manager).get(paper).text

        answer = login(consultant).get(f"{paper}/pdf")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        assert "attachment" in answer.headers["Content-Disposition"]
        assert login(colleague).get(f"{paper}/pdf").status_code == 404
        assert login(member("Operator", None)).get(f"{paper}/pdf").status_code == 403
        assert login(manager).get("/sales/999999/invoice/pdf").status_code == 404
        assert len(rendered) == 1

    def test_is_not_there_before_the_paper_has_a_number(self, login, manager, consultant, sale, rendered):
        for person, kind in ((manager, "invoice"), (consultant, "proforma")):
            client = login(person)
            page = client.get(f"/sales/{sale.id}/{kind}")
            assert "پیش‌نمایش" in page.text
            assert "/pdf" not in page.text
            assert client.get(f"/sales/{sale.id}/{kind}/pdf").status_code == 404
        assert rendered == []

    def test_the_transaction_ends_before_it_is_rendered(self, request, login, manager, sale, monkeypatch):
        happened = []

        def note(_html, **_places):
            happened.append("rendering")
            return b"%PDF-1.7"

        client = login(manager)
        paper = numbered(client, sale)
        monkeypatch.setattr("views.sales.sale.papers.can_make_pdf", lambda: True)
        monkeypatch.setattr("views.sales.sale.papers.make_pdf", note)
        for name in ("before_commit", "do_orm_execute"):
            hook = partial(_add, happened, name)
            event.listen(Session, name, hook)
            request.addfinalizer(partial(event.remove, Session, name, hook))
        assert client.get(f"{paper}/pdf").status_code == 200

        assert happened[happened.index("rendering") - 1] == "before_commit"

    def test_says_so_when_others_take_too_long(self, login, manager, sale, monkeypatch):
        client = login(manager)
        paper = numbered(client, sale)
        monkeypatch.setattr("views.sales.sale.papers.can_make_pdf", lambda: True)
        monkeypatch.setattr(pdf, "LONGEST_WAIT", 0.01)
        with pdf._turn:
            answer = client.get(f"{paper}/pdf", follow_redirects=True)

        assert answer.mimetype == "text/html"
        assert "کمی بعد" in answer.text


class TestFiles:
    def test_only_those_of_the_panel_are_read(self):
        found = pdf.static_file(f"{pdf._BASE}/static/dist/manifest.json", STATIC, "/static/")
        assert found == STATIC / "dist" / "manifest.json"

    @pytest.mark.parametrize(
        "url",
        [
            "https://example.com/static/dist/manifest.json",
            "file:///etc/passwd",
            "http://static.invalid.example.com/static/dist/manifest.json",
            "http://static.invalid/etc/passwd",
            "http://static.invalid/static/../templates/skeleton.html",
            "http://static.invalid/static/%2e%2e/factory.py",
            "http://static.invalid/static//etc/passwd",
            "http://static.invalid/static/dist",
        ],
    )
    def test_all_others_are_refused(self, url):
        with pytest.raises(ValueError, match="no file of the panel"):
            pdf.static_file(url, STATIC, "/static/")


@needs_weasyprint
class TestFile:
    def text_of(self, client, paper):
        pypdfium2 = pytest.importorskip("pypdfium2")
        answer = client.get(f"{paper}/pdf")
        assert answer.status_code == 200
        document = pypdfium2.PdfDocument(answer.data)
        texts = [each for page in document for each in page.get_objects() if hasattr(each, "get_font")]
        fonts = {(each.get_font().get_base_name(), each.get_font().is_embedded) for each in texts}
        return fonts, [page.get_textpage().get_text_range() for page in document]

    def test_has_the_text_in_persian_with_its_font(self, session, login, manager, sale):
        session.get(Customer, sale.customer_id).national_id = "0499370899"
        session.commit()
        client = login(manager)
        fonts, [page] = self.text_of(client, numbered(client, sale))

        assert "فاکتور" in page
        assert "۰۴۹۹۳۷۰۸۹۹" in page
        assert "صد هزار تومان" in page
        assert "۱ از ۱" in page
        assert "۱۰۰٬۰۰۰" in page
        assert all("Vazirmatn" in name and is_embedded for name, is_embedded in fonts)

    def test_of_many_lines_repeats_the_head_and_has_the_sums_once(self, session, login, manager, sale):
        row = SaleFactory(items=[(ProductFactory(title=f"{LONG} {n}"), 1) for n in range(99)])
        row.discount, row.amount = 90_000, 98_910_000
        session.commit()
        client = login(manager)
        _fonts, pages = self.text_of(client, numbered(client, session.get(Sale, row.id)))

        assert len(pages) > 3
        assert all("ردیف" in page and "مبلغ" in page for page in pages)
        assert [page.count("قابل پرداخت") for page in pages] == [0] * (len(pages) - 1) + [1]
        assert "تخفیف" in pages[-1]
        assert "به حروف" in pages[-1]
        assert "۹۹" in pages[-1]

    def test_a_foreign_address_is_not_fetched(self, monkeypatch):
        opened = []
        monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *args, **more: opened.append(args))
        html = '<img src="http://127.0.0.1:9/a.png"><link rel="stylesheet" href="file:///etc/passwd"><p>سلام'

        assert pdf.make_pdf(html, files=STATIC, prefix="/static/").startswith(b"%PDF")
        assert opened == []

    def test_two_at_once_wait_for_each_other(self):
        results = []

        def run():
            results.append(pdf.make_pdf("<p>سلام", files=STATIC, prefix="/static/")[:4])

        threads = [threading.Thread(target=run) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

        assert results == [b"%PDF"] * 3


@needs_weasyprint
def test_half_a_picture_is_still_no_picture():
    assert pdf.can_make_pdf()

    with pytest.raises(OSError, match="truncated"):
        Image.open(BytesIO(picture("PNG")[:60])).load()
