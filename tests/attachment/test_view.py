"""Files on the page of a row: who sees, attaches, downloads, deletes and restores them, and what a browser may do with them."""

import io
import json
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.gateways.storage import StoreUnavailable, Upload, storage
from app.services.attachment.attach import attach
from models.attachment import Attachment
from models.audit.event import AuditEvent
from models.customer import Customer
from models.follow_up import FollowUpEntry
from models.result_title import ResultTitle
from models.tenancy.scope import Actor, bind
from models.trash import TRASH_RETENTION
from tests.attachment.test_attach import SMALL_PDF, picture
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory, member

pytestmark = pytest.mark.usefixtures("colleagues_rows")

HTMX = {"HX-Request": "true"}
NAME = "رسید پرداخت ۱.pdf"


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


def base(row) -> str:
    slug = {"customers": "customers", "orders": "orders", "follow_ups": "follow-ups"}[row.__tablename__]
    return f"/{slug}/{row.id}/files"


def send(browser, row, *files, headers=None, **fields):
    given = [(io.BytesIO(data), name) for name, data in files]
    return browser.post(f"{base(row)}/add", data={"files": given, **fields}, headers=headers)


def fetch(browser, url):
    """The answer with all of its bytes; the file behind them is closed."""
    answer = browser.get(url)
    answer.get_data()
    answer.close()
    return answer


def living(session) -> list[str]:
    return list(session.scalars(select(Attachment.original_name).order_by(Attachment.id)))


class TestAttaching:
    def test_files_stand_on_the_page_of_their_row(self, session, login, consultant, customer):
        browser = login(consultant)

        answer = send(browser, customer, (NAME, SMALL_PDF), ("عکس.jpg", picture()))
        page = browser.get(f"/customers/show/{customer.id}").text

        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/customers/show/{customer.id}#row-files"
        assert living(session) == [NAME, "عکس.jpg"]
        assert NAME in page
        assert "۱ کیلوبایت" in page

    def test_an_open_page_gets_the_panel_again(self, login, consultant, customer):
        answer = send(login(consultant), customer, (NAME, SMALL_PDF), headers=HTMX)

        assert answer.status_code == 200
        assert answer.text.lstrip().startswith("<section")
        assert NAME in answer.text
        assert "پیوست شد" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]

    @pytest.mark.parametrize("make", [OrderFactory, FollowUpFactory])
    def test_each_section_that_declares_it_takes_them(self, session, login, manager, make):
        row = make()
        session.commit()

        send(login(manager), row, (NAME, SMALL_PDF))

        assert living(session) == [NAME]

    def test_a_section_that_does_not_has_no_such_address(self, app):
        rules = {rule.rule for rule in app.url_map.iter_rules() if "/files" in rule.rule}

        assert {rule.split("/")[1] for rule in rules} == {"customers", "orders", "follow-ups", "console"}

    @pytest.mark.parametrize("headers", [{}, HTMX])
    @pytest.mark.parametrize(
        ("files", "words"),
        [
            ([("a.svg", b"<svg/>")], "پذیرفته نیست"),
            ([(NAME, SMALL_PDF), ("b.pdf", b"<html>")], "پذیرفته نیست"),
            ([(NAME, SMALL_PDF.ljust(1001))], "۱۰ مگابایت"),
            ([], "یک فایل انتخاب کنید"),
            ([(f"{number}.pdf", SMALL_PDF) for number in range(21)], "۲۰ فایل"),
        ],
    )
    def test_a_refusal_stands_at_the_field_and_nothing_is_kept(
        self, session, login, consultant, customer, files, words, headers, monkeypatch
    ):
        monkeypatch.setattr("app.services.attachment.attach.MOST_BYTES", 1000)

        answer = send(login(consultant), customer, *files, headers=headers)

        assert answer.status_code == 422
        assert words in answer.text.partition('id="files-error"')[2][:300]
        assert living(session) == []

    def test_a_store_that_is_away_is_told_at_the_field(
        self, session, login, consultant, customer, monkeypatch
    ):
        def refuse(*args, **options):
            raise StoreUnavailable

        monkeypatch.setattr("app.gateways.storage.local.LocalStorage.save", refuse)

        answer = send(login(consultant), customer, (NAME, SMALL_PDF))

        assert answer.status_code == 422
        assert "ذخیره نشد" in answer.text
        assert living(session) == []

    def test_the_same_form_sent_twice_counts_once(self, session, login, consultant, customer):
        browser = login(consultant)

        first, second = [send(browser, customer, (NAME, SMALL_PDF), _nonce="one") for _ in range(2)]

        assert first.status_code == second.status_code == 302
        assert living(session) == [NAME]

    @pytest.mark.parametrize("other", [("دیگر.pdf", SMALL_PDF), (NAME, b"%PDF-1.4 other")])
    def test_other_files_of_the_same_form_are_kept_as_well(self, session, login, consultant, customer, other):
        browser = login(consultant)

        for file in ((NAME, SMALL_PDF), other):
            send(browser, customer, file, _nonce="one")

        assert sorted(living(session)) == sorted([NAME, other[0]])

    def test_the_trail_of_the_row_tells_of_it_once(self, session, login, manager, customer):
        browser = login(manager)
        send(browser, customer, (NAME, SMALL_PDF))
        url = f"{base(customer)}/{session.scalars(select(Attachment.uuid)).one()}"

        browser.post(f"{url}/delete")
        browser.post(f"{url}/restore")
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        page = browser.get(f"/customers/trail/{customer.id}").text

        assert [(each.action, each.object_type) for each in events[-3:]] == [
            ("attach", "Customer"),
            ("detach", "Customer"),
            ("reattach", "Customer"),
        ]
        assert page.count(NAME) >= 3


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


class TestDeleting:
    def test_a_deleted_file_waits_to_be_restored(self, session, login, consultant, customer, file):
        browser, url = login(consultant), f"{base(customer)}/{file.uuid}"

        deleted = browser.post(f"{url}/delete", headers=HTMX)
        gone = browser.get(url).status_code
        page = browser.get(base(customer), headers=HTMX).text
        restored = browser.post(f"{url}/restore", headers=HTMX)

        assert json.loads(deleted.headers["HX-Trigger"])["toast"]["undo_url"] == f"{url}/restore"
        assert json.loads(deleted.headers["HX-Trigger"])["list:reload"]
        assert gone == 404
        assert f"{url}/restore" in page
        assert restored.status_code == 204
        assert fetch(browser, url).data == SMALL_PDF

    def test_deleting_leaves_the_bytes_where_they_are(self, login, consultant, customer, file):
        login(consultant).post(f"{base(customer)}/{file.uuid}/delete")

        with storage().open(file.stored_name) as bytes_there:
            assert bytes_there.read() == SMALL_PDF

    def test_a_row_that_is_full_takes_none_back(self, session, login, consultant, customer, file):
        browser, url = login(consultant), f"{base(customer)}/{file.uuid}"
        browser.post(f"{url}/delete")
        send(browser, customer, *[(f"{number}.pdf", SMALL_PDF) for number in range(20)])

        answer = browser.post(f"{url}/restore", headers=HTMX)

        assert "۲۰ فایل" in json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
        assert len(living(session)) == 20

    def test_after_thirty_days_it_does_not_come_back(self, session, login, consultant, customer, file):
        browser, url = login(consultant), f"{base(customer)}/{file.uuid}"
        browser.post(f"{url}/delete")
        session.refresh(file)
        file.deleted_at -= TRASH_RETENTION
        session.commit()

        answer = browser.post(f"{url}/restore")
        page = browser.get(f"/customers/show/{customer.id}").text.partition('id="row-files"')[2]

        assert answer.status_code == 302
        assert living(session) == []
        assert f'action="{url}/restore"' not in page

    def test_what_is_there_is_not_restored_and_what_is_gone_not_deleted(
        self, login, consultant, customer, file
    ):
        browser, url = login(consultant), f"{base(customer)}/{file.uuid}"

        codes = [browser.post(f"{url}/{act}").status_code for act in ("restore", "delete", "delete")]

        assert codes == [404, 302, 404]

    def test_the_files_of_a_deleted_row_are_out_of_reach_and_come_back_with_it(
        self, session, login, manager, customer, file
    ):
        browser, url = login(manager), f"{base(customer)}/{file.uuid}"

        deleted = browser.post(f"/customers/delete/{customer.id}", headers=HTMX)
        gone = browser.get(url).status_code
        browser.post(json.loads(deleted.headers["HX-Trigger"])["toast"]["undo_url"])

        assert gone == 404
        assert fetch(browser, url).data == SMALL_PDF


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
