"""What the tests of bulk actions share."""

from flask import current_app
from sqlalchemy import select

from app.tasks.bulk import run_bulk_job
from models.job import BulkJob
from models.product import Product
from models.tenancy.scope import Actor, bind

HTMX = {"HX-Request": "true"}


def living(session, organization) -> set[str]:
    bind(session, Actor(organization.id))
    return set(session.scalars(select(Product.title)))


def send(browser, section="products", query="q=زبان", **fields):
    data = {"action": "remove", "_all": "1", "_query": query, "_step": "run"} | fields
    return browser.post(f"/{section}/action_post", data=data)


def job_of(session, organization) -> BulkJob:
    bind(session, Actor(organization.id))
    newest = select(BulkJob).order_by(BulkJob.id.desc()).limit(1)
    return session.scalars(newest, execution_options={"populate_existing": True}).one()


def work(session, organization) -> BulkJob:
    """The worker's part of the newest job."""
    job = job_of(session, organization)
    key = job.id
    session.commit()
    with current_app.app_context():  # a session of its own, as a worker has
        run_bulk_job(key, organization.id)
    bind(session, Actor(organization.id))
    return session.get_one(BulkJob, key, populate_existing=True)
