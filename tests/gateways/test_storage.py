"""Where the bytes lie: one promise, kept by a folder and by a bucket; and what is swept away in time."""

import io
import os
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from app.extensions import db
from app.gateways.storage import StoreUnavailable, TooLarge, Upload, storage
from app.gateways.storage.local import LocalStorage
from app.gateways.storage.s3 import S3Storage
from app.lib.clock import now
from app.services.account.profile import keep_photo
from app.services.attachment import cleanup as attachment_sweep
from app.services.attachment.attach import attach
from app.services.attachment.cleanup import chunks
from app.services.attachment.store import named_by_rows, naming_columns
from app.services.imports.jobs import receive_file
from app.tasks.attachments import sweep_files
from models.attachment import Attachment
from models.customer import Customer
from models.follow_up import FollowUpEntry
from models.job import ExportJob, ImportJob
from models.member import Member
from models.tenancy.scope import Actor, acting_as
from tests.attachment.test_attach import SMALL_PDF, picture
from tests.attachment.test_view import NAME, base, fetch, send
from tests.factories import CustomerFactory, FollowUpFactory, ResultTitleFactory
from tests.support.s3 import KEYS, s3_server

SOME = "بایت‌هایی چند".encode()
MISSING = "00/00/" + "0" * 32


@pytest.fixture(scope="session")
def server():
    with s3_server("ava") as address:
        yield address


@pytest.fixture
def bucket(server, tmp_path) -> S3Storage:
    return S3Storage(f"s3://ava/{tmp_path.name}", copies=tmp_path / "copies", endpoint=server, **KEYS)


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    return (
        LocalStorage(tmp_path / "files") if request.param == "folder" else request.getfixturevalue("bucket")
    )


@pytest.fixture
def in_bucket(app, server, tmp_path, monkeypatch):
    """The app as it is when the settings name a bucket."""
    settings = {"FILES_URL": f"s3://ava/{tmp_path.name}", "FILES_ENDPOINT": server}
    for name, value in {**settings, "FILES_KEY": KEYS["key"], "FILES_SECRET": KEYS["secret"]}.items():
        monkeypatch.setitem(app.config, name, value)


def read(store, name) -> bytes:
    with store.open(name) as file:
        return file.read()


def names(store) -> set[str]:
    return {entry.name for entry in store.entries()}


class TestEveryStore:
    def test_gives_back_what_it_was_given(self, store):
        stored = store.save(io.BytesIO(SOME))

        assert read(store, stored.name) == SOME
        assert store.path(stored.name).read_bytes() == SOME
        assert stored.size == len(SOME)

    def test_tells_what_it_has_and_since_when(self, store):
        before = now() - timedelta(seconds=5)
        stored = store.save(io.BytesIO(SOME))

        [entry] = store.entries()

        assert (entry.name, entry.size) == (stored.name, len(SOME))
        assert before < entry.changed_at < now() + timedelta(seconds=5)

    def test_keeps_nothing_of_what_is_too_large(self, store):
        with pytest.raises(TooLarge):
            store.save(io.BytesIO(bytes(11)), most_bytes=10)

        assert names(store) == set()

    def test_forgets_what_it_is_told_to_as_often_as_it_is_told(self, store):
        stored = store.save(io.BytesIO(SOME))

        store.delete(stored.name)
        store.delete(stored.name)

        assert names(store) == set()
        with pytest.raises(FileNotFoundError):
            store.open(stored.name)

    def test_knows_no_file_that_it_was_not_given(self, store):
        with pytest.raises(FileNotFoundError):
            store.open(MISSING)

    @pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "aa/../../../x"])
    def test_leads_nowhere_else(self, store, name):
        for act in (store.open, store.path, store.delete):
            with pytest.raises((ValueError, FileNotFoundError)):
                act(name)

    def test_keeps_nothing_by_halves(self, store):
        class Torn(io.BytesIO):
            def read(self, size=-1):
                if self.tell():
                    raise OSError("the line is dead")
                return super().read(4)

        with pytest.raises((StoreUnavailable, OSError)):
            store.save(Torn(SOME))

        assert names(store) == set()


class TestBucket:
    @pytest.mark.parametrize("url", ["s3://no-such-bucket", "s3://ava"])
    def test_a_store_that_does_not_take_it_says_so(self, server, tmp_path, url):
        where = server if url != "s3://ava" else "http://127.0.0.1:9"
        store = S3Storage(url, copies=tmp_path, endpoint=where, **KEYS)

        with pytest.raises(StoreUnavailable):
            store.save(io.BytesIO(SOME))

    def test_an_old_copy_is_cleared_away_when_the_next_is_fetched(self, bucket):
        first, second = (bucket.save(io.BytesIO(SOME)).name for _ in range(2))
        copy = bucket.path(first)
        long_ago = now().timestamp() - 2 * 24 * 3600
        os.utime(copy, (long_ago, long_ago))

        bucket.path(second)

        assert not copy.exists()

    def test_files_of_rows_lie_there(self, session, login, manager, in_bucket):
        customer = CustomerFactory()
        session.commit()
        browser = login(manager)

        send(browser, customer, (NAME, SMALL_PDF), ("عکس.jpg", picture()))
        key = session.scalars(select(Attachment.uuid).where(Attachment.original_name == NAME)).one()
        answer = fetch(browser, f"{base(customer)}/{key}")

        assert isinstance(storage(), S3Storage)
        assert len(names(storage())) == 2
        assert answer.data == SMALL_PDF
        assert answer.headers["Content-Length"] == str(len(SMALL_PDF))

    def test_a_file_of_orders_is_read_from_there(self, session, manager, in_bucket):
        text = "موبایل,کالا,تاریخ\n09121234561,K-1,1405/06/01\n".encode()

        job = receive_file(io.BytesIO(text), name="orders.csv", client_token=uuid4())

        assert job.total_rows == 1
        assert names(storage()) == {job.stored_name}

    def test_a_photo_comes_from_there(self, session, login, manager, in_bucket):
        keep_photo(manager, io.BytesIO(picture()))
        session.commit()

        answer = fetch(login(manager), "/account/photo")

        assert answer.status_code == 200
        assert answer.data[8:12] == b"WEBP"

    def test_a_bucket_that_is_away_is_told_at_the_field(
        self, session, login, manager, in_bucket, app, monkeypatch
    ):
        customer = CustomerFactory()
        session.commit()
        monkeypatch.setitem(app.config, "FILES_ENDPOINT", "http://127.0.0.1:9")

        answer = send(login(manager), customer, (NAME, SMALL_PDF))

        assert answer.status_code == 422
        assert "ذخیره نشد" in answer.text


@pytest.fixture(params=["folder", "bucket"])
def each_store(request, app, tmp_path, monkeypatch):
    """The app with an empty store of either kind."""
    if request.param == "bucket":
        request.getfixturevalue("in_bucket")
    else:
        monkeypatch.setitem(app.config, "UPLOAD_FOLDER", str(tmp_path / "files"))


def later(monkeypatch, **span):
    """Let the sweep believe that it is that much later."""
    monkeypatch.setattr(attachment_sweep, "now", lambda: now() + timedelta(**span))


@pytest.mark.usefixtures("each_store")
class TestSweep:
    def test_files_without_a_row_go_after_an_hour_and_not_before(self, session, manager, monkeypatch):
        orphan = storage().save(io.BytesIO(SOME)).name

        later(monkeypatch, minutes=59)
        early = sweep_files(), names(storage())
        later(monkeypatch, minutes=61)
        late = sweep_files(), names(storage())

        assert early == (0, {orphan})
        assert late == (1, set())

    def test_files_with_a_row_stay_whatever_their_row_is(
        self, session, manager, consultant, stranger_organization, monkeypatch
    ):
        home, person, abroad = manager.organization_id, manager.id, stranger_organization.id
        uploads = [Upload("a.pdf", io.BytesIO(SMALL_PDF))]
        with acting_as(session, Actor(home, person)):
            customer, follow_up = CustomerFactory(), FollowUpFactory(consultant_id=consultant.id)
            entry = FollowUpEntry(
                follow_up_id=follow_up.id, result_title_id=ResultTitleFactory().id, by_id=person
            )
            session.add(entry)
            session.flush()
            attach(customer, uploads)
            attach(entry, [Upload("b.pdf", io.BytesIO(SMALL_PDF))])
            (gone,) = attach(customer, [Upload("c.pdf", io.BytesIO(SMALL_PDF))])
            gone.deleted_at = now()
            keep_photo(session.get_one(Member, person), io.BytesIO(picture()))
            orders = io.BytesIO("موبایل,کالا,تاریخ\n09121234561,K-1,1405/06/01\n".encode())
            receive_file(orders, name="a.csv", client_token=uuid4())
            export = storage().save(io.BytesIO(SOME)).name
            session.add(ExportJob(stored_name=export, client_token=uuid4(), section="products"))
        with acting_as(session, Actor(abroad)):
            attach(CustomerFactory(), [Upload("d.pdf", io.BytesIO(SMALL_PDF))])
        session.commit()
        there = names(storage())
        storage().save(io.BytesIO(SOME))

        later(monkeypatch, days=400)
        deleted = sweep_files()

        assert len(there) == 7
        assert deleted == 1
        assert names(storage()) == there

    def test_it_takes_the_store_in_pieces(self, session, manager, monkeypatch):
        for _ in range(5):
            storage().save(io.BytesIO(SOME))
        monkeypatch.setattr(attachment_sweep, "CHUNK", 2)
        later(monkeypatch, hours=2)

        sizes = [len(each) for each in chunks(storage().entries())]
        deleted = sweep_files()

        assert sizes == [2, 2, 1]
        assert deleted == 5

    def test_files_follow_the_row_that_was_erased(self, session, manager, monkeypatch):
        kept, erased = CustomerFactory(), CustomerFactory()
        attach(kept, [Upload("a.pdf", io.BytesIO(SMALL_PDF))])
        attach(erased, [Upload("b.pdf", io.BytesIO(SMALL_PDF))])
        session.commit()
        home, key = manager.organization_id, erased.id
        session.execute(delete(Customer).where(Customer.id == key))
        session.commit()

        later(monkeypatch, hours=2)
        deleted = sweep_files()

        assert deleted == 1
        with acting_as(session, Actor(home)):
            assert session.scalars(select(Attachment.original_name)).all() == ["a.pdf"]


class TestNames:
    def test_every_table_that_names_files_is_asked(self):
        told = {str(column) for column in naming_columns()}

        assert told == {"ExportJob.stored_name", "ImportJob.stored_name", "Member.photo"}
        assert ImportJob.stored_name in naming_columns()

    def test_a_name_that_no_row_has_is_not_among_them(self, session, manager):
        assert named_by_rows([MISSING, "aa/bb/no name", f"{MISSING}.part"]) == set()


def test_what_somebody_else_put_there_is_not_ours_to_sweep(app, session, manager, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "UPLOAD_FOLDER", str(tmp_path))
    foreign = tmp_path / "some" / "folder" / "notes.txt"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(SOME)

    later(monkeypatch, hours=2)

    assert sweep_files() == 0
    assert foreign.exists()


def test_what_a_crash_left_unfinished_is_swept_away(app, session, manager, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "UPLOAD_FOLDER", str(tmp_path))
    part = tmp_path / f"{MISSING}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(SOME)

    later(monkeypatch, hours=2)
    sweep_files()

    assert not part.exists()
    assert db.session.scalars(select(Attachment.id)).all() == []
