"""HEAD is answered as GET is: a page with a form takes it for no sent form."""

from sqlalchemy import func, select

from app.extensions import db
from tests.support.addresses import addresses

_UNSCOPED = {"unscoped": True}


def counts(session):
    """The number of rows of each table."""
    tables = db.metadata.sorted_tables
    return {
        table.name: session.scalar(select(func.count()).select_from(table), execution_options=_UNSCOPED)
        for table in tables
    }


def test_forms_answer_head_as_get_and_store_nothing(app, session, login, manager):
    browser = login(manager)
    paths = [path for rule, path in addresses(app) if {"GET", "POST"} <= rule.methods]
    for path in paths:
        browser.get(path)
    before = counts(session)

    answers = {path: (browser.get(path).status_code, browser.head(path)) for path in paths}

    assert len(answers) > 50
    assert {path for path, (status, head) in answers.items() if head.status_code != status} == set()
    assert {path for path, (_status, head) in answers.items() if head.data} == set()
    assert counts(session) == before
