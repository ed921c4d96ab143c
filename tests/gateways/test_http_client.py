"""The HTTP client against faulty servers and refused networks."""

import ssl

import pytest

from app.gateways import http_client
from app.gateways.http_client import NoResponse, NotSent, Request, call, check_url
from tests.support.canned import canned, response
from tests.support.stand_in_addresses import resolving_to


def ask(url, **given):
    return call(Request(url, **given), public_only=False)


def test_returns_status_headers_and_body():
    with canned(response(b"hello", "418 Short", "Retry-After: 3")) as (url, got):
        reply = ask(f"{url}/path?q=1", headers={"X-Key": "k"}, body=b"a=1")

    assert (reply.status, reply.body, reply.headers["Retry-After"]) == (418, b"hello", "3")
    assert got[0].startswith(b"POST /path?q=1 HTTP/1.1\r\n")
    assert got[0].endswith(b"\r\n\r\na=1")


def test_follows_no_redirect_and_never_retries():
    with canned(response(b"", "302 Found", "Location: /elsewhere")) as (url, got):
        reply = ask(url)

    assert (reply.status, len(got)) == (302, 1)


@pytest.mark.parametrize(
    "pieces",
    [
        (b"",),
        (b"not HTTP at all\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500,),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000,),
        (b"HTTP/1.1 999999 OK\r\n\r\n",),
    ],
)
def test_raises_for_an_incomplete_or_invalid_response(pieces):
    with canned(*pieces) as (url, got), pytest.raises(NoResponse):
        ask(url)

    assert len(got) == 1


def test_refuses_a_response_over_the_size_limit(monkeypatch):
    monkeypatch.setattr(http_client, "MAX_RESPONSE_BYTES", 1000)

    with canned(response(b" " * 1001)) as (url, _got), pytest.raises(NoResponse):
        ask(url)


def test_ends_a_slow_response_at_the_deadline(monkeypatch):
    monkeypatch.setattr(http_client, "RESPONSE_TIMEOUT", 0.5)

    with canned(*[b"H"] * 100, pause=0.1) as (url, _got), pytest.raises(NoResponse):
        ask(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "ftp://127.0.0.1/",
        "http://",
        "http://[",
        "http://127.0.0.1:99999/",
        "http://a\nb/",
        "http://é\ud800/",
    ],
)
def test_sends_nothing_to_an_invalid_address(url):
    with pytest.raises(NotSent):
        ask(url)


def test_sends_nothing_with_a_line_break_in_a_header():
    with canned(response(b"")) as (url, got), pytest.raises(NotSent):
        ask(url, headers={"X-Key": "a\r\nX-More: b"})

    assert got in ([], [b""])


class TestNetworks:
    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "::1",
            "fe80::1",
            "::ffff:10.0.0.1",
            "0.0.0.0",
        ],
    )
    def test_that_are_private_are_refused_in_production(self, monkeypatch, address):
        resolving_to(monkeypatch, address)

        with pytest.raises(NotSent, match="public"):
            call(Request("https://provider.example/"), public_only=True)

    def test_that_are_public_need_tls(self, monkeypatch):
        resolving_to(monkeypatch, "8.8.8.8")

        for public_only in (True, False):
            with pytest.raises(NotSent, match="encrypted"):
                call(Request("http://provider.example/"), public_only=public_only)

    def test_are_all_checked_when_a_name_has_several_addresses(self, monkeypatch):
        resolving_to(monkeypatch, "8.8.8.8", "127.0.0.1")

        with pytest.raises(NotSent, match="public"):
            call(Request("https://provider.example/"), public_only=True)


def test_certificates_are_verified():
    context = http_client._tls_context()

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


PRIVATE = ["http://127.0.0.1:6379", "http://localhost/v1", "http://10.0.0.1/", "http://[::1]:80/v1"]
NEVER = [
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_",
    "ftp://api.kavenegar.com/",
    "//api.kavenegar.com/v1",
    "https://",
    "https:///v1",
    "https://user:secret@93.184.216.34/",
    "https://93.184.216.34/?a=1",
    "https://93.184.216.34/#a",
    "https://93.184.216.34:99999/",
    "https://[::1/",
    "http://93.184.216.34/",
    "http://169.254.169.254/latest/meta-data",
    "https://[fe80::1]/",
    "https://[::ffff:169.254.169.254]/",
    "http://0.0.0.0/",
    "http://224.0.0.1/",
    "",
]


@pytest.mark.parametrize("public_only", [True, False])
@pytest.mark.parametrize("url", NEVER)
def test_an_address_that_is_never_called_is_refused_before(url, public_only):
    with pytest.raises(NotSent):
        check_url(url, public_only=public_only)
    if not set(url) & set("@?#"):
        with pytest.raises(NotSent):
            call(Request(url), public_only=public_only)


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_is_called_outside_of_production_alone(url):
    check_url(url, public_only=False)

    with pytest.raises(NotSent):
        check_url(url, public_only=True)


@pytest.mark.parametrize("public_only", [True, False])
def test_a_public_address_is_taken(public_only):
    check_url("https://93.184.216.34/v1", public_only=public_only)


def test_a_name_that_does_not_resolve_now_is_checked_when_it_is_called():
    check_url("https://no-such-host.invalid/v1", public_only=True)

    with pytest.raises(NotSent):
        check_url("http://no-such-host.invalid/v1", public_only=True)
