"""The panel as `make run` starts it: web server, worker and sandbox under their supervisor."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from io import BytesIO
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0


@dataclass(frozen=True)
class Stack:
    """A running panel: its address, its folder, and what its supervisor says."""

    url: str
    folder: Path
    process: subprocess.Popen[str]
    said: Path

    def pid(self, name: str) -> int:
        """The process id of «web», «worker» or «sandbox»."""
        return int((self.folder / "run" / f"{name}.pid").read_text())


@contextmanager
def running_stack(folder: Path, environment: Mapping[str, str]) -> Iterator[Stack]:
    """Start everything with its files in *folder*, and end it as Ctrl-C does."""
    port, sandbox_port = free_port(), free_port()
    settings = {"PORT": str(port), "SANDBOX_PORT": str(sandbox_port), "VAR_DIR": str(folder)}
    said = folder / "said.log"
    with said.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "run.py", "serve"],
            cwd=ROOT,
            # Tests ask more often than people.
            env={**os.environ, "APP_ENV": "development", "LIMITS": "1000", **settings, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    stack = Stack(f"http://127.0.0.1:{port}", folder, process, said)
    try:
        wait_until(lambda: "Ctrl-C" in said.read_text(), process)
        yield stack
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(holds: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Until the condition holds; a process that died, or a minute, ends the wait with an error."""
    waiting, deadline = Event(), monotonic() + PATIENCE
    while not holds():
        if process.poll() is not None or monotonic() > deadline:
            raise AssertionError("the panel never came so far")
        waiting.wait(0.1)


def _opener() -> OpenerDirector:
    return build_opener(HTTPCookieProcessor(CookieJar()))


@dataclass
class Visitor:
    """Who fills in forms over HTTP: remembers cookies, sends the token of the page that it saw last."""

    base: str
    opener: OpenerDirector = field(default_factory=_opener)
    text: str = ""
    path: str = ""

    def get(self, path: str) -> str:
        """The page at *path*, after redirects; `path` says where that led."""
        return self._read(Request(self.base + path))

    def post(self, path: str, **fields: Any) -> str:
        """Send *fields* to *path*; a value (name, bytes) is a file."""
        values = {
            name: FileStorage(BytesIO(value[1]), value[0]) if isinstance(value, tuple) else value
            for name, value in {"csrf_token": self.hidden("csrf_token"), **fields}.items()
        }
        boundary, body = encode_multipart(values)
        kind = f"multipart/form-data; boundary={boundary}"
        return self._read(Request(self.base + path, body, {"Content-Type": kind, "Referer": self.base}))

    def hidden(self, name: str) -> str:
        """The value of a hidden field of the page that was seen last."""
        found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', self.text)
        return found[1] if found else ""

    def _read(self, request: Request) -> str:
        with self.opener.open(request, timeout=30) as answer:
            self.text = answer.read().decode()
            self.path = answer.url.removeprefix(self.base)
        return self.text
