"""The author of a job, of a campaign or of a message is told what became of it."""

from io import BytesIO
from uuid import uuid4

import pytest

from app.lib.clock import now
from app.services.imports.describe import describe
from app.services.imports.jobs import queue_import, receive_file
from app.services.sms.campaign.control import finish_if_done, pause_for
from app.services.sms.delivery.transitions import Transition, apply_transitions
from app.tasks import export as export_task
from app.tasks.imports import run_import_job
from models.job import JobStatus
from models.sms.campaign import CampaignKind, CampaignStatus, PauseReason, SmsCampaign
from models.sms.message import MessageState, SmsMessage
from models.tenancy.scope import Actor, bind
from tests.factories import CustomerFactory, ProductFactory
from tests.notifications.steps import kinds, told
from tests.panel.imports import steps as imports
from tests.panel.records import bulk_steps, export_steps

COMMON = {"segments": 1, "not_before": now(), "expires_at": now()}


class TestExport:
    def test_that_is_done_tells_its_author(self, session, login, organization, manager, consultant):
        CustomerFactory()
        export_steps.ask(login(manager))
        job = export_steps.work(session, organization)

        [notice] = told(session, manager)
        assert (notice.kind, notice.address) == ("exports.export_jobs.status.done", f"/exports/{job.id}")
        assert notice.params == {"name": job.original_name}
        assert told(session, consultant) == []

    def test_that_fails_says_so(self, session, login, organization, manager, monkeypatch):
        def fail(*_args, **_more):
            raise RuntimeError("no space is left")

        CustomerFactory()
        export_steps.ask(login(manager))
        monkeypatch.setattr(export_task, "_write_pages", fail)
        with pytest.raises(RuntimeError):
            export_steps.work(session, organization)

        assert kinds(session, manager) == ["exports.export_jobs.status.failed"]

    def test_that_runs_twice_tells_once(self, session, login, organization, manager):
        CustomerFactory()
        export_steps.ask(login(manager))
        export_steps.work(session, organization)
        export_steps.work(session, organization)

        assert len(told(session, manager)) == 1


def test_a_bulk_job_tells_its_author(session, login, organization, manager, monkeypatch):
    monkeypatch.setattr("app.panel.bulk.routes.MOST_AT_ONCE", 2)
    for number in range(3):
        ProductFactory(title=f"دوره زبان {number}")
    bulk_steps.send(login(manager))
    job = bulk_steps.work(session, organization)

    assert job.status is JobStatus.DONE
    [notice] = told(session, manager)
    assert (notice.kind, notice.address) == ("jobs.bulk_jobs.status.done", f"/jobs/{job.id}")
    assert "محصول" in notice.params["name"]


def test_an_import_of_orders_tells_its_author_and_the_consultants(session, manager, consultant, organization):
    product = ProductFactory()
    lines = "".join(f"0912000000{number},{product.code}\n" for number in range(4))
    data = f"موبایل,محصول\n{lines}".encode()
    job = receive_file(BytesIO(data), name="orders.csv", client_token=uuid4())
    queue_import(job, describe(job).mapping, assign=True)
    key = job.id
    session.commit()
    run_import_job.run(key, organization.id)
    bind(session, Actor(organization.id))

    [notice], [work] = told(session, manager), told(session, consultant)
    assert (notice.kind, notice.address) == ("imports.import_jobs.status.done", f"/imports/show/{key}")
    assert notice.params == {"name": "orders.csv"}
    assert (work.kind, work.count, work.act) == ("follow-ups.follow_ups.consultant", 4, f"import_jobs-{key}")


def test_an_import_of_a_section_leads_to_its_own_page(session, login, organization, manager):
    _url, key = imports.start(login(manager), imports.PRODUCTS)
    imports.work(session, organization, key)

    assert [each.address for each in told(session, manager)] == [f"/products/import/{key}"]


@pytest.fixture
def campaign(session, manager, consultant):
    """A running campaign of the consultant."""
    values = {"client_token": uuid4(), "title": "نوروز", "body": "سلام", "status": CampaignStatus.RUNNING}
    row = SmsCampaign(created_by_id=consultant.id, confirmed_at=now(), expires_at=now(), **values)
    session.add(row)
    session.commit()
    return row


class TestCampaign:
    def test_that_ends_tells_its_sender(self, session, manager, consultant, campaign):
        bind(session, Actor(manager.organization_id))
        assert finish_if_done(campaign)
        session.commit()

        [notice] = told(session, consultant)
        assert (notice.kind, notice.params) == ("campaigns.sms_campaigns.status.finished", {"name": "نوروز"})
        assert told(session, manager) == []

    def test_that_a_program_pauses_tells_its_sender(self, session, manager, consultant, campaign):
        bind(session, Actor(manager.organization_id))
        assert pause_for(PauseReason.CREDIT, [campaign.id]) == 1
        session.commit()

        assert kinds(session, consultant) == ["campaigns.sms_campaigns.status.paused"]

    def test_of_one_message_tells_nothing_when_it_ends(self, session, manager, consultant, campaign):
        campaign.kind = CampaignKind.SINGLE
        session.commit()
        bind(session, Actor(manager.organization_id))
        assert finish_if_done(campaign)
        session.commit()

        assert told(session, consultant) == []


class TestMessage:
    @pytest.mark.parametrize("kind", [CampaignKind.SINGLE, CampaignKind.BULK])
    @pytest.mark.parametrize("end", [MessageState.CANCELLED, MessageState.EXPIRED])
    def test_that_does_not_arrive_tells_its_sender(self, session, manager, consultant, campaign, kind, end):
        customer = CustomerFactory()
        message = SmsMessage(
            campaign_id=campaign.id,
            customer_id=customer.id,
            mobile=customer.mobile,
            body="سلام",
            local_id=1,
            state=MessageState.QUEUED,
            created_by_id=consultant.id,
            **COMMON,
        )
        campaign.kind = kind
        session.add(message)
        session.commit()
        row = session.get_one(SmsMessage, message.id)
        assert apply_transitions([Transition(row, {"state": end, "final_at": now()})], now()) == {message.id}
        session.commit()

        told_of = [each.params["name"] for each in told(session, consultant)]
        is_told = kind is CampaignKind.SINGLE and end is MessageState.EXPIRED
        assert told_of == ([str(customer)] if is_told else [])
