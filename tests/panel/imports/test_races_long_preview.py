"""Two tabs ask for the preview of one large file at the same moment: one job reads it."""

from functools import partial

import pytest
from sqlalchemy import select

from app.tasks.export import run_export
from models.job import ExportJob
from tests.panel.imports.steps import PRODUCTS, map_columns, upload
from tests.support.racing import at_once

pytestmark = pytest.mark.postgresql

ROUNDS = 10


@pytest.fixture(autouse=True)
def no_worker(monkeypatch):
    monkeypatch.setattr("app.panel.imports.preview_screen.MOST_CELLS", 1)
    monkeypatch.setattr(run_export, "delay", lambda *_ids: None)


def make(browser, url, token):
    return browser.post(f"{url}/make", data={"_token": token}).location


def test_two_tabs_get_one_job_and_another_file_gets_its_own(arena):
    arena.member("Manager", "nasrin")
    browser = arena.browser("nasrin")
    for number in range(1, ROUNDS + 1):
        url = upload(browser, PRODUCTS).location
        map_columns(browser, url)
        tabs = [browser, arena.same_browser(browser)]

        acts = [partial(make, tab, url, f"{number}-{place}") for place, tab in enumerate(tabs)]
        assert at_once(*acts) == [f"{url}/preview"] * 2

        # Those of the files before it have their own.
        assert len(arena.all(select(ExportJob.id))) == number
