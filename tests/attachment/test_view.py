"""Files on the page of a row: attaching, deleting and restoring them."""

import io
import json

import pytest
from sqlalchemy import select

from app.gateways.storage import StoreUnavailable, Upload, storage
from app.services.attachment.attach import attach
from models.attachment import Attachment
from models.audit.event import AuditEvent
from models.customer import Customer
from models.trash import TRASH_RETENTION
from tests.attachment.file_steps import SMALL_PDF, picture
from tests.attachment.view_steps import NAME, base, fetch, send
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory

pytestmark = pytest.mark.usefixtures("colleagues_rows")


HTMX = {"HX-Request": "true"}


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

        assert {rule.split("/")[1] for rule in rules} == {
            "customers",
            "messages",
            "orders",
            "follow-ups",
            "sales",
            "tasks",
            "tickets",
            "support",
            "transactions",
            "dossiers",
            "dossier-documents",
            "console",
        }

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
