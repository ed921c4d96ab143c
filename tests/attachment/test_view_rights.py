"""Files on the page of a row: downloading, and who may not."""

import io
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.gateways.storage import StoreUnavailable, Upload, storage
from app.services.attachment.attach import attach
from models.attachment import Attachment
from models.customer import Customer
from models.follow_up import FollowUpEntry
from models.result_title import ResultTitle
from models.tenancy.scope import Actor, bind
from tests.attachment.test_attach import SMALL_PDF
from tests.attachment.view_steps import NAME, base, fetch
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, member

pytestmark = pytest.mark.usefixtures("colleagues_rows")


@pytest.fixture
def customer(session, manager, consultant) -> Customer:
    """The consultant's own."""
    row = CustomerFactory(created_by_id=consultant.id)
    session.commit()
    return row


@pytest.fixture
def file(session, customer) -> Attachment:
    (kept,) = attach(customer, [Upload(NAME, io.BytesIO(SMALL_PDF))])
    session.commit()
    return kept


class TestDownloading:
    def test_the_file_comes_under_its_own_name_and_is_never_a_page(self, login, consultant, customer, file):
        answer = fetch(login(consultant), f"{base(customer)}/{file.uuid}")

        assert answer.data == SMALL_PDF
        assert f"filename*=UTF-8''{quote(NAME)}" in answer.headers["Content-Disposition"]
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox"
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Content-Length"] == str(len(SMALL_PDF))

    def test_a_row_whose_bytes_are_lost_is_not_found(self, login, consultant, customer, file):
        storage().delete(file.stored_name)

        assert login(consultant).get(f"{base(customer)}/{file.uuid}").status_code == 404

    def test_a_store_that_is_away_is_no_error_of_ours(self, login, consultant, customer, file, monkeypatch):
        def refuse(*args):
            raise StoreUnavailable

        monkeypatch.setattr("app.gateways.storage.local.LocalStorage.open", refuse)

        assert login(consultant).get(f"{base(customer)}/{file.uuid}").status_code == 503

    @pytest.mark.parametrize(
        "key", ["x", "..%2f..%2fetc%2fpasswd", "6a1f0c3e-8d52-4b7e-9a55-3d8f2b1c7e90", "%00", "ی"]
    )
    def test_what_is_no_file_of_the_row_is_not_found(self, login, consultant, customer, file, key):
        assert login(consultant).get(f"{base(customer)}/{key}").status_code == 404

    def test_a_file_comes_only_by_way_of_its_own_row(self, session, login, manager, customer, file):
        other, order = CustomerFactory(), OrderFactory()
        session.commit()
        browser = login(manager)

        codes = [fetch(browser, f"{base(row)}/{file.uuid}").status_code for row in (other, order, customer)]

        assert codes == [404, 404, 200]

    def test_files_of_results_stand_with_their_follow_up(self, session, login, consultant):
        follow_up = FollowUpFactory(consultant_id=consultant.id)
        title = session.scalars(select(ResultTitle)).first()
        entry = FollowUpEntry(follow_up_id=follow_up.id, result_title_id=title.id, by_id=consultant.id)
        session.add(entry)
        session.flush()
        (kept,) = attach(entry, [Upload(NAME, io.BytesIO(SMALL_PDF))])
        session.commit()
        browser = login(consultant)

        page = browser.get(f"/follow-ups/show/{follow_up.id}").text
        answer = fetch(browser, f"{base(follow_up)}/{kept.uuid}")
        deleted = browser.post(f"{base(follow_up)}/{kept.uuid}/delete")

        assert NAME in page
        assert answer.data == SMALL_PDF
        # What was recorded stays recorded.
        assert f"{kept.uuid}/delete" not in page
        assert deleted.status_code == 404


def every_way(row, key):
    yield "GET", base(row)
    yield "GET", f"{base(row)}/{key}"
    yield "POST", f"{base(row)}/add"
    yield "POST", f"{base(row)}/{key}/delete"
    yield "POST", f"{base(row)}/{key}/restore"


class TestWhoMayNot:
    def ask(self, browser, row, key):
        answers = []
        for method, path in every_way(row, key):
            data = {"files": (io.BytesIO(SMALL_PDF), NAME)} if "add" in path else None
            answers.append(browser.open(path, method=method, data=data))
            answers[-1].close()
        return answers

    def test_a_colleague_does_not_find_the_row(self, session, login, colleague, customer, file):
        answers = self.ask(login(colleague), customer, file.uuid)

        assert [answer.status_code for answer in answers] == [404] * 5
        assert session.scalar(select(func.count(Attachment.id))) == 1

    def test_another_organisation_does_not_find_it(
        self, session, login, stranger_organization, customer, file
    ):
        home, key, row = customer.organization_id, file.uuid, customer
        stranger = member("Manager", stranger_organization, "stranger")
        bind(session, Actor(home))

        answers = self.ask(login(stranger), row, key)

        assert [answer.status_code for answer in answers] == [404] * 5

    def test_who_may_only_read_may_only_download(self, session, login, organization, customer, file):
        agent = member("SupportAgent", organization, "agent")
        browser = login(agent)

        answers = self.ask(browser, customer, file.uuid)
        page = browser.get(f"/customers/show/{customer.id}").text

        assert [answer.status_code for answer in answers] == [302, 200, 403, 403, 403]
        assert NAME in page
        assert "files/add" not in page
        assert "/delete" not in page.partition('id="row-files"')[2]

    def test_who_has_no_such_section_is_refused(self, session, login, manager, organization):
        order = OrderFactory()
        session.commit()
        agent = member("SupportAgent", organization, "agent")

        answers = self.ask(login(agent), order, uuid4())

        assert [answer.status_code for answer in answers] == [403] * 5

    def test_a_stranger_is_sent_to_the_login(self, app, customer, file):
        answers = self.ask(app.test_client(), customer, file.uuid)

        assert [answer.status_code for answer in answers] == [302] * 5
        assert all(answer.headers["Location"].startswith("/login/") for answer in answers)
