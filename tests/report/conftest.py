"""A saved report, its schedule and its mails; the work that the overall report counts."""

import pytest
from sqlalchemy import select

from app.lib.clock import start_at
from app.services.assignment.assign import assign
from app.tasks import saved_reports
from models.follow_up import FollowUp
from models.member import Member
from models.organization import Organization
from models.schedule.saved_report import SavedReport
from models.tenancy.scope import Actor, bind
from tests.factories import OrderFactory, organization_with
from tests.report.overall_steps import work_of
from tests.report.schedule_steps import FORM, PAGE, at
from tests.report.test_figures import DAY, TODAY


@pytest.fixture
def saved(session, organization, manager):
    """A saved report of the manager without a schedule."""
    start_at(at("1405/02/10", 7))
    bind(session, Actor(organization.id, manager.id))
    row = SavedReport(
        member_id=manager.id, section="reports/final-sales", name="روزانه", query="by=consultant"
    )
    session.add(row)
    session.commit()
    return row


@pytest.fixture
def mails(monkeypatch):
    """The mails that the server has taken."""
    sent = []
    monkeypatch.setattr("app.gateways.mailer.SandboxMailer.send", lambda _self, mail: sent.append(mail))
    return sent


@pytest.fixture
def send_reports(session):
    """Runs the task; the rows of the test stay in its session, which the task empties."""

    def run():
        rows = list(session)
        done = saved_reports.send_reports()
        session.expunge_all()
        session.add_all(rows)
        session.expire_all()
        return done

    return run


@pytest.fixture
def schedule(login, manager, saved):
    def post(person=manager, receivers=(), **more):
        data = {**FORM, "receivers": [str(each.id) for each in receivers], **more}
        return login(person).post(f"{PAGE}saved/{saved.id}/schedule", data=data)

    return post


@pytest.fixture
def stored(session, organization, manager):
    """Reads rows of a model as the manager's organisation has them."""

    def read(model):
        session.expire_all()
        bind(session, Actor(organization.id, manager.id))
        return list(session.scalars(select(model).order_by(model.id)))

    return read


@pytest.fixture
def due(session, schedule, saved):
    """Schedules the report daily at eight for yesterday, and sets the clock to ten past eight."""

    def make(*receivers, **more):
        answer = schedule(receivers=receivers, **more)
        assert answer.status_code == 302, answer.text
        start_at(at("1405/02/10", 8, 10))
        # A later rollback of this session must not undo the request.
        session.commit()

    return make


@pytest.fixture
def numbers(session, organization, manager, consultant, colleague):
    """Two numbers of the consultant and one of the colleague, of yesterday."""
    start_at(at("1405/02/09", 12))
    bind(session, Actor(organization.id, manager.id))
    for person in (consultant, consultant, colleague):
        assign(OrderFactory(), person, by=manager)
    session.commit()


@pytest.fixture
def far(session):
    """The key of another organisation; founding it empties the session."""
    rows = list(session)
    key = organization_with("far-away").id
    session.expunge_all()
    session.add_all(rows)
    return key


@pytest.fixture
def prepared(prepared_databases, request):
    """With the numbers of the overall report in it, where the test asks for them."""
    found = prepared_databases.of(request.fixturenames)
    return prepared_databases.with_rows(found, "work", add_work) if "work" in request.fixturenames else found


def add_work(session, keys):
    organization = session.get_one(Organization, keys["organization"])
    people = [session.get_one(Member, keys[name]) for name in ("manager", "consultant", "colleague")]
    return {"work": [row.id for row in work_of(session, organization, *people)]}


@pytest.fixture
def work(session, organization, manager, consultant, colleague, prepared):
    """Numbers of both consultants in every state, three weeks and more ago."""
    bind(session, Actor(organization.id, manager.id))
    start_at(TODAY.whole.end + 60 * DAY)
    return [session.get_one(FollowUp, key) for key in prepared.keys["work"]]
