"""«My data»: a member gets a file about themselves, and about nobody else."""

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from app.gateways.storage import storage
from app.services.account.token import make_token
from app.tasks.export import run_export
from models.account import LoginEvent, LoginOutcome, TokenScope
from models.audit.event import AuditEvent
from models.job import ExportJob, JobStatus
from models.schedule.saved_report import SavedReport
from models.table_view import TableView
from models.tenancy.scope import Actor, acting_as
from tests.factories import member

URL = "/account/data/"


@pytest.fixture
def written(session, organization):
    """Runs the job of a member and returns the lines of the file."""

    def run(browser):
        assert browser.post(f"{URL}export", data={"_token": "1"}).status_code == 302
        job_id = session.scalars(select(ExportJob.id).order_by(ExportJob.id.desc())).first()
        session.commit()
        run_export(job_id, organization.id)
        session.expire_all()
        job = session.get(ExportJob, job_id)
        assert job.status is JobStatus.DONE
        return job, storage().path(job.stored_name)

    return run


def lines_of(path):
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def add_traces(session, person, word):
    """A login, a token, a view, a report and an act of *person*, each with *word*."""
    session.add(
        LoginEvent(member_id=person.id, outcome=LoginOutcome.SUCCESS, ip="192.0.2.9", agent=f"Browser {word}")
    )
    make_token(person, name=f"توکن {word}", scope=TokenScope.READ, days=1)
    with acting_as(session, Actor(person.organization_id, person.id)):
        session.add(TableView(member_id=person.id, section="products", name=f"نمای {word}"))
        session.add(SavedReport(member_id=person.id, section="reports/overall", name=f"گزارش {word}"))
        session.add(
            AuditEvent(action="edit", object_type="Product", actor_id=person.id, agent=f"Client {word}")
        )
        session.flush()
    session.commit()


def test_the_file_has_what_is_stored_about_the_member(session, login, manager, consultant, written):
    consultant.email, consultant.mobile = "sara@example.ir", "+989121234567"
    add_traces(session, consultant, "own")
    password = consultant.password

    _job, path = written(login(consultant))

    lines = lines_of(path)
    found = [" ".join(map(str, line)) for line in lines]
    assert lines[0] == ["بخش", "موضوع", "زمان", "جزئیات"]
    written_words = ("Browser own", "توکن own", "نمای own", "گزارش own", "Client own")
    for word in ("sara@example.ir", "۰۹۱۲ ۱۲۳ ۴۵۶۷", "مشاور", *written_words):
        assert [line for line in found if word in line], word
    assert {line[1] for line in lines if line[0] == "مشخصات"} == {
        "نام کاربری",
        "نام",
        "نام خانوادگی",
        "ایمیل",
        "موبایل",
        "فعال",
        "زمان افزودن",
        "آخرین ورود",
        "نقش",
    }
    assert "مشخصات فعال  بله" in found
    assert password not in str(lines)


def test_it_has_nothing_of_others(
    session, login, manager, consultant, colleague, stranger_organization, written
):
    # The keys of some are smaller than the member's, and those of others greater.
    assert manager.id < consultant.id < colleague.id
    stranger = member("Consultant", stranger_organization, "far-away")
    others = ((manager, "boss"), (colleague, "second"), (stranger, "third"))
    for person, word in (others[0], (consultant, "own"), *others[1:]):
        add_traces(session, session.merge(person), word)

    _job, path = written(login(consultant))

    text = str(lines_of(path))
    assert "own" in text
    assert [word for _person, word in others if word in text] == []


def test_acts_of_many_pages_are_all_in_it(session, login, manager, consultant, written, monkeypatch):
    monkeypatch.setattr("app.services.account.own_data.PAGE", 2)
    for number, person in enumerate((consultant, manager, *[consultant] * 4)):
        with acting_as(session, Actor(person.organization_id, person.id)):
            session.add(
                AuditEvent(action="edit", object_type="Product", object_id=1_000 + number, actor_id=person.id)
            )
            session.flush()
    session.commit()

    _job, path = written(login(consultant))

    found = [line[3].split()[0] for line in lines_of(path) if line[0] == "رویدادها"]
    # The last one is that of the export itself.
    assert found[:-1] == ["1000", "1002", "1003", "1004", "1005"]


def test_only_the_member_downloads_it(session, login, manager, consultant, written):
    own, other = login(consultant), login(manager)
    job, _path = written(own)
    key = job.id

    assert other.get(f"/exports/{key}/file").status_code == 404
    answer = own.get(f"/exports/{key}/file")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    answer.close()


def test_the_account_leads_there(login, consultant):
    browser = login(consultant)

    assert URL in browser.get("/account/").text
    assert "داده‌های من" in browser.get(URL).text


def test_who_is_not_of_an_organisation_has_no_such_page(app, session, login):
    assert app.test_client().get(URL).status_code == 302
    assert app.test_client().post(f"{URL}export").status_code == 302
    operator = login(member("Operator", None, "helper"))
    assert operator.get(URL).status_code == 403
    assert URL not in operator.get("/account/").text
