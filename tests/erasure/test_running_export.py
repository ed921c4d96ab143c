"""An export that runs while a customer is erased does not end in a file with them."""

from uuid import uuid4

import pytest
from flask import current_app

from app.extensions import db
from app.gateways.storage import storage
from app.panel.export.routes import ExportScreen
from app.services.erasure.erase import erase_customer
from models.customer import Customer
from models.job import ExportFormat, ExportJob, JobStatus
from models.tenancy.scope import Actor, acting_as
from tests.erasure.test_erase_customer import erase
from tests.factories import CustomerFactory
from tests.panel.records.export_steps import ask, work

MOBILE, OTHER = "+989123450817", "+989351112233"
write_table = ExportScreen.write_table


@pytest.fixture
def person(session, manager):
    row = CustomerFactory(mobile=MOBILE, first_name="گلاره", last_name="شهنوازی")
    CustomerFactory(mobile=OTHER)
    session.commit()
    return row


def test_it_is_made_once_more_without_them(session, login, manager, organization, person, monkeypatch):
    key, actor = person.id, Actor(organization.id, manager.id)
    ask(login(manager))

    def erase_now():
        with current_app.app_context(), acting_as(db.session(), actor) as other:
            erase_customer(other.get_one(Customer, key))
            other.commit()

    def interrupted(view, job, path):
        yield from write_table(view, job, path)
        erase_now()

    monkeypatch.setattr(ExportScreen, "write_table", interrupted)
    interrupted_job = work(session, organization)
    assert (interrupted_job.status, interrupted_job.stored_name) == (JobStatus.QUEUED, None)

    monkeypatch.setattr(ExportScreen, "write_table", write_table)
    job = work(session, organization)

    assert job.status is JobStatus.DONE
    text = storage().path(job.stored_name).read_text("utf-8-sig")
    assert ("09123450817" in text, "09351112233" in text) == (False, True)


def test_that_of_another_organisation_goes_on(session, login, manager, stranger_organization, person):
    key = person.id
    with acting_as(session, Actor(stranger_organization.id)):
        job = ExportJob(
            client_token=uuid4(),
            section="customers",
            query="",
            columns=[],
            file_format=ExportFormat.CSV,
            total=1,
            original_name="مشتریان.csv",
            status=JobStatus.RUNNING,
        )
        session.add(job)
        session.commit()
        theirs = job.id

    assert erase(login(manager), key).status_code == 302

    with acting_as(session, Actor(stranger_organization.id)):
        assert session.get_one(ExportJob, theirs, populate_existing=True).status is JobStatus.RUNNING
