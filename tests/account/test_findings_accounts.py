"""The holes of Flask-AppBuilder in accounts: F-14, F-15, F-18, F-19, F-24, F-30, T19, and how many checks run at once.

Each claim is made beside the same probe on a stock app, which fails it.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Condition

import pytest
from sqlalchemy import select
from werkzeug.security import check_password_hash, generate_password_hash

from app.extensions import appbuilder, db
from app.gateways import password_hash
from app.services.account.login import ACCOUNT
from models.account import Throttle
from models.member import Member
from tests.factories import member
from tests.support import stock as stock_app

PASSWORD = "یک جملهٔ خوب برای ورود"
NEW = "جملهٔ تازه‌ای که کسی نمی‌داند"


@pytest.fixture(autouse=True)
def limits(app, monkeypatch):
    monkeypatch.setitem(app.config, "LIMITS", True)


@pytest.fixture
def person(consultant, session) -> Member:
    consultant.password = generate_password_hash(PASSWORD, "pbkdf2:sha256:1")
    session.commit()
    return consultant


def log_in(client, person, password=PASSWORD):
    return client.post("/login/", data={"username": person.username, "password": password})


def change(client, *, present=PASSWORD, new=NEW):
    data = {"present": present, "password": new, "again": new}
    return client.post("/account/password/", data=data)


def is_password(session, person, password) -> bool:
    stored = session.scalars(select(Member.password).where(Member.id == person.id)).one()
    return check_password_hash(stored, password)


def test_f14_a_password_is_set_by_its_owner_who_knows_it_and_by_nobody_through_fabs_pages(
    stock, app, session, login, person, manager
):
    for path in (f"/resetpassword/form?pk={person.id}", "/resetpassword/form", "/resetmypassword/form"):
        answer = login(manager).post(path, data=stock_app.new_password(NEW))
        assert answer.status_code == 404
    unasked = change(login(person), present="نادرست")

    assert unasked.status_code == 422
    assert is_password(session, person, PASSWORD)
    assert stock["f14"] == {"taken over": True, "not asked": True, "without a key": 500}


def test_f15_a_session_is_the_servers_and_ends_by_a_post(stock, app, login, person):
    client, thief = login(person), app.test_client()
    with client.session_transaction() as cookie:
        kept = dict(cookie)
    by_get = client.get("/logout/").status_code

    client.post("/logout/")
    with thief.session_transaction() as cookie:
        cookie.update(kept)
    replayed = thief.get("/account/").status_code

    assert (by_get, replayed) == (405, 302)
    assert stock["f15"] == {"by get": 302, "replayed": True}


def test_f18_failures_that_cross_are_all_counted_and_lock(stock, app, session, person, monkeypatch):
    compare, inner = password_hash.password_matches, [True]

    def crossing(stored, password):
        if inner.pop() if inner else False:
            log_in(app.test_client(), person, "نادرست")
        return compare(stored, password)

    monkeypatch.setattr(password_hash, "password_matches", crossing)
    log_in(app.test_client(), person, "نادرست")
    counted = session.scalars(select(Throttle.count).where(Throttle.key == f"login:{person.id}")).one()
    for _try in range(ACCOUNT.most - 1):
        log_in(app.test_client(), person, "نادرست")

    assert counted == 2
    assert log_in(app.test_client(), person).status_code == 429
    assert stock["f18"] == {"counted": 1, "right one after failures": True}


@pytest.mark.parametrize(
    ("path", "field"),
    [("/login/", "password"), ("/account/confirm/", "present"), ("/account/password/", "present")],
)
def test_f19_every_page_that_takes_a_password_stops_who_guesses(stock, app, login, person, path, field):
    client = app.test_client() if path == "/login/" else login(person)
    wrong = {"username": person.username, "password": NEW, "again": NEW} | {field: "نادرست"}

    for _try in range(ACCOUNT.most):
        answer = client.post(path, data=wrong)
        assert "ورود تا" not in answer.text
    right = client.post(path, data=wrong | {field: PASSWORD})

    assert right.status_code in {422, 429}
    assert "۱۰ دقیقه" in right.text
    assert stock["f19"] == {"codes": [401]}


def test_f19_there_is_no_second_way_in(app):
    routes = {
        rule.endpoint.split(".")[0] for rule in app.url_map.iter_rules() if rule.rule.startswith("/api")
    }

    # Ours, which a token opens and no password (tests/panel/test_rest.py).
    assert routes == {"api"}


@pytest.mark.parametrize("new", ["1", "password1", "ضصثقفغعه", "alef"])
def test_f24_an_easy_password_is_refused_and_a_persian_sentence_is_not(stock, session, login, person, new):
    client = login(person)

    refused = change(client, new=new).status_code
    kept = is_password(session, person, PASSWORD)
    taken = change(client, new=NEW).status_code

    assert (refused, kept, taken) == (422, True, 302)
    assert is_password(session, person, NEW)
    assert stock["f24"] == {"short": True, "persian": False}


def test_f30_a_change_that_the_database_refused_is_not_told_as_done(stock, session, login, person):
    client = login(person)
    session.commit()

    with stock_app.failing_commit(db.session, db.engines[None]):
        answer = change(client)

    with client.session_transaction() as cookie:
        assert "_flashes" not in cookie
    assert answer.status_code == 500
    assert "کد پیگیری" in answer.text
    assert is_password(session, person, PASSWORD)
    assert client.get("/account/").status_code == 200
    assert stock["f30"] == {"status": 302, "says changed": True, "is changed": False}


def test_t19_nobody_reaches_an_equal_or_makes_himself_more(stock, session, login, manager, organization):
    admin, equal = member("Admin", None, "root"), member("Manager", organization, "second")
    role = appbuilder.sm.find_role("Admin")
    data = {"first_name": "a", "last_name": "b", "email": manager.email, "role": str(role.id)}
    client, before = login(manager), {admin.id: admin.password, equal.id: equal.password}

    passwords = [client.post(f"/members/password/{person.id}").status_code for person in (admin, equal)]
    raised = client.post(f"/members/edit/{manager.id}", data=data).status_code

    session.expire_all()
    assert (passwords, raised) == ([404, 403], 422)
    assert {person.id: person.password for person in (admin, equal)} == before
    assert [each.name for each in manager.roles] == ["Manager"]
    assert stock["t19"] == {"roles": ["Admin"]}


def test_f32_four_passwords_are_checked_at_once_and_no_fifth(monkeypatch):
    """Each check takes 32 MiB; the others wait until one of the four is through."""
    state, inside, most, is_open = Condition(), 0, 0, False

    def check(_stored, _password):
        nonlocal inside, most
        with state:
            inside += 1
            most = max(most, inside)
            state.notify_all()
            assert state.wait_for(lambda: is_open, timeout=30)
            inside -= 1
        return True

    monkeypatch.setattr(password_hash, "check_password_hash", check)
    with ThreadPoolExecutor(8) as pool:
        checks = [pool.submit(password_hash.password_matches, "stored", "x") for _ in range(8)]
        with state:
            assert state.wait_for(lambda: inside == 4, timeout=30)
            a_fifth_would_wait = not password_hash._HASH_SLOTS.acquire(blocking=False)
            is_open = True
            state.notify_all()
        answers = [each.result(timeout=30) for each in checks]

    assert a_fifth_would_wait
    assert (most, answers) == (4, [True] * 8)
