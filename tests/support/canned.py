"""Servers that answer every call with the same bytes, whatever these are."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import Event, Thread


@contextmanager
def canned(*pieces: bytes, pause: float = 0.0) -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server that sends *pieces* with pauses between them, and the requests that it got."""
    got: list[bytes] = []
    stopping = Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        thread = Thread(target=_serve, args=(listener, pieces, pause, stopping, got))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", got
        finally:
            stopping.set()
            thread.join()


def _serve(
    listener: socket.socket, pieces: Sequence[bytes], pause: float, stopping: Event, got: list[bytes]
) -> None:
    while not stopping.is_set():
        try:
            connection, _address = listener.accept()
        except TimeoutError:
            continue
        connection.settimeout(5)
        with connection, suppress(OSError):
            got.append(_request(connection))
            for piece in pieces:
                connection.sendall(piece)
                if stopping.wait(pause):
                    break


def _request(connection: socket.socket) -> bytes:
    """The head and as much of a body as it announces, or what came before the other side went away."""
    data, wanted = b"", 1
    while len(data) < wanted and (more := connection.recv(65536)):
        data += more
        head, blank, _body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: *([0-9]+)", head)
        wanted = len(head) + len(blank) + (int(length[1]) if length else 0) if blank else len(data) + 1
    return data


def response(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body
