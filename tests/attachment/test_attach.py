"""What may be attached: told by the bytes, drawn anew, counted, and kept before the row that names it."""

import io
import zipfile
import zlib

import pytest
from PIL import Image
from sqlalchemy import func, select

from app.gateways.storage import MOST_BYTES, Upload, local, storage
from app.services.attachment.attach import attach, clean_name
from app.services.attachment.file_type import DOCX, JPEG, MP3, OGG, PDF, PNG, TEXT, WEBP, XLSX, FileRefused
from app.services.attachment.image import MOST_POINTS
from models.attachment import Attachment
from models.customer import Customer
from models.tenancy.scope import Actor, acting_as, bind
from tests.factories import CustomerFactory, FollowUpFactory, OrderFactory

SMALL_PDF = b"%PDF-1.4\n%%EOF\n"


def picture(form="JPEG", size=(30, 20), **options) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, "teal").save(drawn, form, **options)
    return drawn.getvalue()


def archive(*names, compression=zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as file:
        for name in names:
            file.writestr(name, '<?xml version="1.0"?><a/>')
    return packed.getvalue()


WORDS = archive("[Content_Types].xml", "word/document.xml")
TABLE = archive("[Content_Types].xml", "xl/workbook.xml", compression=zipfile.ZIP_STORED)


def upload(data, name="فاکتور شمارهٔ ۱") -> Upload:
    return Upload(name, io.BytesIO(data))


def uploads(number, data=SMALL_PDF) -> list[Upload]:
    return [upload(data) for _ in range(number)]


def bytes_of(kept) -> bytes:
    with storage().open(kept.stored_name) as file:
        return file.read()


def number_of(session, condition=True) -> int:
    return session.scalar(select(func.count(Attachment.id)).where(condition))


def stored_names() -> set[str]:
    return {entry.name for entry in storage().entries()}


@pytest.fixture
def customer(session, manager) -> Customer:
    row = CustomerFactory()
    session.commit()
    return row


class TestKinds:
    @pytest.mark.parametrize(
        ("data", "kind"),
        [
            (SMALL_PDF, PDF),
            (picture("JPEG"), JPEG),
            (picture("PNG"), PNG),
            (picture("WEBP"), WEBP),
            (WORDS, DOCX),
            (TABLE, XLSX),
            (b"ID3\x03\x00" + bytes(50), MP3),
            (b"\xff\xfb\x90\x64" + bytes(50), MP3),
            (b"OggS\x00\x02" + bytes(50), OGG),
            ("یادداشت تماس\r\n\tفردا".encode(), TEXT),
            ("یادداشت تماس".encode("utf-16"), TEXT),
            (b"\xef\xbb\xbf" + "کد،نام".encode(), TEXT),
        ],
    )
    def test_a_file_is_what_its_bytes_say(self, customer, data, kind):
        (kept,) = attach(customer, [upload(data)])

        assert kept.detected_type == kind
        assert bytes_of(kept) == data or kind in {JPEG, PNG, WEBP}

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            b"  \n<!DOCTYPE html><p>",
            b"\xef\xbb\xbf<html>",
            "<html><script>".encode("utf-16"),
            b'<?xml version="1.0"?><svg/>',
            b"hello <script>alert(1)</script>",
            b"#!/bin/sh\nrm -rf",
            b"{\\rtf1 x}",
            b"MZ\x90\x00\x03",
            b"\x7fELF\x02\x01",
            b"GIF89a\x01\x00",
            b"BM\x00\x00",
            b"text with \x00 in it",
            "حروف".encode("cp1256"),
            archive("a.txt"),
            archive("word/document.xml", "word/vbaProject.bin"),
            archive("xl/workbook.xml", "META-INF/MANIFEST.MF"),
            archive("word/document.xml", "../../etc/passwd"),
            b"PK\x03\x04 no archive",
        ],
    )
    def test_other_kinds_are_refused(self, session, customer, data):
        with pytest.raises(FileRefused):
            attach(customer, [upload(data)])

        assert number_of(session) == 0

    @pytest.mark.parametrize(
        "data",
        [
            SMALL_PDF + WORDS,
            picture() + WORDS,
            picture() + WORDS + b"behind it",
            WORDS + b"<html>",
            WORDS + b"something behind it",
            WORDS[:30] + b"%PDF-1.4" + WORDS[30:],
            b"ID3\x03\x00" + b"<script>alert(1)</script>",
            b"OggS" + b"<svg onload=alert(1)>",
            b"%PDF-1.4\n" + b"\n" * 9000 + b"<script >",
            picture() + b"<?php system($_GET[0]);",
            b"a text\n%PDF-1.4",
        ],
    )
    def test_what_is_two_things_at_once_is_refused(self, customer, data):
        with pytest.raises(FileRefused):
            attach(customer, [upload(data)])

    def test_an_archive_far_larger_inside_is_refused(self, customer):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("xl/workbook.xml", bytes(11 * 1024 * 1024))

        with pytest.raises(FileRefused):
            attach(customer, [upload(packed.getvalue())])


class TestNames:
    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("فاکتور نهایی.pdf", "فاکتور نهایی.pdf"),
            ("نیم‌فاصله.PDF", "نیم‌فاصله.PDF"),
            ("بی پسوند", "بی پسوند.pdf"),
            ("نسخهٔ ۱.۲", "نسخهٔ ۱.۲.pdf"),
            ("../../etc/رسید.pdf", "etcرسید.pdf"),
            ("رسید\r\nSet-Cookie: a=b.pdf", "رسیدSet-Cookie: a=b.pdf"),
            ("invoice\u202efdp.pdf", "invoicefdp.pdf"),
            ("a\u061c\u2028b\u2060\ufeff\xad.pdf", "ab.pdf"),
            ("می\u200cشود.pdf", "می\u200cشود.pdf"),
            ("", "file.pdf"),
            ("ن" * 400 + ".pdf", "ن" * 196 + ".pdf"),
        ],
    )
    def test_a_name_stays_as_it_was_but_for_what_steers(self, customer, given, kept):
        (file,) = attach(customer, [upload(SMALL_PDF, given)])

        assert file.original_name == kept

    @pytest.mark.parametrize("name", ["رسید.exe", "رسید.pdf.html", "رسید.svg", "رسید.docx", "رسید.txt"])
    def test_a_name_of_another_kind_is_refused(self, customer, name):
        with pytest.raises(FileRefused):
            attach(customer, [upload(SMALL_PDF, name)])

    def test_no_name_is_empty(self):
        assert clean_name(" ... ") == "file"


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


class TestLimits:
    def test_a_file_of_ten_megabytes_is_kept_and_one_byte_more_is_not(self, session, customer):
        (kept,) = attach(customer, [upload(SMALL_PDF.ljust(MOST_BYTES))])

        with pytest.raises(FileRefused, match="۱۰"):
            attach(customer, [upload(SMALL_PDF.ljust(MOST_BYTES + 1))])

        assert kept.size == MOST_BYTES
        assert number_of(session) == 1

    def test_a_row_has_at_most_twenty_files(self, session, customer):
        attach(customer, uploads(18))

        with pytest.raises(FileRefused, match="۲۰"):
            attach(customer, uploads(3))
        attach(customer, uploads(2))

        assert number_of(session, Attachment.of(customer)) == 20

    def test_files_in_the_trash_do_not_count_for_their_row_but_take_room(
        self, session, customer, monkeypatch
    ):
        kept = attach(customer, uploads(20))
        for each in kept:
            each.deleted_at = each.created_at
        session.flush()

        attach(customer, [upload(SMALL_PDF)])
        monkeypatch.setattr("app.services.attachment.attach.MOST_TOGETHER", 21 * len(SMALL_PDF) + 1)

        with pytest.raises(FileRefused, match="۵ گیگابایت"):
            attach(customer, [upload(SMALL_PDF)])

    def test_the_room_is_the_organisations_whoever_uses_it(
        self, session, stranger_organization, customer, consultant, monkeypatch
    ):
        monkeypatch.setattr("app.services.attachment.attach.MOST_TOGETHER", 2 * len(SMALL_PDF))
        attach(customer, [upload(SMALL_PDF)])
        home, person = customer.organization_id, consultant.id
        with acting_as(session, Actor(stranger_organization.id)):
            attach(CustomerFactory(), uploads(2))

        bind(session, Actor(home, person, own=True))
        theirs = CustomerFactory(created_by_id=person)
        attach(theirs, [upload(SMALL_PDF)])

        with pytest.raises(FileRefused):
            attach(theirs, [upload(SMALL_PDF)])

    def test_when_one_is_refused_none_is_kept(self, session, customer):
        before = stored_names()

        with pytest.raises(FileRefused):
            attach(customer, [upload(SMALL_PDF), upload(b"<svg/>")])

        assert number_of(session) == 0
        assert stored_names() == before


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
