"""Attached files: kinds, names and limits."""

import io
import random
import zipfile

import pytest

from app.gateways.storage import MOST_BYTES, Upload
from app.services.attachment.attach import attach, clean_name
from app.services.attachment.content import JPEG, PDF, PNG, TEXT, WEBP
from app.services.attachment.file_type import FileRefused
from app.services.attachment.office import DOCX, XLSX, office_kind
from app.services.attachment.sound import MP3, OGG
from models.attachment import Attachment
from models.customer import Customer
from models.tenancy.scope import Actor, acting_as, bind
from tests.attachment.file_steps import SMALL_PDF, bytes_of, number_of, picture, stored_names, upload
from tests.factories import CustomerFactory


def archive(*names, compression=zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", compression) as file:
        for name in names:
            file.writestr(name, '<?xml version="1.0"?><a/>')
    return packed.getvalue()


WORDS = archive("[Content_Types].xml", "word/document.xml")
TABLE = archive("[Content_Types].xml", "xl/workbook.xml", compression=zipfile.ZIP_STORED)


def uploads(number, data=SMALL_PDF) -> list[Upload]:
    return [upload(data) for _ in range(number)]


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

    def test_a_large_archive_of_text_that_packs_well_is_accepted(self, customer):
        packed, rare = io.BytesIO(), random.Random(1).randbytes(200_000)
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
            # About a fiftieth: far more than usual, and less than a trap.
            file.writestr("xl/workbook.xml", rare + bytes(11 * 1024 * 1024))

        [row] = attach(customer, [upload(packed.getvalue(), "a.xlsx")])

        assert row.detected_type == XLSX

    @pytest.mark.parametrize(("members", "is_accepted"), [(5_000, True), (5_001, False)])
    def test_an_archive_has_at_most_five_thousand_members(self, members, is_accepted):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as file:
            file.writestr("xl/workbook.xml", b"")
            for number in range(members - 1):
                file.writestr(f"xl/{number}", b"")

        assert office_kind(packed.getvalue()) == (XLSX if is_accepted else None)


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
