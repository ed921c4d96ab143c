"""Who is refused above a limit, how they read it, and who goes on."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.lib import clock
from app.lib.clock import now
from app.services.account.token import make_token
from models.account import TokenScope
from models.product import Product
from models.task import Task
from tests.factories import SmsTemplateFactory

HTMX = {"HX-Request": "true"}
FROM_HERE = {"Origin": "http://localhost"}
SENTENCE = "تعداد درخواست‌ها زیاد است؛ ۶۰ ثانیه دیگر تلاش کنید"


@pytest.fixture
def still(monkeypatch):
    """The clock stands, so that the seconds in the sentence are known."""
    moment = now()
    for each in ("tests.rates.conftest.now",):
        monkeypatch.setattr(each, lambda: moment)


def codes(browser, address, times, **request):
    return [browser.get(address, **request).status_code for _each in range(times)]


class TestWho:
    def test_a_member_is_refused_and_a_colleague_is_not(self, login, limited, consultant, colleague):
        limited(3, "list")
        one, other = login(consultant), login(colleague)

        assert codes(one, "/follow-ups/", 5) == [200, 200, 200, 429, 429]
        assert codes(other, "/follow-ups/", 3) == [200, 200, 200]

    def test_their_second_browser_is_counted_with_the_first(self, login, limited, consultant):
        limited(2, "list")

        assert codes(login(consultant), "/follow-ups/", 2) == [200, 200]
        assert codes(login(consultant), "/tasks/", 1) == [429]

    def test_other_groups_go_on(self, login, limited, consultant):
        limited(1, "list")
        browser = login(consultant)

        assert codes(browser, "/tasks/", 2) == [200, 429]
        assert codes(browser, "/tasks/add", 2) == [200, 200]
        assert browser.post("/tasks/add", data={"title": "تماس"}).status_code != 429

    def test_the_window_moves_on(self, login, limited, consultant):
        limited(1, "list")
        browser = login(consultant)
        assert codes(browser, "/tasks/", 2) == [200, 429]

        clock.start_at(now() + timedelta(seconds=61))

        assert codes(browser, "/tasks/", 2) == [200, 429]

    def test_a_visitor_is_counted_by_address_five_times_as_generously(self, app, session, limited):
        limited(1, "page")
        visitor, other = app.test_client(), {"REMOTE_ADDR": "192.0.2.7"}

        assert codes(visitor, "/login/", 6) == [200] * 5 + [429]
        assert codes(visitor, "/login/", 1, environ_base=other) == [200]

    def test_a_member_at_the_address_of_a_refused_visitor_goes_on(self, app, login, limited, consultant):
        limited(1, "page")
        assert codes(app.test_client(), "/login/", 6)[-1] == 429

        assert codes(login(consultant), "/tasks/add", 1) == [200]

    def test_logins_health_checks_and_assets_are_not_counted_here(self, app, session, limited):
        limited(1, "page", "write")
        visitor, wrong = app.test_client(), {"username": "nobody-here", "password": "x"}

        assert {visitor.post("/login/", data=wrong).status_code for _each in range(8)} == {422}
        assert set(codes(visitor, "/healthz", 8)) == {200}
        assert 429 not in codes(visitor, "/static/icons/none.svg", 8)

    def test_nobody_is_refused_where_limits_are_off(self, app, login, limited, consultant, monkeypatch):
        limited(1, "list")
        monkeypatch.setitem(app.config, "LIMITS", 0)

        assert set(codes(login(consultant), "/tasks/", 4)) == {200}

    def test_a_number_multiplies_the_limits(self, app, login, limited, consultant, monkeypatch):
        limited(1, "list")
        monkeypatch.setitem(app.config, "LIMITS", 3)

        assert codes(login(consultant), "/tasks/", 4) == [200, 200, 200, 429]


@pytest.mark.usefixtures("still")
class TestAnswer:
    def test_a_page_says_when_to_try_again(self, login, limited, consultant):
        limited(1, "list")
        browser = login(consultant)
        browser.get("/tasks/")

        answer = browser.get("/tasks/")

        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
        assert SENTENCE in answer.text
        assert 'class="nav-groups"' in answer.text

    def test_a_form_is_shown_again_and_stored_when_sent_later(self, session, login, limited, consultant):
        limited(1, "write")
        browser, data = login(consultant), {"title": "تماس با آقای احمدی", "due_on": "1405/10/15"}
        browser.post("/tasks/1/snooze/1")

        answer = browser.post("/tasks/add", data=data, headers=FROM_HERE)

        assert answer.status_code == 429
        assert "تماس با آقای احمدی" in answer.text
        assert 'name="title" hidden>' in answer.text
        assert session.scalar(select(func.count()).where(Task.title == data["title"])) == 0

    def test_a_fragment_gets_a_toast_and_its_form_stays(self, login, limited, consultant):
        limited(1, "write")
        browser = login(consultant)
        browser.post("/tasks/1/snooze/1")

        answer = browser.post("/tasks/add", data={"title": "تماس"}, headers=HTMX)

        assert (answer.status_code, answer.headers["HX-Reswap"]) == (429, "none")
        assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == SENTENCE

    def test_rest_answers_with_a_problem(self, app, session, limited, manager):
        limited(1, "list")
        _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
        session.commit()
        client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
        assert client.get("/api/v1/products/", headers=headers).status_code == 200

        answer = client.get("/api/v1/products/", headers=headers)

        assert (answer.status_code, answer.mimetype) == (429, "application/problem+json")
        assert (answer.json["title"], answer.headers["Retry-After"]) == (SENTENCE, "60")

    def test_rest_writes_nothing_above_the_limit(self, app, session, limited, manager):
        limited(1, "write")
        _row, secret = make_token(manager, name="آزمون", scope=TokenScope.WRITE, days=1)
        session.commit()
        client, headers = app.test_client(), {"Authorization": f"Bearer {secret}"}
        for code in ("R-1", "R-2"):
            client.post("/api/v1/products/", json={"title": code, "code": code, "price": 1}, headers=headers)

        assert set(session.scalars(select(Product.code).where(Product.code.like("R-%")))) == {"R-1"}

    def test_tokens_that_do_not_count_are_limited_by_address(self, app, session, limited):
        limited(1, "list")
        client, headers = app.test_client(), {"Authorization": "Bearer nonsense"}

        assert codes(client, "/api/v1/products/", 6, headers=headers) == [401] * 5 + [429]


class TestSpecialGroups:
    def test_a_provider_is_limited_by_itself_and_by_address(self, app, session, limited):
        limited(2, "webhook")
        provider, other = app.test_client(), {"REMOTE_ADDR": "192.0.2.7"}

        assert codes(provider, "/sms/report/kavenegar/unknown", 3) == [404, 404, 429]
        assert codes(provider, "/sms/report/smsir/unknown", 1) == [404]
        assert codes(provider, "/sms/report/kavenegar/unknown", 1, environ_base=other) == [404]

    @pytest.mark.parametrize(
        ("group", "rows", "address"),
        [
            ("sms", ["1"], "/campaigns/send/customers"),
            ("sms", [], "/campaigns/send/customers/1"),
            ("campaign", ["1", "2"], "/campaigns/send/customers"),
        ],
    )
    def test_a_sending_counts_when_it_is_sent(self, session, login, limited, manager, group, rows, address):
        limited(1, "sms", "campaign")
        SmsTemplateFactory()
        session.commit()
        browser, fields = login(manager), {"rowid": rows, "_one": "1"}
        opened = [browser.post(address, data=fields).status_code for _each in range(3)]

        sent = [browser.post(address, data=fields | {"_step": "run"}).status_code for _each in range(2)]

        assert 429 not in opened
        assert (sent[0] != 429, sent[1]) == (True, 429)
        elsewhere = {"sms": ["1", "2"], "campaign": ["1"]}[group]
        answer = browser.post("/campaigns/send/customers", data={"rowid": elsewhere, "_step": "run"})
        assert answer.status_code != 429
