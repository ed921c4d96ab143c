"""Values of the environment, as text, numbers and switches; an invalid one ends the process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from app.lib.digits import parse_int

EXIT_MISCONFIGURED = 78
# The settings are valid, so a service manager may retry.
EXIT_UNREACHABLE = 75


class Misconfigured(SystemExit):
    """Ends the process with a Persian sentence and an exit code."""

    def __init__(self, sentence: str, *, code: int = EXIT_MISCONFIGURED) -> None:
        sys.stderr.write(f"آوا راه‌اندازی نشد: {sentence}\n")
        super().__init__(code)


def load_dotenv(path: Path) -> None:
    """Read the ``NAME=value`` lines of *path*, where it exists; the environment takes precedence."""
    if not path.exists():
        return
    for line in path.read_text("utf-8").splitlines():
        name, found, value = line.strip().partition("=")
        if found and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def read_text(name: str, default: str = "") -> str:
    """The value of *name* without spaces around it; *default* where it is empty."""
    return os.environ.get(name, "").strip() or default


def read_number(name: str, default: int) -> int:
    """The whole number in *name*."""
    value = parse_int(read_text(name, str(default)))
    if value is None:
        raise Misconfigured(f"مقدار {name} باید یک عدد باشد.")
    return value


def read_numbers(name: str, default: str) -> list[int]:
    """Numbers that are separated by spaces."""
    parts = read_text(name, default).split()
    numbers = [number for part in parts if (number := parse_int(part)) is not None]
    if len(numbers) < len(parts):
        raise Misconfigured(f"مقدار {name} باید چند عدد با فاصله باشد.")
    return numbers


def read_database_url(name: str, default: str = "") -> str:
    """A SQLAlchemy URL; plain ``postgresql://`` means psycopg."""
    url = read_text(name, default)
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def read_switch(name: str, *, default: bool) -> bool:
    """A setting that is «on» or «off»."""
    value = read_text(name, "on" if default else "off")
    if value not in {"on", "off"}:
        raise Misconfigured(f"مقدار {name} باید on یا off باشد.")
    return value == "on"


def read_factor(name: str, *, default: str) -> int:
    """A factor for limits: «on» is 1, «off» is 0, a number is for load tests."""
    value = read_text(name, default)
    return {"on": 1, "off": 0}[value] if value in {"on", "off"} else read_number(name, 1)
