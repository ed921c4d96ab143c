"""SQLite's one writer: who reads in a savepoint in order to write waits for his turn before he reads."""

import sqlite3

import pytest
from sqlalchemy import create_engine, text

import app.extensions  # noqa: F401 - it teaches every engine


@pytest.fixture
def file_engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'one.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (words TEXT)"))
    yield engine
    engine.dispose()


def test_what_was_read_in_a_savepoint_can_be_written(file_engine, tmp_path):
    other = sqlite3.connect(tmp_path / "one.db", timeout=0)
    with file_engine.connect() as connection:
        with connection.begin_nested():
            assert connection.scalar(text("SELECT count(*) FROM notes")) == 0
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("INSERT INTO notes VALUES ('of the other')")
            connection.execute(text("INSERT INTO notes VALUES ('ours')"))
        connection.commit()

    other.execute("INSERT INTO notes VALUES ('of the other')")
    other.commit()
    assert [row[0] for row in other.execute("SELECT words FROM notes")] == ["ours", "of the other"]
    other.close()


def test_without_a_savepoint_reading_keeps_nobody_waiting(file_engine, tmp_path):
    other = sqlite3.connect(tmp_path / "one.db", timeout=0)
    with file_engine.connect() as connection:
        connection.scalar(text("SELECT count(*) FROM notes"))
        other.execute("INSERT INTO notes VALUES ('of the other')")
        other.commit()
        connection.execute(text("INSERT INTO notes VALUES ('ours')"))
        connection.commit()
    other.close()
