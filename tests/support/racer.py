"""One more program of the panel: `python -m tests.support.racer` takes settings, then errands, a line of JSON each."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from typing import Any, TextIO

from app.factory import create_app
from config import Config
from tests import factories
from tests.support.racing import at_once

# What a program must share with the tests' own app.
SHARED = ("APP_ENV", "SECRET_KEY", "SQLALCHEMY_DATABASE_URI", "UPLOAD_FOLDER", "WTF_CSRF_ENABLED", "TESTING")


def _write(stream: TextIO, words: Any) -> None:
    stream.write(f"{json.dumps(words)}\n")
    stream.flush()


class Racer:
    """The test's end of such a program; each errand is (user name, address, data), and all begin together."""

    def __init__(self, settings: dict[str, Any], names: list[str]) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "tests.support.racer"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._tell({"settings": {key: settings[key] for key in SHARED}, "names": names})

    def wait(self) -> None:
        """Until it is ready to run."""
        assert self._hear() == "ready"

    def begin(self, errands: list[tuple[str, str, dict[str, Any]]]) -> None:
        self._tell(errands)

    def codes(self) -> list[int]:
        """The status of each errand's answer."""
        answer: list[int] = self._hear()
        return answer

    def close(self) -> None:
        self.process.communicate(timeout=30)

    def _tell(self, words: Any) -> None:
        assert self.process.stdin is not None
        _write(self.process.stdin, words)

    def _hear(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())


def main() -> None:
    given = json.loads(sys.stdin.readline())
    app = create_app(type("RacerConfig", (Config,), given["settings"]))
    browsers = {name: app.test_client() for name in given["names"]}
    for name, browser in browsers.items():
        browser.post("/login/", data={"username": name, "password": factories.PASSWORD})
    _write(sys.stdout, "ready")
    for line in sys.stdin:
        errands = json.loads(line)
        answers = at_once(*(partial(browsers[name].post, url, data=data) for name, url, data in errands))
        _write(sys.stdout, [answer.status_code for answer in answers])


if __name__ == "__main__":
    main()
