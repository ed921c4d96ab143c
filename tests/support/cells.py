"""The cells of the permission matrix, and the routes beside them."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from app.commands.standard_routes import rows_of, rows_of_report
from app.panel.page import Page
from app.panel.report.report import Report
from app.panel.section import Section

DATA = Path(__file__).parent.parent / "data"
FORCED = "owner and organisation forced to own, or field error"

SAMPLE = 6


def read_table(name: str) -> list[dict[str, str]]:
    lines = (DATA / name).read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def route_rows() -> list[dict[str, str]]:
    """The rows of all routes: those of standard routes by the declarations, over them those that the file names."""
    rows = {row["route"]: row for row in standard_rows()}
    return list((rows | {row["route"]: row for row in read_table("routes.csv")}).values())


def standard_rows() -> list[dict[str, str]]:
    """The rows of standard routes; sections that a test declares have none."""
    sections = [section for section in Section.registry if section.__module__.startswith("views.")]
    reports = [
        each for each in Page.registry if issubclass(each, Report) and each.__module__.startswith("views.")
    ]
    rows = [*(rows_of(each) for each in sections), *(rows_of_report(each) for each in reports)]
    return [asdict(row) for each in rows for row in each]


@dataclass(frozen=True)
class Cell:
    section: str
    actor: str
    verb: str
    scope: str
    channel: str
    expect: str

    def __str__(self) -> str:
        return f"{self.actor} {self.verb} {self.scope} by {self.channel}: {self.expect}"

    @property
    def outcome(self) -> str:
        """A new row has no address of its own that could be missing: its form forces or refuses."""
        return FORCED if self.verb == "A" and self.expect == "404" and self.channel != "api" else self.expect

    @property
    def in_sample(self) -> bool:
        return zlib.crc32(f"{self.section} {self}".encode()) % SAMPLE == 0


CELLS = [Cell(**row) for row in read_table("permission_matrix.csv")]


def cells_of(section: str, actor: str) -> Iterator[Cell]:
    return (cell for cell in CELLS if (cell.section, cell.actor) == (section, actor))
