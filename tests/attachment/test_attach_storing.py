"""Attached files: pictures, storing and scope."""

import io
import zlib

import pytest
from PIL import Image
from sqlalchemy import select, update

from app.gateways.storage import local
from app.lib.clock import now
from app.services.attachment.attach import attach
from app.services.attachment.file_type import FileRefused
from app.services.attachment.image import MOST_POINTS
from models.attachment import Attachment
from models.customer import Customer
from models.tenancy.scope import Actor, acting_as, bind
from tests.attachment.file_steps import SMALL_PDF, bytes_of, number_of, picture, stored_names, upload
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory


@pytest.fixture
def customer(session, manager) -> Customer:
    row = CustomerFactory()
    session.commit()
    return row


class TestPictures:
    def test_where_and_with_what_it_was_taken_is_not_kept(self, customer):
        exif = Image.Exif()
        exif[0x010F] = "Camera of somebody"
        exif.get_ifd(0x8825)[2] = (35.0, 41.0, 0.0)
        data = picture(exif=exif, comment=b"a word") + b"a tail"

        (kept,) = attach(customer, [upload(data, "عکس.jpg")])

        stored = bytes_of(kept)
        assert not [word for word in (b"Camera", b"a word", b"a tail", b"Exif") if word in stored]
        assert kept.size == len(stored)

    def test_it_stands_as_its_camera_was_held(self, customer):
        exif = Image.Exif()
        exif[0x0112] = 6

        (kept,) = attach(customer, [upload(picture(size=(40, 20), exif=exif))])

        with Image.open(io.BytesIO(bytes_of(kept))) as image:
            assert image.size == (20, 40)

    def test_it_is_kept_and_turned_whatever_else_its_camera_wrote(self, customer):
        exif = Image.Exif()
        exif[0x010F], exif[0x0112] = "Cam", 6
        sent = picture(size=(40, 20), exif=exif)
        # A width that is a word: no reader minds, but nobody can write it again.
        broken = sent.replace(b"\x01\x0f\x00\x02", b"\x01\x00\x00\x02")

        (kept,) = attach(customer, [upload(broken)])

        assert broken != sent
        with Image.open(io.BytesIO(bytes_of(kept))) as image:
            assert image.size == (20, 40)

    def test_it_is_kept_where_nobody_can_read_what_its_camera_wrote(self, customer):
        exif = Image.Exif()
        exif[0x0112] = 6
        sent = picture(size=(40, 20), exif=exif)
        at = sent.index(b"Exif\0\0") + 6

        (kept,) = attach(customer, [upload(sent[:at] + b"XXXX" + sent[at + 4 :])])

        with Image.open(io.BytesIO(bytes_of(kept))) as image:
            assert image.size == (40, 20)

    def test_glass_stays_glass(self, customer):
        drawn = io.BytesIO()
        Image.new("RGBA", (4, 4), (10, 20, 30, 0)).save(drawn, "PNG")

        (kept,) = attach(customer, [upload(drawn.getvalue())])

        with Image.open(io.BytesIO(bytes_of(kept))) as image:
            assert image.getpixel((0, 0)) == (10, 20, 30, 0)

    @pytest.mark.parametrize("side", [10_000, 60_000])
    def test_a_picture_with_too_many_points_is_refused_before_it_is_unpacked(self, customer, side):
        with pytest.raises(FileRefused):
            attach(customer, [upload(png_of(side))])

        assert side**2 > MOST_POINTS

    @pytest.mark.parametrize(
        "data", [picture()[:200], picture("PNG")[:60], b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"]
    )
    def test_half_a_picture_is_refused(self, customer, data):
        with pytest.raises(FileRefused):
            attach(customer, [upload(data)])


def png_of(side: int) -> bytes:
    """A picture that says it is large, and holds next to nothing."""

    def part(kind, content):
        checksum = zlib.crc32(kind + content).to_bytes(4, "big")
        return len(content).to_bytes(4, "big") + kind + content + checksum

    head = side.to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    points = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", points) + part(b"IEND", b"")


class TestLost:
    def test_a_row_that_was_deleted_since_it_was_read_gets_no_file(self, session, customer):
        other = CustomerFactory()
        session.commit()
        gone = update(Customer).where(Customer.id == customer.id).values(deleted_at=now())
        session.execute(gone, execution_options={"synchronize_session": False})
        before = stored_names()

        with pytest.raises(FileRefused, match="حذف"):
            attach(customer, [upload(SMALL_PDF)])
        attach(other, [upload(SMALL_PDF)])

        assert number_of(session) == 1
        assert len(stored_names() - before) == 1


class TestStoring:
    def test_a_full_disk_is_told_at_the_field_and_leaves_what_was_there(self, session, customer, monkeypatch):
        (old,) = attach(customer, [upload(SMALL_PDF)])
        before = stored_names()

        def full(handle):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(local.os, "fsync", full)
        with pytest.raises(FileRefused) as refusal:
            attach(customer, [upload(SMALL_PDF)])

        assert refusal.value.field == "files"
        assert "ذخیره نشد" in str(refusal.value)
        assert stored_names() == before
        assert bytes_of(old) == SMALL_PDF

    def test_the_bytes_are_safe_before_the_row_is(self, customer, monkeypatch):
        order = []
        real_fsync, real_rename = local.os.fsync, local.Path.rename
        monkeypatch.setattr(local.os, "fsync", lambda handle: (order.append("fsync"), real_fsync(handle)))
        monkeypatch.setattr(
            local.Path, "rename", lambda *names: (order.append("rename"), real_rename(*names))
        )
        monkeypatch.setattr(
            "app.services.attachment.attach.refuse_full",
            lambda *args, **options: order.append("count" if options else "look"),
        )

        attach(customer, [upload(SMALL_PDF)])

        assert order == ["look", "fsync", "rename", "fsync", "fsync", "fsync", "count"]


class TestScope:
    def test_files_are_seen_by_whoever_sees_their_row(self, session, manager, consultant, colleague):
        mine = FollowUpFactory(consultant_id=consultant.id)
        theirs = FollowUpFactory(consultant_id=colleague.id)
        parents = [mine, mine.order, mine.customer, theirs, theirs.order, theirs.customer, OrderFactory()]
        kept = [attach(parent, [upload(SMALL_PDF)])[0].id for parent in parents]
        session.commit()

        bind(session, Actor(manager.organization_id, consultant.id, own=True))
        seen = set(session.scalars(select(Attachment.id)))

        assert seen == set(kept[:3])

    def test_files_of_common_rows_are_seen_by_all(self, session, manager, consultant):
        product = FollowUpFactory().product
        attach(product, [upload(SMALL_PDF)])
        session.commit()

        bind(session, Actor(manager.organization_id, consultant.id, own=True))

        assert number_of(session) == 1

    def test_another_organisation_sees_none(self, session, stranger_organization, customer):
        stranger = stranger_organization.id
        attach(customer, [upload(SMALL_PDF)])

        with acting_as(session, Actor(stranger)):
            assert number_of(session) == 0

    def test_a_row_of_another_table_with_the_same_key_has_none_of_them(self, session, customer):
        attach(customer, [upload(SMALL_PDF)])
        order = OrderFactory()
        order_like = type("Like", (), {"id": customer.id, "__tablename__": order.__tablename__})()

        assert number_of(session, Attachment.of(order_like)) == 0
