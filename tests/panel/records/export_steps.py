"""What the tests of exports share."""

from flask import current_app
from sqlalchemy import func, select

from app.tasks.export import run_export
from models.job import ExportJob
from models.tenancy.scope import Actor, bind


def ask(browser, section="customers", query="", **fields):
    return browser.post(f"/{section}/export", data={"_query": query, "format": "csv"} | fields)


def work(session, organization) -> ExportJob:
    """The worker's part of the newest export."""
    bind(session, Actor(organization.id))
    key = session.scalars(select(func.max(ExportJob.id))).one()
    session.commit()
    with current_app.app_context():
        run_export(key, organization.id)
    bind(session, Actor(organization.id))
    return session.get_one(ExportJob, key, populate_existing=True)
