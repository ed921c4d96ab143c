"""A SQLite file has one machine, and one process of it that sends."""

import os

import pytest

from app.checks.database import refuse_second_host
from app.lib.process.file_lock import CLAIM_EXPIRES_AFTER, claim_host, exclusive_lock


@pytest.fixture
def file(tmp_path):
    return tmp_path / "ava.db"


def test_a_machine_may_come_again_and_another_may_not(file):
    assert claim_host(file, host="one") is None
    assert claim_host(file, host="one") is None
    assert claim_host(file, host="two") is not None


def test_a_machine_that_is_gone_leaves_its_place(file):
    claim_host(file, host="one")
    mark = file.with_name("ava.db.host")
    gone = mark.stat().st_mtime - CLAIM_EXPIRES_AFTER - 1
    os.utime(mark, (gone, gone))

    assert claim_host(file, host="two") is None
    assert claim_host(file, host="one") is not None


def test_a_mark_that_can_not_be_read_stops_nobody(file):
    file.with_name("ava.db.host").write_text("{", "utf-8")

    assert claim_host(file) is None


def test_the_panel_does_not_start_beside_another_host(file, capsys):
    claim_host(file, host="another")

    with pytest.raises(SystemExit) as ended:
        refuse_second_host(f"sqlite:///{file}")

    assert ended.value.code == 75
    assert "SQLite" in capsys.readouterr().err


def test_the_second_to_send_is_told_to_wait(file):
    with (
        exclusive_lock(file, "dispatcher") as first,
        exclusive_lock(file, "dispatcher") as second,
        exclusive_lock(file, "other") as other,
    ):
        assert (first, second, other) == (True, False, True)

    with exclusive_lock(file, "dispatcher") as again:
        assert again
