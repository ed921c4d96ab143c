"""S16: foreign files are read in a child process with limits."""

import os
from pathlib import Path

import pytest

from app.gateways.storage.limited import open_limited
from app.lib.tables.source import DoubtfulRow, TableReason, UnreadableFile
from tests.sales.import_steps import CASES


def children() -> set[int]:
    """The processes that this one has started and not ended."""
    return {int(key) for key in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()}


def test_rows_come_as_they_are_read_in_this_process():
    path = CASES / "F02-loose-comma-address.csv"

    table = open_limited(path, name=path.name)

    first, second = (cells for _number, cells in table.rows())
    assert table.headers == ["موبایل", "محصول", "نشانی", "شهر", "استان", "یادداشت"]
    assert first[2] == "خیابان زند"
    assert isinstance(second, DoubtfulRow)
    assert [number for number, _cells in table.rows()] == [1, 2]


def test_moments_and_bytes_that_are_no_text_arrive(tmp_path):
    (path := tmp_path / "a").write_bytes("موبایل,محصول\n0935,".encode() + b"\xff\n")

    rows = list(open_limited(path, name="a.csv").rows())

    assert rows == [(1, ["0935", "\udcff"])]


def test_a_child_ends_with_its_reader(tmp_path):
    before = children()
    (path := tmp_path / "a").write_text("موبایل,محصول\n" + "0935,کتاب\n" * 40_000, "utf-8")

    table = open_limited(path, name="a.csv")
    assert len(children() - before) == 1
    rows = table.rows()
    next(rows)
    rows.close()

    assert children() == before
    unread = open_limited(path, name="a.csv")
    del unread
    assert children() == before


def test_the_child_knows_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    (path := tmp_path / "a").write_text("موبایل,محصول\n" + "0935,کتاب\n" * 40_000, "utf-8")
    before = children()

    table = open_limited(path, name="a.csv")

    (child,) = children() - before
    assert b"SECRET_KEY" not in Path(f"/proc/{child}/environ").read_bytes()
    assert table.headers == ["موبایل", "محصول"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("a.pdf", TableReason.TYPE), ("a.xlsx", TableReason.DAMAGED), ("a.csv", TableReason.EMPTY)],
)
def test_refusals_keep_their_reason(tmp_path, name, reason):
    (path := tmp_path / "a").write_bytes(b" ")

    with pytest.raises(UnreadableFile) as refusal:
        open_limited(path, name=name)

    assert refusal.value.reason is reason


def test_a_bomb_ends_the_child_alone(tmp_path):
    (path := tmp_path / "a").write_bytes(b"mobile,product\n" + b"1,\n" * 10_000_000)
    before = children()

    with pytest.raises(UnreadableFile) as refusal:
        list(open_limited(path, name="a.csv").rows())

    assert refusal.value.reason is TableReason.LIMITS
    assert children() == before
