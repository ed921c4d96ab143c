"""The sandbox inside the test's own process, plain or over TLS with a certificate made here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.gateways.sms.base import ProviderAccount
from app.gateways.sms.kavenegar import Kavenegar
from app.sandbox.server import SandboxServer


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: its address, its folder and its insides."""

    server: SandboxServer
    folder: Path
    scheme: str = "http"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    def provider(self, key: str = "good") -> Kavenegar:
        return Kavenegar(
            ProviderAccount(key, f"{self.scheme}://{self.host}/v1", "10004346"), public_only=False
        )

    def control(self, **settings: Any) -> None:
        self.post("control", **settings)

    def post(self, name: str, **given: Any) -> Any:
        body = json.dumps(given).encode()
        return self._read(Request(self._url(name), body, {"Content-Type": "application/json"}))

    def submit(self, name: str, **fields: str) -> Any:
        return self._read(Request(self._url(name), urlencode(fields).encode()))

    def get(self, name: str) -> Any:
        return self._read(Request(self._url(name)))

    def page(self, name: str = "") -> str:
        with urlopen(self._url(name), timeout=10) as answer:
            return answer.read().decode()

    def _url(self, name: str) -> str:
        return f"http://{self.host}/sandbox/{name}"

    def _read(self, request: Request) -> Any:
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def running_sandbox(folder: Path, tls: tuple[Path, Path] | None = None) -> Iterator[Sandbox]:
    server = SandboxServer(0, folder, tls=tls)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield Sandbox(server, folder, "https" if tls else "http")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths
