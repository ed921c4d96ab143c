"""F16: pictures, papers and recordings of calls, named and written as telephones and programs do."""

import pytest

from app.services.attachment.file_type import FileRefused, kind_of, named
from tests.attachment.file_steps import SMALL_PDF, picture


def box(name: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + name + content


def mp4(brand: bytes, *tracks: bytes) -> bytes:
    """An MP4 file with a handler for each of its tracks."""
    handlers = b"".join(box(b"hdlr", bytes(8) + track + bytes(12)) for track in tracks)
    return box(b"ftyp", brand + bytes(4)) + box(b"mdat", b"\x01" * 40) + box(b"moov", handlers)


WAV = b"RIFF" + (36).to_bytes(4, "little") + b"WAVEfmt " + bytes(28)


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (picture(), "عکس.jfif", "image/jpeg"),
        (picture("PNG"), "عکس.jfif", "image/png"),
        (b"\xef\xbb\xbf" + SMALL_PDF, "فاکتور.pdf", "application/pdf"),
        (b"\r\n" + SMALL_PDF, "فاکتور.pdf", "application/pdf"),
        (mp4(b"M4A ", b"soun"), "تماس.m4a", "audio/mp4"),
        (mp4(b"isom", b"soun"), "call.mp3", "audio/mp4"),
        (mp4(b"3gp4", b"soun"), "call.3gp", "audio/3gpp"),
        (b"#!AMR\n" + b"\x3c" * 32, "call.amr", "audio/amr"),
        (b"#!AMR-WB\n" + b"\x3c" * 32, "call.awb", "audio/amr"),
        (WAV, "call.wav", "audio/wav"),
        (b"ID3\x03\x00" + bytes(20), "call.mp3", "audio/mpeg"),
        (b"OggS" + bytes(20), "call.ogg", "audio/ogg"),
        (b"\xff\xf1" + bytes(20), "call.aac", "audio/aac"),
    ],
)
def test_f16_what_people_attach_is_accepted(data, name, kind):
    assert kind_of(data, name) == kind
    assert named(name, kind) == name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (mp4(b"isom", b"soun", b"vide"), "film.mp4"),
        (mp4(b"isom"), "call.m4a"),
        (mp4(b"M4A ", b"soun") + b"<script>", "call.m4a"),
        (WAV, "call.pdf"),
        (picture(), "call.wav"),
        (b"#!AMR-other\n", "call.amr"),
        (b"#!/bin/sh\n", "call.amr"),
        (b"\xef\xbb\xbf" * 2 + SMALL_PDF, "a.pdf"),
        (b"RIFF" + bytes(4) + b"AVI " + bytes(20), "call.wav"),
        (b"RIFF" + bytes(4) + b"WAVF" + bytes(20), "call.wav"),
        (b"RIFX" + bytes(4) + b"WAVE" + bytes(20), "call.wav"),
        (b"RIFE" + bytes(4) + b"WAVE" + bytes(20), "call.wav"),
    ],
)
def test_f16_what_is_something_else_is_refused(data, name):
    with pytest.raises(FileRefused):
        kind_of(data, name)


def test_a_recording_without_an_ending_gets_one():
    assert named("تماس", kind_of(mp4(b"3gp5", b"soun"), "تماس")) == "تماس.3gp"
