"""Recordings of calls, by content: telephones write them in many formats."""

from __future__ import annotations

MP3, OGG = "audio/mpeg", "audio/ogg"
M4A, THREE_GP = "audio/mp4", "audio/3gpp"
AMR, WAV, AAC = "audio/amr", "audio/wav", "audio/aac"
SOUNDS = (MP3, OGG, M4A, THREE_GP, AMR, WAV, AAC)
# Recordings often have the extension of another format.
SOUND_ENDINGS = ("mp3", "ogg", "oga", "opus", "m4a", "mp4", "3gp", "3gpp", "amr", "awb", "wav", "aac")
FIRST_ENDING = {MP3: "mp3", OGG: "ogg", M4A: "m4a", THREE_GP: "3gp", AMR: "amr", WAV: "wav", AAC: "aac"}

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"\xff\xfa", MP3),
    (b"\xff\xf3", MP3),
    (b"\xff\xf2", MP3),
    (b"\xff\xf1", AAC),
    (b"\xff\xf9", AAC),
    (b"OggS", OGG),
    (b"#!AMR\n", AMR),
    (b"#!AMR-WB\n", AMR),
)
_HANDLER, _KIND_AT = b"hdlr", 12


def sound_kind(data: bytes) -> str | None:
    """The media type of a recording; None for other data, films included."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return WAV
    if data[4:8] == b"ftyp" and _tracks(data) == {b"soun"}:
        return THREE_GP if data[8:10] == b"3g" else M4A
    return None


def _tracks(data: bytes) -> set[bytes]:
    """The kinds of the tracks of an MP4 file that are heard or seen."""
    kinds, at = set(), data.find(_HANDLER)
    while at >= 0:
        kinds.add(data[at + _KIND_AT : at + _KIND_AT + 4])
        at = data.find(_HANDLER, at + 1)
    return kinds & {b"soun", b"vide"}
