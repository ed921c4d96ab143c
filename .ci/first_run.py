"""Smoke test of a start command (`first_run.py make run`): start it, log in as the demo manager, stop it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

INSTALL_WITHIN = 1200.0
STOP_WITHIN = 30.0
ACCOUNT = re.compile(r"(manager-demo1)\s+(\S+)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_accounts(process: subprocess.Popen[bytes], output: Path) -> tuple[str, str]:
    """User name and password of the manager, read from the output of the panel."""
    deadline = time.monotonic() + INSTALL_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        text = output.read_text("utf-8", "replace")
        if "Ctrl-C" in text and (found := ACCOUNT.search(text)):
            return found[1], found[2]
        # The panel writes to a file, which reports no change; between two looks the installation has the processor.
        time.sleep(0.2)
    raise SystemExit(f"The panel did not start:\n{output.read_text('utf-8', 'replace')}")


def log_in(url: str, username: str, password: str) -> str:
    """The path of the page that a login leads to."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = opener.open(f"{url}/login/", timeout=30).read().decode()
    token = re.search(r'name="csrf_token"[^>]* value="([^"]*)"', page)
    fields = {"username": username, "password": password, "csrf_token": token[1] if token else ""}
    body = urllib.parse.urlencode(fields).encode()
    request = urllib.request.Request(f"{url}/login/", body, {"Referer": f"{url}/login/"})
    with opener.open(request, timeout=30) as answer:
        return urllib.parse.urlsplit(answer.url).path


def main(command: list[str]) -> None:
    port = free_port()
    settings = {"PORT": str(port), "SANDBOX_PORT": str(free_port())}
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        with output.open("wb") as log:
            process = subprocess.Popen(
                command,
                env={**os.environ, **settings},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            path = log_in(f"http://127.0.0.1:{port}", *wait_for_accounts(process, output))
        finally:
            if process.poll() is None:
                # Ctrl-C sends the signal to the whole process group.
                os.killpg(process.pid, signal.SIGINT)
            process.wait(STOP_WITHIN)
    if path.startswith("/login"):
        raise SystemExit("The login led back to the login page.")
    sys.stdout.write(f"The panel runs; the login leads to {path}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
