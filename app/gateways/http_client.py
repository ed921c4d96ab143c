"""The one client for calls to the outside: no redirect, no second try, and a clear word on whether anything left."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address
from threading import Timer
from urllib.parse import SplitResult, urlsplit

CONNECT_TIMEOUT = 5.0
RESPONSE_TIMEOUT = 20.0
# Names, several addresses and a handshake together: later than this, the lease of what is sent may have ended.
SEND_DEADLINE = 15.0
# Two hundred long texts come back in Persian, each letter written as six bytes.
MOST_BYTES = 4 * 1024 * 1024


class NotSent(Exception):
    """Nothing of the request left this machine."""


class NoResponse(Exception):
    """The request may have arrived; no whole answer came back."""


@dataclass(frozen=True)
class Request:
    """What to call; the address may hold a key, hence it stands in no representation."""

    url: str = field(repr=False)
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


def call(request: Request, *, public_only: bool) -> Reply:
    """The answer to *request*; *public_only* refuses plain HTTP and addresses of private networks.

    Raises `NotSent` or `NoResponse`, whose words never tell the address.
    """
    began = time.monotonic()
    # It is given its socket below, and must not look for another when that closes.
    connection = http.client.HTTPConnection("localhost")
    connection.auto_open = 0
    try:
        with _in_words(NotSent):
            parts = urlsplit(request.url)
            connection.sock = _connected(parts, public_only=public_only)
            _put_head(connection, request, parts)
            # A process that was frozen must not send what others have taken over meanwhile.
            if time.monotonic() - began > SEND_DEADLINE:
                raise NotSent("too late")
        with _in_words(NoResponse), _ended_in_time(connection.sock):
            return _exchange(connection, request.body)
    finally:
        connection.close()


@contextmanager
def _in_words(kind: type[NotSent | NoResponse]) -> Iterator[None]:
    """Errors become *kind*; their own words and traces may quote the address, with the key in it."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise kind(type(error).__name__) from None


def _put_head(connection: http.client.HTTPConnection, request: Request, parts: SplitResult) -> None:
    """Compose the head; nothing leaves before it is ended."""
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    connection.putrequest(request.method, target, skip_host=True)
    connection.putheader("Host", parts.netloc.rpartition("@")[2])
    connection.putheader("Connection", "close")
    for name, value in request.headers.items():
        connection.putheader(name, value)
    if request.body is not None:
        connection.putheader("Content-Length", str(len(request.body)))


def _exchange(connection: http.client.HTTPConnection, body: bytes | None) -> Reply:
    connection.endheaders(body)
    with connection.getresponse() as response:
        received = response.read(MOST_BYTES + 1)
    if len(received) > MOST_BYTES:
        raise NoResponse("too large")
    # With a limit, the library takes an early end for an end.
    if response.length:
        raise NoResponse("IncompleteRead")
    return Reply(response.status, dict(response.headers.items()), received)


@contextmanager
def _ended_in_time(sock: socket.socket) -> Iterator[None]:
    """An answer that comes byte by byte ends as one that never comes."""
    sock.settimeout(RESPONSE_TIMEOUT)
    timer = Timer(RESPONSE_TIMEOUT, _shut, [sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(sock: socket.socket) -> None:
    """End *sock* under its reader, below the encryption, whose state belongs to that thread."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


def _connected(parts: SplitResult, *, public_only: bool) -> socket.socket:
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotSent("no web address")
    secure = parts.scheme == "https"
    found = socket.getaddrinfo(parts.hostname, parts.port or (443 if secure else 80), type=socket.SOCK_STREAM)
    for *_kind, address in found:
        _refuse_wrong_network(str(address[0]), secure=secure, public_only=public_only)
    # The checked address and not the name: that may lead elsewhere a moment later.
    sock = _first_answering([(str(address[0]), int(address[1])) for *_kind, address in found])
    if not secure:
        return sock
    try:
        return _trust().wrap_socket(sock, server_hostname=parts.hostname)
    except BaseException:
        sock.close()
        raise


def _first_answering(addresses: list[tuple[str, int]]) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return _dial(address)
        except OSError:
            continue
    return _dial(addresses[-1])


def _dial(address: tuple[str, int]) -> socket.socket:
    sock = socket.create_connection(address, CONNECT_TIMEOUT)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _refuse_wrong_network(address: str, *, secure: bool, public_only: bool) -> None:
    """Production talks to the world and encrypted; elsewhere this machine's sandbox is spoken to plainly."""
    ip = ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    is_public = (mapped or ip).is_global
    if public_only and not (secure and is_public):
        raise NotSent("not a public, encrypted address")
    if is_public and not secure:
        raise NotSent("not encrypted")


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
