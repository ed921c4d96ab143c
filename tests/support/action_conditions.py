"""One condition decides the menu, the button, the bulk and REST; run by `tests/panel/test_action_conditions.py`."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from app.panel.action import action
from app.services.account.token import make_token
from models.account import TokenScope
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory
from tests.support.pages import acts_of, row_menus
from tests.support.parcels import Parcel, Parcels, _is_here

HTMX = {"HX-Request": "true"}


@pytest.fixture
def parcels(session, manager):
    """(a light one, a heavy one, one that has left)."""
    product = ProductFactory(title="کتاب")
    rows = [
        Parcel(name="light", weight=1, product=product),
        Parcel(name="heavy", weight=20),
        Parcel(name="gone", sent=1),
    ]
    session.add_all(rows)
    session.flush()
    keys = [row.id for row in rows]
    session.commit()
    return keys


@pytest.fixture
def sent(session, organization):
    def read():
        bind(session, Actor(organization.id))
        session.expire_all()
        return {row.name: row.sent for row in session.query(Parcel)}

    return read


def run(browser, name, *keys, **fields):
    data = {"action": name, "_step": "run", "rowid": [str(key) for key in keys]} | fields
    return browser.post("/parcels/action_post", data=data, headers=HTMX)


def toast(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def row_of(text, key):
    return text.split(f'id="row-{key}"')[1].split("</tr>")[0]


def test_the_list_offers_what_the_rows_allow(login, manager, consultant, parcels):
    text = login(manager).get("/parcels/").text
    light, heavy, gone = (row_of(text, key) for key in parcels)

    assert 'data-act="send"' in acts_of(text, parcels[0])
    assert acts_of(text, parcels[2]) == ""
    assert "<p>کتاب<" in light
    # Rows that allow different actions have different menus.
    numbers = {each.split("data-row-menu=")[1].split(">")[0] for each in (light, heavy, gone)}
    assert len(numbers) == 3
    menus = row_menus(text)
    assert ["action/send/" in each for each in menus].count(True) == 2
    assert ["action/carry/" in each for each in menus].count(True) == 1
    assert "data-act" not in login(consultant).get("/parcels/").text


def test_bulk_runs_where_it_can_and_names_the_rest(login, manager, parcels, sent):
    answer = run(login(manager), "send", *parcels)

    assert toast(answer)["text"] == "2 sent. «gone»: it has left"
    assert sent() == {"light": 1, "heavy": 1, "gone": 1}


def test_the_question_counts_and_names(login, manager, parcels):
    data = {"action": "send", "rowid": [str(key) for key in parcels]}
    text = login(manager).post("/parcels/action_post", data=data, headers=HTMX).text

    assert "Send ۲ parcel" in text
    assert "it has left" in text


def test_so_does_the_question_that_is_asked_again(login, manager, parcels):
    answer = run(login(manager), "carry", *parcels, floor="9")

    assert answer.status_code == 422
    assert "no lift goes there" in answer.text
    assert "Carry ۱ parcel" in answer.text
    assert "it is too heavy" in answer.text


def test_all_that_match_are_split_too(login, manager, parcels, sent):
    answer = run(login(manager), "send", _all="1", _query="")

    assert "it has left" in toast(answer)["text"]
    assert sent() == {"light": 1, "heavy": 1, "gone": 1}


def test_none_is_a_refusal_with_each_reason(login, manager, parcels, sent):
    answer = run(login(manager), "carry", *parcels[1:], floor="1")

    assert answer.status_code == 409
    assert "it is too heavy" in answer.text
    assert "it has left" in answer.text


def test_the_condition_is_asked_again_on_the_locked_row(session, login, manager, parcels, sent, monkeypatch):
    """Another member sends the parcel between the reading of the row and its lock."""

    def meanwhile(_self, _chosen, rows, _form):
        session.execute(update(Parcel).where(Parcel.id == parcels[0]).values(sent=7))

    monkeypatch.setattr(Parcels, "lock_before", meanwhile)

    answer = run(login(manager), "send", parcels[0])

    assert toast(answer)["text"] == "it has left"
    assert json.loads(answer.headers["HX-Trigger"])["list:reload"] is True


@pytest.mark.parametrize(("role", "code"), [("manager", 200), ("consultant", 403)])
def test_rest_runs_it_once(request, app, session, manager, parcels, role, code, sent):
    _row, secret = make_token(request.getfixturevalue(role), name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    browser, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}

    first = browser.post(f"/api/v1/parcels/{parcels[0]}/send", headers=headers)
    second = browser.post(f"/api/v1/parcels/{parcels[0]}/send", headers=headers)

    assert first.status_code == code
    assert second.status_code == (409 if code == 200 else 403)
    assert sent()["light"] == (1 if code == 200 else 0)
    if code == 200:
        assert second.json["title"] == "it has left"


def test_rest_reads_the_form_and_says_which_field_is_wrong(app, session, manager, parcels):
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    browser, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
    url = f"/api/v1/parcels/{parcels[0]}/carry"

    answers = [
        browser.post(url, headers=headers, json=body) for body in ({"floor": 2}, {"floor": 9}, {"x": 1})
    ]

    assert [answer.status_code for answer in answers] == [200, 422, 422]
    assert answers[1].json["errors"] == {"floor": ["no lift goes there"]}
    document = browser.get("/api/v1/openapi.json", headers=headers).json["paths"]
    assert "requestBody" in document["/parcels/{pk}/carry"]["post"]
    assert "requestBody" not in document["/parcels/{pk}/send"]["post"]


def test_dangerous_actions_are_not_for_rest():
    texts = {"icon": "send", "confirm": ("", ""), "submit": ("", "")}
    with pytest.raises(ValueError, match="REST"):
        action("Send", **texts, danger=True, rest=True, when=_is_here)
