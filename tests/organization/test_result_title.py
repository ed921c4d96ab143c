"""The order of result titles (U06): new ones go last, managers arrange them, the list shows their digit."""

import re

import pytest
from sqlalchemy import select

from app.services.result import result_titles
from models.result_title import ResultScope, ResultTitle
from models.tenancy.scope import Actor, acting_as
from tests.factories import ResultTitleFactory

NEW = {"title": "عنوان تازه", "colour": "teal", "kind": "open", "scope": "follow_up", "is_active": "y"}


@pytest.fixture
def titles(session, manager):
    """Four titles for follow-ups, beside one that is switched off and one for support."""
    for row in session.scalars(select(ResultTitle)):
        row.is_active = False
    rows = [ResultTitleFactory(title=f"نتیجه {name}", position=n * 10) for n, name in enumerate("ابپت", 1)]
    ResultTitleFactory(title="خاموش", position=5, is_active=False)
    ResultTitleFactory(title="پشتیبانی", position=1, scope=ResultScope.SUPPORT)
    session.commit()
    return rows


def names(session):
    session.expire_all()
    return [row.title for row in result_titles()]


def test_a_new_title_goes_last_in_its_group(session, login, manager, titles):
    assert login(manager).post("/result-titles/add", data=NEW).status_code == 302

    assert names(session)[-1] == "عنوان تازه"
    assert names(session)[:4] == [row.title for row in titles]


def test_a_manager_arranges_them(session, login, manager, titles):
    keys = [row.id for row in titles]

    answer = login(manager).post("/result-titles/order", data={"row": [keys[2], keys[0], keys[3], keys[1]]})

    assert answer.status_code == 302
    assert names(session) == ["نتیجه پ", "نتیجه ا", "نتیجه ت", "نتیجه ب"]


def test_a_title_that_the_form_did_not_have_comes_last(session, login, manager, titles):
    first, *others = [row.id for row in titles]

    login(manager).post("/result-titles/order", data={"row": [*reversed(others)]})

    assert names(session) == ["نتیجه ت", "نتیجه پ", "نتیجه ب", "نتیجه ا"]
    assert session.get(ResultTitle, first).position > session.get(ResultTitle, others[0]).position


def test_the_dialog_offers_what_is_in_use_by_group(login, manager, titles):
    page = login(manager).get("/result-titles/order", headers={"HX-Request": "true"}).text

    assert re.findall(r'<span class="truncate">(نتیجه .|پشتیبانی|خاموش)</span>', page) == [
        *(row.title for row in titles),
        "پشتیبانی",
    ]


def test_nobody_elses_title_is_arranged(session, stranger_organization, login, manager, titles):
    before, browser = [row.id for row in titles], login(manager)
    with acting_as(session, Actor(stranger_organization.id)) as theirs:
        foreign = theirs.scalars(select(ResultTitle.id)).first()

    answer = browser.post("/result-titles/order", data={"row": [foreign, *before]})

    assert answer.status_code == 404
    assert names(session) == ["نتیجه ا", "نتیجه ب", "نتیجه پ", "نتیجه ت"]


@pytest.mark.parametrize("rows", [[], ["x"], ["0"], ["99999999"]])
def test_what_is_no_row_is_refused(login, manager, titles, rows):
    assert login(manager).post("/result-titles/order", data={"row": rows}).status_code == 404


def test_a_consultant_may_not_arrange(session, login, consultant, titles):
    browser = login(consultant)

    assert browser.get("/result-titles/order").status_code == 403
    assert browser.post("/result-titles/order", data={"row": [titles[1].id, titles[0].id]}).status_code == 403
    assert "/result-titles/order" not in browser.get("/result-titles/").text


def test_other_sections_have_no_order(login, manager):
    assert login(manager).get("/products/order").status_code == 404


def test_the_list_shows_the_digit_of_the_panel(login, manager, titles):
    for number in range(5, 12):
        ResultTitleFactory(title=f"شماره {number}", position=number * 10)

    page = login(manager).get("/result-titles/?size=100").text

    def digit(key):
        row = page.partition(f'data-pk="{key}"')[2].partition("</tr>")[0]
        after = row.partition("class=cell-main")[2].partition("<td")[2]
        return after.partition("<td")[0].rpartition(">")[2]

    assert "۱" in digit(titles[0].id)
    assert "۴" in digit(titles[3].id)
    last = re.search(
        r'data-pk="(\d+)"(?:(?!data-pk).)*شماره ۱۱|data-pk="(\d+)"(?:(?!data-pk).)*شماره 11', page, re.DOTALL
    )
    assert digit(last[1] or last[2]) == ""


def test_those_of_a_new_organisation_ask_for_what_each_needs(session, manager):
    found = session.execute(
        select(ResultTitle.title, ResultTitle.requires_note, ResultTitle.requires_next).where(
            ResultTitle.scope == ResultScope.FOLLOW_UP
        )
    ).all()
    needs = {title: (note, later) for title, note, later in found}

    assert needs["تماس مجدد"] == needs["پاسخ نداد"] == (False, True)
    assert needs["منصرف شد"] == (True, False)
    assert needs["خرید کرد"] == needs["در حال بررسی"] == (False, False)
