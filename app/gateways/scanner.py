"""Client of clamd: it sends a file in chunks (INSTREAM) and reads the verdict."""

from __future__ import annotations

import enum
import socket
import struct
from typing import BinaryIO

from flask import current_app

_TIMEOUT = 60.0
_CHUNK = 64 * 1024
_LONGEST_ANSWER = 4096


class Verdict(enum.Enum):
    CLEAN = "clean"
    INFECTED = "infected"
    FAILED = "failed"  # the scanner has answered, and could not scan this file


class ScannerAway(Exception):
    """The scanner could not be reached, or did not answer."""


def is_configured() -> bool:
    return bool(current_app.config["CLAMD_ADDRESS"])


def scan(stream: BinaryIO) -> Verdict:
    """The verdict on the contents of *stream*; raises `ScannerAway`."""
    host, _colon, port = current_app.config["CLAMD_ADDRESS"].rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=_TIMEOUT) as connection:
            answer = _converse(connection, stream)
    except OSError as error:
        raise ScannerAway from error
    if answer.endswith(b" OK"):
        return Verdict.CLEAN
    if answer.endswith(b" FOUND"):
        return Verdict.INFECTED
    if not answer:
        raise ScannerAway
    return Verdict.FAILED


def _converse(connection: socket.socket, stream: BinaryIO) -> bytes:
    try:
        connection.sendall(b"zINSTREAM\0")
        while chunk := stream.read(_CHUNK):
            connection.sendall(struct.pack("!L", len(chunk)) + chunk)
        connection.sendall(struct.pack("!L", 0))
    except BrokenPipeError:
        # It has refused a file that is too large, and its answer says so.
        pass
    answer = b""
    while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
        part = connection.recv(_LONGEST_ANSWER)
        if not part:
            break
        answer += part
    return answer.rstrip(b"\0").strip()
