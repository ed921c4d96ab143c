"""The cleanup of stored files that no row names."""

import io
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from app.extensions import db
from app.gateways.storage import Upload, storage
from app.lib.clock import now
from app.services.account.profile import save_photo
from app.services.attachment import cleanup
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
from tests.attachment.file_steps import SMALL_PDF, picture
from tests.factories import CustomerFactory, FollowUpFactory, ResultTitleFactory
from tests.gateways.test_storage import MISSING, SOME, names


@pytest.fixture(params=["folder", "bucket"])
def each_store(request, app, tmp_path, monkeypatch):
    """Configures the app with an empty store of either kind."""
    if request.param == "bucket":
        request.getfixturevalue("in_bucket")
    else:
        monkeypatch.setitem(app.config, "UPLOAD_FOLDER", str(tmp_path / "files"))


def later(monkeypatch, **span):
    """Shift the cleanup's clock forward."""
    monkeypatch.setattr(cleanup, "now", lambda: now() + timedelta(**span))


@pytest.mark.usefixtures("each_store")
class TestSweep:
    def test_files_without_a_row_are_deleted_after_an_hour(self, session, manager, monkeypatch):
        orphan = storage().save(io.BytesIO(SOME)).name

        later(monkeypatch, minutes=59)
        early = sweep_files(), names(storage())
        later(monkeypatch, minutes=61)
        late = sweep_files(), names(storage())

        assert early == (0, {orphan})
        assert late == (1, set())

    def test_files_with_a_row_stay(self, session, manager, consultant, stranger_organization, monkeypatch):
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
            save_photo(session.get_one(Member, person), io.BytesIO(picture()))
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

    def test_it_reads_the_store_in_chunks(self, session, manager, monkeypatch):
        for _ in range(5):
            storage().save(io.BytesIO(SOME))
        monkeypatch.setattr(cleanup, "CHUNK", 2)
        later(monkeypatch, hours=2)

        sizes = [len(each) for each in chunks(storage().entries())]
        deleted = sweep_files()

        assert sizes == [2, 2, 1]
        assert deleted == 5

    def test_files_of_a_deleted_row_are_deleted(self, session, manager, monkeypatch):
        remaining, erased = CustomerFactory(), CustomerFactory()
        attach(remaining, [Upload("a.pdf", io.BytesIO(SMALL_PDF))])
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


class TestStoredNames:
    def test_every_column_with_file_names_is_checked(self):
        columns = {str(column) for column in naming_columns()}

        assert columns == {"ExportJob.stored_name", "ImportJob.stored_name", "Member.photo"}
        assert ImportJob.stored_name in naming_columns()

    def test_an_unused_name_is_not_found(self, session, manager):
        assert named_by_rows([MISSING, "aa/bb/no name", f"{MISSING}.part"]) == set()


def test_foreign_files_are_not_deleted(app, session, manager, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "UPLOAD_FOLDER", str(tmp_path))
    foreign = tmp_path / "some" / "folder" / "notes.txt"
    foreign.parent.mkdir(parents=True)
    foreign.write_bytes(SOME)

    later(monkeypatch, hours=2)

    assert sweep_files() == 0
    assert foreign.exists()


def test_unfinished_files_are_deleted(app, session, manager, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "UPLOAD_FOLDER", str(tmp_path))
    part = tmp_path / f"{MISSING}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(SOME)

    later(monkeypatch, hours=2)
    sweep_files()

    assert not part.exists()
    assert db.session.scalars(select(Attachment.id)).all() == []
