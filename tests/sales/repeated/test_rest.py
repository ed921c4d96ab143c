"""Decisions on repeated orders by REST."""

from __future__ import annotations

import pytest

from app.services.account.token import make_token
from models.account import TokenScope
from tests.sales.repeated.steps import ATTACHED, HELD


class TestRest:
    @pytest.fixture
    def token(self, session):
        def make(person):
            _row, secret = make_token(person, name="آزمون", scope=TokenScope.WRITE, days=1)
            session.commit()
            return {"Authorization": f"Bearer {secret}"}

        return make

    def test_decides_once(self, app, manager, pair, token, state):
        browser, headers = app.test_client(), token(manager)
        url = f"/api/v1/repeated-orders/{pair[1]}/attach"

        first, second = browser.post(url, headers=headers), browser.post(url, headers=headers)

        assert first.status_code == 200
        assert first.json["id"] == pair[1]
        assert second.status_code == 409
        assert second.json["title"] == "این سفارش منتظر تصمیم نیست."
        assert state(pair[1]) == ATTACHED

    def test_refuses_with_the_reason_and_other_versions(self, app, manager, alone, token, state):
        browser, headers = app.test_client(), token(manager)
        url = f"/api/v1/repeated-orders/{alone[1]}"

        refused = browser.post(f"{url}/attach", headers=headers)
        stale = browser.post(f"{url}/not_repeat", headers=headers | {"If-Match": '"1-99"'})
        odd = browser.post(f"{url}/not_repeat", headers=headers, json={"note": "x"})

        assert (refused.status_code, refused.json["title"]) == (409, "سفارش اصلی پیگیری باز ندارد.")
        assert (stale.status_code, odd.status_code) == (412, 422)
        assert state(alone[1]) == HELD

    def test_is_closed_to_consultants_and_strangers(self, app, consultant, manager, pair, token):
        browser = app.test_client()
        url = f"/api/v1/repeated-orders/{pair[1]}/not_repeat"

        assert browser.post(url).status_code == 401
        assert browser.post(url, headers=token(consultant)).status_code == 403
        missing = browser.post("/api/v1/repeated-orders/999999/not_repeat", headers=token(manager))
        assert missing.status_code == 404
        listed = browser.get("/api/v1/repeated-orders/?tab=held", headers=token(consultant))
        assert [each["id"] for each in listed.json["items"]] == [pair[1]]

    def test_is_described(self, app, manager, token):
        document = app.test_client().get("/api/v1/openapi.json", headers=token(manager)).json

        described = document["paths"]["/repeated-orders/{pk}/attach"]["post"]
        assert {"200", "403", "404", "409", "412"} <= set(described["responses"])
