"""E04: each type of column × each kind of emptiness, on each way in; run by `tests/panel/test_empty_values.py`."""

from __future__ import annotations

import json
import re
from datetime import time
from typing import Any

import pytest
from sqlalchemy import func, select

from app.lib.jalali import today
from app.services.account.token import make_token
from models.account import TokenScope
from models.audit.event import AuditEvent
from models.tenancy.scope import Actor, bind
from tests.factories import ProductFactory
from tests.support.every_type import NAMES, RELATIONS, VALID, EveryType, Speed
from tests.support.pages import untouched

EMPTY = ("", "   \u200c\u00a0\u200f\u202a\u2066\u2069\ufeff\u3164\u064b\u0640")
MISSING = "(missing)"
DEFAULTS: dict[str, Any] = {
    "text_default": "",
    "note_default": "",
    "number_default": 2,
    "time_default": time(9),
    "money_default": 0,
    "day_default": today,
    "yes_default": False,
    "list_default": [],
    "choice_default": Speed.SLOW,
}
# A choice always has one of its members chosen; it can't be emptied by hand.
REFUSED = {"choice_default"}
URL = "/every-types/"

every_name = pytest.mark.parametrize("name", NAMES)


@pytest.fixture
def valid(session, manager) -> dict[str, str]:
    key = str(ProductFactory().id)
    return VALID | dict.fromkeys(RELATIONS, key)


@pytest.fixture
def client(login, manager):
    return login(manager)


@pytest.fixture
def bearer(session, manager) -> dict[str, str]:
    _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
    session.commit()
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def stored(session, organization, manager):
    """The value of a column in the newest row, and how many rows there are."""

    def read(name: str) -> tuple[Any, int]:
        bind(session, Actor(organization.id, manager.id))
        session.expire_all()
        row = session.scalar(select(EveryType).order_by(EveryType.id.desc()).limit(1))
        return row and getattr(row, name), session.scalar(select(func.count(EveryType.id)))

    return read


@pytest.fixture
def key(session, client, valid, stored) -> int:
    """A row in which every column has a value."""
    assert client.post(f"{URL}add", data=valid).status_code == 302
    found: int = stored("id")[0]
    return found


def is_required(name: str) -> bool:
    return name.endswith("_must") or name in REFUSED


def expected(name: str) -> Any:
    value = DEFAULTS.get(name)
    return value() if callable(value) else value


def with_(data: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    rest = {key: each for key, each in data.items() if key != name}
    return rest if value is MISSING else rest | {name: value}


def assert_emptied(name: str, value: Any) -> None:
    if name == "moment_default":
        assert value is not None
    else:
        assert value == expected(name)


@every_name
def test_e04_add(client, valid, stored, name):
    for count, value in enumerate([MISSING, *EMPTY], 1):
        answer = client.post(f"{URL}add", data=with_(valid, name, value))

        if is_required(name) and not (value is MISSING and name in REFUSED):
            assert answer.status_code == 422
            assert f'id="{name}-error"' in answer.text
            assert stored(name)[1] == (1 if name in REFUSED else 0)
        elif name in REFUSED:
            assert stored(name) == (Speed.SLOW, 1)
        else:
            assert answer.status_code == 302
            assert stored(name)[1] == count
            assert_emptied(name, stored(name)[0])


@every_name
@pytest.mark.parametrize("path", ["edit/{}", "inline/{}/{}"])
def test_e04_edit_and_inline(client, valid, key, stored, name, path):
    """With the stamp of the form, which says of which version it is."""
    address = URL + path.format(key, name)
    before = stored(name)[0]
    for value in EMPTY:
        if not is_required(name):
            client.post(f"{URL}edit/{key}", data=valid)
        stamp = untouched(client.get(address).text, "<form")
        data = with_(valid, name, value) if path.startswith("edit") else {name: value}

        answer = client.post(address, data=stamp | data)

        if is_required(name):
            assert answer.status_code == 422
            assert "-error" in answer.text
            assert stored(name)[0] == before
        else:
            assert answer.status_code == 302
            assert_emptied(name, stored(name)[0])


@every_name
def test_e04_a_field_that_an_edit_leaves_out_is_no_failure(client, valid, key, stored, name):
    answer = client.post(f"{URL}edit/{key}", data=with_(valid, name, MISSING))

    assert answer.status_code in {302, 422}
    assert answer.status_code == 302 or f'id="{name}-error"' in answer.text


@every_name
def test_e04_the_conflict_page_takes_an_emptied_field(client, valid, key, name):
    stamp = untouched(client.get(f"{URL}edit/{key}").text)
    other = "number_may" if name != "number_may" else "big_may"
    client.post(f"{URL}edit/{key}", data=stamp | valid | {other: "8"})

    answer = client.post(f"{URL}edit/{key}", data=stamp | with_(valid, name, ""))

    assert answer.status_code == (422 if is_required(name) else 409)


@every_name
def test_e04_bulk_edit_leaves_what_is_empty(client, key, stored, name):
    """Emptiness means unchanged here, whatever the column is."""
    before, other = stored(name)[0], "number_must" if name != "number_must" else "big_must"
    ticked = {"action": "change", "_step": "run", "rowid": [str(key)]}
    for number, value in enumerate(EMPTY, 10):
        nothing = client.post(f"{URL}action_post", data=ticked | {name: value})
        answer = client.post(f"{URL}action_post", data=ticked | {name: value, other: str(number)})

        assert (nothing.status_code, answer.status_code) == (422, 302)
        assert stored(name)[0] == before
        assert stored(other)[0] == number


def as_json(valid: dict[str, str]) -> dict[str, Any]:
    """The same values as programs send them."""
    booleans = dict.fromkeys(("yes_may", "yes_default"), True)
    numbers = {name: int(each) for name, each in valid.items() if name.startswith(("number", "big", "money"))}
    lists = {name: ["یک", "دو"] for name in ("list_may", "list_default")}
    return valid | booleans | numbers | lists


@every_name
def test_e04_rest_post(client, app, bearer, valid, stored, name):
    count = 0
    for value in (MISSING, None, *EMPTY, [], {}):
        body = with_(as_json(valid), name, value)

        answer = app.test_client().post("/api/v1/every-types/", json=body, headers=bearer)

        if answer.status_code == 201:
            count += 1
            assert not name.endswith("_must")
            assert name not in REFUSED or value is MISSING
            assert_emptied(name, stored(name)[0])
        else:
            assert_refused(answer, name)
            assert is_required(name) or value is not MISSING
            assert is_required(name) or value is not None or name == "yes_default"
        assert stored(name)[1] == count


@every_name
def test_e04_rest_put(client, app, bearer, valid, key, stored, name):
    before = stored(name)[0]
    for value in (None, *EMPTY, [], {}):
        if not is_required(name):
            client.post(f"{URL}edit/{key}", data=valid)

        answer = app.test_client().put(
            f"/api/v1/every-types/{key}", json={name: value}, headers=bearer | {"If-Match": "*"}
        )

        if answer.status_code == 200:
            assert not is_required(name)
            assert_emptied(name, stored(name)[0])
        else:
            assert_refused(answer, name)
            assert stored(name)[0] == before
            assert is_required(name) or value is not None or name == "yes_default"


def assert_refused(answer: Any, name: str) -> None:
    assert answer.status_code == 422
    assert list(json.loads(answer.text)["errors"]) == [name]


def test_e04_the_trail_has_what_stood_there(session, client, valid, key, stored, organization):
    client.post(f"{URL}edit/{key}", data=with_(valid, "note_default", ""))

    bind(session, Actor(organization.id))
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc()).limit(1)).one()
    assert (event.before["note_default"], event.after["note_default"]) == ("سلام", "")


def options(page: str, name: str) -> list[tuple[str, bool]]:
    """The values in the list called *name*, and whether each is selected."""
    select_html = re.search(rf'<select[^>]*name="{name}"[^>]*>(.*?)</select>', page, re.DOTALL)[1]
    found = re.findall(r'<option value="([^"]*)"( selected)?>', select_html)
    return [(value, bool(selected)) for value, selected in found]


def test_e05_a_required_choice_begins_with_nothing_chosen(client, valid, stored):
    page = client.get(f"{URL}add").text
    answer = client.post(f"{URL}add", data=valid | {"choice_must": ""})

    assert options(page, "choice_must") == [("", True), ("slow", False), ("fast", False)]
    assert re.search(r'name="choice_must"[^>]* required', page)
    assert re.search(r'for="choice_must">[^<]*<span class="field-required"', page)
    assert answer.status_code == 422
    assert 'id="choice_must-error"' in answer.text
    assert options(answer.text, "choice_must")[0] == ("", True)
    assert stored("id")[1] == 0


def test_e05_others_keep_what_they_begin_with(client, valid):
    page = client.get(f"{URL}add").text

    assert options(page, "choice_may") == [("", True), ("slow", False), ("fast", False)]
    assert options(page, "choice_default") == [("slow", True), ("fast", False)]
    assert not re.search(r'name="colour_must" value="[^"]*" checked', page)


def test_e05_edit_and_inline_offer_the_members_alone_and_take_nothing_else(client, valid, key, stored):
    for path in (f"edit/{key}", f"inline/{key}/choice_must"):
        page = client.get(URL + path).text
        form = 'id="form"' if path.startswith("edit") else 'class="inline-form"'
        answer = client.post(URL + path, data=untouched(page, form) | {"choice_must": ""})

        assert options(page, "choice_must") == [("slow", False), ("fast", True)]
        assert answer.status_code == 422
        assert stored("choice_must")[0] is Speed.FAST


def test_e05_bulk_edit_begins_with_unchanged(client, key):
    page = client.post(f"{URL}action_post", data={"action": "change", "rowid": [str(key)]}).text

    assert options(page, "choice_must")[0] == ("", True)


def test_e05_rest_and_its_description_require_it(client, app, bearer, valid, stored):
    body = {name: value for name, value in as_json(valid).items() if name != "choice_must"}
    answer = app.test_client().post("/api/v1/every-types/", json=body, headers=bearer)
    schema = app.test_client().get("/api/v1/openapi.json", headers=bearer).json["components"]["schemas"]
    described = schema["NewEveryTypes"]

    assert_refused(answer, "choice_must")
    assert stored("id")[1] == 0
    assert {"choice_must", "colour_must"} <= set(described["required"])
    assert "choice_default" not in described["required"]
    assert described["properties"]["choice_must"]["enum"] == ["slow", "fast"]
