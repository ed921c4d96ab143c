"""The file stores: folder and bucket."""

import io
import os
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.gateways.storage import StoreUnavailable, TooLarge, storage
from app.gateways.storage.local import LocalStorage
from app.gateways.storage.s3 import S3Storage
from app.lib.clock import now
from app.services.account.profile import save_photo
from app.services.imports.jobs import receive_file
from models.attachment import Attachment
from tests.attachment.file_steps import SMALL_PDF, picture
from tests.attachment.view_steps import NAME, base, fetch, send
from tests.factories import CustomerFactory
from tests.support.s3 import KEYS

SOME = "بایت‌هایی چند".encode()
MISSING = "00/00/" + "0" * 32


@pytest.fixture(params=["folder", "bucket"])
def store(request, tmp_path):
    return (
        LocalStorage(tmp_path / "files") if request.param == "folder" else request.getfixturevalue("bucket")
    )


def read(store, name) -> bytes:
    with store.open(name) as file:
        return file.read()


def names(store) -> set[str]:
    return {entry.name for entry in store.entries()}


class TestEveryStore:
    def test_returns_the_saved_bytes(self, store):
        stored = store.save(io.BytesIO(SOME))

        assert read(store, stored.name) == SOME
        assert store.path(stored.name).read_bytes() == SOME
        assert stored.size == len(SOME)

    def test_lists_files_with_size_and_time(self, store):
        before = now() - timedelta(seconds=5)
        stored = store.save(io.BytesIO(SOME))

        [entry] = store.entries()

        assert (entry.name, entry.size) == (stored.name, len(SOME))
        assert before < entry.changed_at < now() + timedelta(seconds=5)

    def test_saves_nothing_of_a_file_that_is_too_large(self, store):
        with pytest.raises(TooLarge):
            store.save(io.BytesIO(bytes(11)), most_bytes=10)

        assert names(store) == set()

    def test_deletes_a_file_and_ignores_a_missing_one(self, store):
        stored = store.save(io.BytesIO(SOME))

        store.delete(stored.name)
        store.delete(stored.name)

        assert names(store) == set()
        with pytest.raises(FileNotFoundError):
            store.open(stored.name)

    def test_raises_for_a_missing_file(self, store):
        with pytest.raises(FileNotFoundError):
            store.open(MISSING)

    @pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "aa/../../../x"])
    def test_refuses_names_outside_the_store(self, store, name):
        for act in (store.open, store.path, store.delete):
            with pytest.raises((ValueError, FileNotFoundError)):
                act(name)

    def test_saves_nothing_when_the_source_fails(self, store):
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
    def test_a_missing_or_unreachable_bucket_raises(self, server, tmp_path, url):
        where = server if url != "s3://ava" else "http://127.0.0.1:9"
        store = S3Storage(url, copies=tmp_path, endpoint=where, **KEYS)

        with pytest.raises(StoreUnavailable):
            store.save(io.BytesIO(SOME))

    def test_an_old_copy_is_deleted_when_the_next_is_fetched(self, bucket):
        first, second = (bucket.save(io.BytesIO(SOME)).name for _ in range(2))
        copy = bucket.path(first)
        long_ago = now().timestamp() - 2 * 24 * 3600
        os.utime(copy, (long_ago, long_ago))

        bucket.path(second)

        assert not copy.exists()

    def test_attachments_are_stored_in_the_bucket(self, session, login, manager, in_bucket):
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
        save_photo(manager, io.BytesIO(picture()))
        session.commit()

        answer = fetch(login(manager), "/account/photo")

        assert answer.status_code == 200
        assert answer.data[8:12] == b"WEBP"

    def test_an_unreachable_bucket_is_reported_at_the_field(
        self, session, login, manager, in_bucket, app, monkeypatch
    ):
        customer = CustomerFactory()
        session.commit()
        monkeypatch.setitem(app.config, "FILES_ENDPOINT", "http://127.0.0.1:9")

        answer = send(login(manager), customer, (NAME, SMALL_PDF))

        assert answer.status_code == 422
        assert "ذخیره نشد" in answer.text
