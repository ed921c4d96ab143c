"""Names that lead where a test wants them to."""

from __future__ import annotations

import socket

import pytest


def resolving_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Every name has *addresses*, and nobody answers there."""

    def nobody(*_address: object) -> socket.socket:
        raise ConnectionRefusedError

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_named: found)
    monkeypatch.setattr(socket, "create_connection", nobody)
