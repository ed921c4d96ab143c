"""The row that a file means: its key may be spelled in other digits, letters or cases."""

import pytest
from sqlalchemy import select

from app.tasks.section_imports import run_section_import
from models.job import ImportRejection
from models.product import Product
from tests.factories import ProductFactory
from tests.panel.imports.steps import start, stored, work


@pytest.fixture(autouse=True)
def _unsent(monkeypatch):
    monkeypatch.setattr(run_section_import, "delay", lambda *_ids: None)


@pytest.fixture
def imported(session, login, manager, organization):
    """Import rows of titles and codes; the titles by code afterwards, and the sentences of refused rows."""

    def run(rows):
        _url, key = start(login(manager), f"عنوان,کد\n{rows}\n")
        work(session, organization, key)
        titles = {
            row.code: row.title for row in stored(session, organization, Product) if row.title != "قدیم"
        }
        return titles, session.scalars(select(ImportRejection.value)).all()

    return run


@pytest.mark.parametrize("text", ["K-101", "k-101", "K-۱۰۱", "ک-101 ", "Ｋ 101"])
def test_another_spelling_changes_the_row(session, manager, imported, text):
    ProductFactory(code="K-101", title="قدیم")
    ProductFactory(code="ك-101", title="قدیم")
    ProductFactory(code="K101", title="قدیم")
    session.commit()
    codes = {"ک-101 ": "ک-101", "Ｋ 101": "K101"}

    titles, refused = imported(f"تازه,{text}")

    assert (titles, refused) == ({codes.get(text, "K-101"): "تازه", "P101": titles["P101"]}, [])


def test_the_exact_one_is_changed_among_several(session, manager, imported):
    ProductFactory(code="A-1", title="قدیم")
    ProductFactory(code="a-1", title="قدیم")
    session.commit()

    titles, refused = imported("تازه,a-1\nمبهم,A-۱")

    assert titles == {"a-1": "تازه", "P101": titles["P101"]}
    assert len(refused) == 1
    assert "املا" in refused[0]


def test_a_file_that_spells_one_row_twice_counts_it_once(imported):
    titles, refused = imported("یکم,B-7\nدوم,b-۷")

    assert titles == {"B-7": "یکم", "P101": titles["P101"]}
    assert "ردیف بالاتری" in refused[0]
