"""The console: what each page says, what may be changed in it, and what it never shows."""

from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.lib.clock import now
from app.services.imports.jobs import receive_file
from app.services.mail.queue import queue_mail
from models.account import Throttle
from models.audit.event import AuditEvent
from models.mail import MailKind
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, member
from tests.support.canaries import canary

PAGES = ("", "settings/", "mails/", "jobs/", "files/", "sessions/", "login-tries/", "limits/")


@pytest.fixture
def admin(login, app):
    return login(member("Admin", None, "root"))


@pytest.fixture
def busy(session, manager, organization):
    """An organisation in which something goes on."""
    CustomerFactory(last_name=canary(organization.id))
    text = "موبایل,کالا,تاریخ\n09121234567,K-1,1405/06/01\n".encode()
    job = receive_file(BytesIO(text), name=f"{canary(organization.id)}.csv", client_token=uuid4())
    queue_mail(manager, MailKind.PASSWORD_CHANGED)
    session.commit()
    return job


def save(client, organization, name, value, **headers):
    data = {f"{organization.id}-{name}": value}
    return client.post(f"/console/settings/save/{organization.id}/{name}", data=data, headers=headers)


@pytest.mark.parametrize("path", PAGES)
def test_its_pages_open_with_rows_and_without(admin, path):
    page = admin.get(f"/console/{path}")

    assert page.status_code == 200
    assert "<h1>" in page.text
    assert 'id="main"' in page.text


@pytest.mark.parametrize("path", PAGES)
def test_no_page_says_anything_of_an_organisations_rows(admin, busy, organization, path):
    page = admin.get(f"/console/{path}").text

    assert canary(organization.id) not in page
    assert busy.sha256 not in page


def test_mails_are_told_by_kind_and_state(admin, busy, manager):
    page = admin.get("/console/mails/").text

    assert "خبر رمز تازه" in page or "رمز" in page
    assert "در صف" in page
    assert manager.email not in page


def test_jobs_are_counted_by_organisation_and_state(admin, busy, organization):
    page = admin.get("/console/jobs/").text

    assert organization.name in page
    assert "۱" in page.partition(organization.name)[2]


def test_files_say_whether_a_row_names_them(admin, busy):
    page = admin.get("/console/files/").text

    row = page.partition(busy.stored_name)[2].partition("</tr>")[0]
    assert "بله" in row


def test_sessions_show_no_key(session, admin):
    hashes = session.connection().exec_driver_sql("SELECT id_hash FROM user_sessions").scalars().all()

    page = admin.get("/console/sessions/").text

    assert hashes
    assert not any(each in page for each in hashes)


def test_a_value_is_saved_where_it_stands(session, admin, organization):
    answer = save(admin, organization, "sms_quota", "۵۰۰", **{"HX-Request": "true"})

    assert answer.status_code == 200
    assert "ذخیره شد" in answer.text
    session.refresh(organization)
    assert organization.sms_quota == 500


def test_a_switch_is_saved_too(session, admin, organization):
    save(admin, organization, "mask_mobiles", "y")
    session.refresh(organization)

    assert organization.mask_mobiles is True


def test_a_change_stands_in_the_trail_of_its_organisation(session, admin, organization):
    save(admin, organization, "sms_quota", "500")

    bind(session, Actor(organization.id))
    event = session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.object_type, event.after["sms_quota"]) == ("Organization", 500)


@pytest.mark.parametrize("value", ["یک", "-5", "1.5", "9" * 30, "\0"])
def test_what_is_no_number_is_refused_beside_the_field(session, admin, organization, value):
    answer = save(admin, organization, "sms_quota", value, **{"HX-Request": "true"})

    assert answer.status_code == 422
    assert "-error" in answer.text
    session.refresh(organization)
    assert organization.sms_quota is None


@pytest.mark.parametrize("name", ["name", "slug", "status", "id", "row_version", "nothing", "__class__"])
def test_only_the_named_columns_can_be_changed(admin, organization, name):
    assert save(admin, organization, name, "x").status_code == 404


@pytest.mark.parametrize("role", ["Manager", "Consultant", "SupportAgent", "Operator"])
def test_nobody_else_saves_anything(session, login, organization, role):
    person = member(role, None if role == "Operator" else organization, "somebody")

    assert save(login(person), organization, "sms_quota", "7").status_code == 403
    session.refresh(organization)
    assert organization.sms_quota is None


@pytest.mark.parametrize("page", ["0", "-1", "x", "999999999999999999999", "\0", "2"])
@pytest.mark.parametrize("path", PAGES)
def test_odd_pages_are_harmless(admin, path, page):
    assert (
        admin.get(f"/console/{path}", query_string={"page": page, "sort": "x", "flt0_0": "'"}).status_code
        == 200
    )


@pytest.mark.parametrize("path", PAGES)
def test_asks_the_same_few_questions_for_any_number_of_rows(session, admin, organization, statements, path):
    counts = []
    for number in (1, 30):
        for each in range(number):
            session.add(Throttle(key=f"account:{number}-{each}", window_ends_at=now()))
            member("Consultant", organization, f"c-{number}-{each}")
        session.commit()
        statements.clear()
        admin.get(f"/console/{path}")
        counts.append(len(statements))

    assert counts[0] == counts[1] <= 12


def test_in_production_a_second_step_comes_first(app, admin, monkeypatch):
    monkeypatch.setitem(app.config, "APP_ENV", "production")

    assert admin.get("/console/").location == "/account/two-step/"


def test_the_menu_leads_there_for_admin_alone(login, admin, manager):
    assert 'href="/console/"' in admin.get("/organizations/").text
    assert 'href="/console/"' not in login(manager).get("/products/").text
