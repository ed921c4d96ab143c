"""HTTP client for SMS providers: no redirects, no retries; errors tell whether the request may have been sent."""

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
# Limit for name lookup, connection attempts and handshake together. After it, the messages' lease may have ended.
SEND_DEADLINE = 15.0
# A response repeats up to 200 long Persian texts, with each letter escaped to six bytes.
MAX_RESPONSE_BYTES = 4 * 1024 * 1024


class NotSent(Exception):
    """The request was certainly not sent."""


class NoResponse(Exception):
    """The request may have arrived, but no complete response came back."""


@dataclass(frozen=True)
class Request:
    """An HTTP request. The URL may contain an API key, so it is excluded from the representation."""

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
    """Send *request* and return the response; *public_only* refuses plain HTTP and private networks.

    Raises `NotSent` or `NoResponse`; their messages never contain the URL.
    """
    began = time.monotonic()
    # The socket is set below; the connection must not reconnect by itself when it closes.
    connection = http.client.HTTPConnection("localhost")
    connection.auto_open = 0
    try:
        with _errors_as(NotSent):
            parts = urlsplit(request.url)
            connection.sock = _open_socket(parts, public_only=public_only)
            _write_head(connection, request, parts)
            # If this process was suspended, another worker may have taken over the messages.
            if time.monotonic() - began > SEND_DEADLINE:
                raise NotSent("too late")
        with _errors_as(NoResponse), _response_deadline(connection.sock):
            return _exchange(connection, request.body)
    finally:
        connection.close()


def check_url(url: str, *, public_only: bool) -> None:
    """Raise `NotSent` for an address that `call` would refuse; a name that no server resolves now is not refused."""
    with _errors_as(NotSent):
        parts = urlsplit(url)
        if "@" in parts.netloc or parts.query or parts.fragment:
            raise NotSent("more than an address")
        try:
            _resolve(parts, public_only=public_only)
        except socket.gaierror:
            if public_only and parts.scheme != "https":
                raise NotSent("not encrypted") from None


@contextmanager
def _errors_as(kind: type[NotSent | NoResponse]) -> Iterator[None]:
    """Converts errors to *kind* without their message and cause, which may quote the URL with the key in it."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise kind(type(error).__name__) from None


def _write_head(connection: http.client.HTTPConnection, request: Request, parts: SplitResult) -> None:
    """Buffer the request line and headers; `endheaders` sends them."""
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
        received = response.read(MAX_RESPONSE_BYTES + 1)
    if len(received) > MAX_RESPONSE_BYTES:
        raise NoResponse("too large")
    # `read` with a limit does not raise IncompleteRead on a truncated body.
    if response.length:
        raise NoResponse("IncompleteRead")
    return Reply(response.status, dict(response.headers.items()), received)


@contextmanager
def _response_deadline(sock: socket.socket) -> Iterator[None]:
    """Limits the total time of a response, so that a slow stream of bytes ends as well."""
    sock.settimeout(RESPONSE_TIMEOUT)
    timer = Timer(RESPONSE_TIMEOUT, _shut_down, [sock])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut_down(sock: socket.socket) -> None:
    """Shut down the TCP connection below TLS, because the TLS state belongs to the reading thread."""
    try:
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
    except OSError:
        return


def _resolve(parts: SplitResult, *, public_only: bool) -> list[tuple[str, int]]:
    """The checked network addresses of a web address."""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise NotSent("no web address")
    secure = parts.scheme == "https"
    found = socket.getaddrinfo(parts.hostname, parts.port or (443 if secure else 80), type=socket.SOCK_STREAM)
    for *_kind, address in found:
        _check_address(str(address[0]), secure=secure, public_only=public_only)
    return [(str(address[0]), int(address[1])) for *_kind, address in found]


def _open_socket(parts: SplitResult, *, public_only: bool) -> socket.socket:
    # Connect to the checked address; a second name lookup could return another one.
    sock = _connect_any(_resolve(parts, public_only=public_only))
    if parts.scheme != "https":
        return sock
    try:
        return _tls_context().wrap_socket(sock, server_hostname=parts.hostname)
    except BaseException:
        sock.close()
        raise


def _connect_any(addresses: list[tuple[str, int]]) -> socket.socket:
    for address in addresses[:-1]:
        try:
            return _connect(address)
        except OSError:
            continue
    return _connect(addresses[-1])


def _connect(address: tuple[str, int]) -> socket.socket:
    sock = socket.create_connection(address, CONNECT_TIMEOUT)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _check_address(address: str, *, secure: bool, public_only: bool) -> None:
    """Refuse addresses by network: production allows public addresses over TLS only.

    Other environments may also reach private addresses without TLS, such as the local sandbox, but never those of
    the link, where a machine's own services give away its credentials.
    """
    ip = ip_address(address.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or ip
    is_public = ip.is_global
    if public_only and not (secure and is_public):
        raise NotSent("not a public, encrypted address")
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified:
        raise NotSent("no address of a server")
    if is_public and not secure:
        raise NotSent("not encrypted")


@cache
def _tls_context() -> ssl.SSLContext:
    return ssl.create_default_context()
