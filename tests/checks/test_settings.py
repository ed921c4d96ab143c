"""Production refuses to start when it would be unsafe: S-1 to S-9, in Persian, with its own exit code."""

import os
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from flask_appbuilder.security.sqla.models import Role
from sqlalchemy import create_engine

from app.checks import database
from app.checks import settings as selfcheck
from app.checks.database import database_problems, sqlite_is_careless
from app.checks.settings import weaknesses
from app.extensions import appbuilder, db
from app.services.role.edit import make_role
from tests.support.stack import ROOT, free_port


@pytest.fixture
def safe(app, tmp_path):
    """The settings of the product as a careful production has them."""
    return {
        **app.config,
        "APP_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "SECRET_KEY_FALLBACKS": [secrets.token_hex(32)],
        "PUBLIC_BASE_URL": "https://ava.example",
        "TRUSTED_HOSTS": ["ava.example"],
        "LIMITS": 1,
        "WTF_CSRF_ENABLED": True,
        "SESSION_COOKIE_SECURE": True,
        "TESTING": False,
        "DEBUG": False,
        "UPLOAD_FOLDER": str(tmp_path / "uploads"),
    }


def broken(settings):
    return [rule.name for rule in weaknesses(settings)]


def test_a_careful_production_starts(safe):
    selfcheck.refuse_weak_settings(safe)

    assert broken(safe) == []


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "short",
        "k" * 40,
        "ab" * 20,
        "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET_KEY",
        "put-a-long-random-value-here-0123",
    ],
)
@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS"])
def test_s1_a_weak_or_known_secret_is_refused_also_as_an_old_one(safe, name, secret):
    assert broken({**safe, name: secret if name == "SECRET_KEY" else [secret]}) == ["S-1"]


@pytest.mark.parametrize(
    "change",
    [
        {"PUBLIC_BASE_URL": "http://ava.example"},
        {"PUBLIC_BASE_URL": ""},
        {"TRUSTED_HOSTS": None},
        {"TRUSTED_HOSTS": [None]},
    ],
)
def test_s2_an_address_without_https_or_unknown_hosts_are_refused(safe, change):
    assert broken({**safe, **change}) == ["S-2"]


@pytest.mark.parametrize(
    "change",
    [
        {"WTF_CSRF_ENABLED": False},
        {"WTF_CSRF_CHECK_DEFAULT": False},
        {"WTF_CSRF_TIME_LIMIT": 3601},
        {"WTF_CSRF_TIME_LIMIT": None},
        {"WTF_CSRF_SSL_STRICT": False},
    ],
)
def test_s3_forms_without_a_strict_token_are_refused(safe, change):
    assert broken({**safe, **change}) == ["S-3"]


@pytest.mark.parametrize(
    "change",
    [{"SESSION_COOKIE_SECURE": False}, {"SESSION_COOKIE_HTTPONLY": False}, {"SESSION_COOKIE_SAMESITE": None}],
)
def test_s4_a_careless_cookie_is_refused(safe, change):
    assert broken({**safe, **change}) == ["S-4"]


@pytest.mark.parametrize("change", [{"LIMITS": 0}, {"LIMITS": 1000}, {"RATELIMIT_ENABLED": True}])
def test_s5_limits_that_are_off_or_counted_by_each_process_alone_are_refused(safe, change):
    assert broken({**safe, **change}) == ["S-5"]


def test_s5_a_limiter_that_all_processes_share_is_welcome(safe):
    shared = {"RATELIMIT_ENABLED": True, "RATELIMIT_STORAGE_URI": "redis://localhost"}

    assert broken({**safe, **shared}) == []


@pytest.mark.parametrize("switch", ["DEBUG", "TESTING"])
def test_s6_a_debugger_is_refused(safe, switch):
    assert broken({**safe, switch: True}) == ["S-6"]


def test_s7_old_time_zone_data_are_refused(safe, monkeypatch):
    monkeypatch.setattr(selfcheck, "TEHRAN", timezone(timedelta(hours=4, minutes=30)))

    assert broken(safe) == ["S-7"]


@pytest.mark.parametrize("seconds", [-6, 6])
@pytest.mark.postgresql
def test_s7_a_database_whose_clock_is_off_is_refused(app, session, monkeypatch, seconds):
    moment = SimpleNamespace(now=lambda zone: datetime.now(UTC) + timedelta(seconds=seconds))
    monkeypatch.setattr(database, "datetime", moment)

    assert "ساعت پایگاه داده" in " ".join(database_problems(db.engines[None], is_production=True))


@pytest.mark.parametrize(
    "change",
    [
        {"AUTH_TYPE": 2},
        {"AUTH_ROLE_PUBLIC": "Admin"},
        *({switch: True} for switch in selfcheck.FAB_SWITCHES),
    ],
    ids=lambda change: next(iter(change)),
)
def test_s8_doors_that_fab_can_open_are_refused(safe, change):
    assert broken({**safe, **change}) == ["S-8"]


def test_s8_what_upgrade_wrote_is_in_order_extra_roles_included(session, manager):
    make_role("سرپرست", set(), own_rows=False, own_pairs=set())

    assert list(database_problems(db.engines[None], is_production=True)) == []


def test_s8_a_right_for_everybody_is_refused(session):
    pair = appbuilder.sm.add_permission_view_menu("can_list", "Customers")
    public = appbuilder.sm.find_role("Public")
    public.permissions.append(pair)
    session.flush()

    assert "Public" in " ".join(database_problems(db.engines[None], is_production=True))


def test_s8_a_role_that_nobody_declared_is_refused(session):
    session.add(Role(name="Backdoor"))
    session.flush()

    assert "Backdoor" in " ".join(database_problems(db.engines[None], is_production=True))


def test_s9_uploads_that_the_web_server_would_show_are_refused(safe):
    assert broken({**safe, "UPLOAD_FOLDER": str(ROOT / "app/static/uploads-of-a-test/..")}) == ["S-9"]


def test_s9_uploads_that_cannot_be_written_are_refused(safe, tmp_path):
    (tmp_path / "file").touch()

    assert "S-9" in broken({**safe, "UPLOAD_FOLDER": str(tmp_path / "file" / "uploads")})


def test_s9_less_than_a_gigabyte_of_room_is_refused(safe, monkeypatch):
    monkeypatch.setattr(selfcheck.shutil, "disk_usage", lambda _path: SimpleNamespace(free=1024**3 - 1))

    assert broken(safe) == ["S-9"]


@pytest.mark.parametrize(
    "pragma", ["foreign_keys=OFF", "synchronous=NORMAL", "journal_mode=DELETE", "secure_delete=OFF"]
)
def test_s9_a_careless_sqlite_is_refused(tmp_path, pragma):
    engine = create_engine(f"sqlite:///{tmp_path}/x.db")
    with engine.connect() as connection:
        assert list(sqlite_is_careless(connection)) == []

        connection.exec_driver_sql(f"PRAGMA {pragma}")

        assert pragma.partition("=")[0] in " ".join(sqlite_is_careless(connection))
    engine.dispose()


def test_what_was_deleted_or_changed_is_not_in_the_file_of_sqlite(tmp_path):
    file = tmp_path / "x.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
        for number in range(200):
            name = f"{'deleted' if number % 2 else 'changed'} {number}" * 9
            connection.exec_driver_sql("INSERT INTO people (name) VALUES (?)", (name,))
        connection.exec_driver_sql("INSERT INTO people (name) VALUES ('stays')")
        connection.commit()
        connection.exec_driver_sql("DELETE FROM people WHERE name LIKE 'deleted%'")
        connection.exec_driver_sql("UPDATE people SET name = '-' WHERE name LIKE 'changed%'")
        connection.commit()
    engine.dispose()

    stored = file.read_bytes()
    assert (b"deleted" in stored, b"changed" in stored, b"stays" in stored) == (False, False, True)


def test_outside_production_only_missing_tables_stop_a_start(safe):
    selfcheck.refuse_weak_settings({**safe, "APP_ENV": "development", "SECRET_KEY": "", "DEBUG": True})


WEB = ["-m", "gunicorn", "run:app", "--no-control-socket", "--bind"]
WORKER = ["-m", "celery", "-q", "-A", "run.celery", "worker", "--pool", "solo"]


@pytest.fixture
def start(tmp_path):
    """A process of the product in production, with settings that are safe but for *environment*."""

    def run(command, **environment):
        settings = {
            "PATH": os.environ["PATH"],
            "APP_ENV": "production",
            "SECRET_KEY": secrets.token_hex(32),
            "PUBLIC_BASE_URL": "https://ava.example",
            "VAR_DIR": str(tmp_path),
            **environment,
        }
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=settings,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.mark.processes
def test_s1_serve_ends_with_78_and_one_persian_sentence(start):
    ended = start(["run.py", "serve"], SECRET_KEY="k" * 40)

    assert ended.returncode == 78
    assert ended.stderr.startswith("آوا راه‌اندازی نشد: SECRET_KEY")
    assert ended.stderr.count("\n") == 1


@pytest.mark.processes
def test_s6_the_web_server_ends_with_78_instead_of_starting_workers_again_and_again(start):
    ended = start([*WEB, f"127.0.0.1:{free_port()}"], FLASK_DEBUG="1")

    assert ended.returncode == 78
    assert "آوا راه‌اندازی نشد: DEBUG" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.processes
@pytest.mark.parametrize("command", [[*WEB, "127.0.0.1:0"], WORKER], ids=["web", "worker"])
def test_a_database_without_tables_is_said_instead_of_a_traceback(start, command, tmp_path):
    ended = start(command)

    assert ended.returncode == 78
    assert "flask --app run upgrade" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.processes
def test_a_database_that_is_away_is_another_code_with_which_services_try_again(start):
    address = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"

    ended = start([*WEB, "127.0.0.1:0"], DATABASE_URL=address)

    assert ended.returncode == 75
    assert "پایگاه داده در دسترس نیست" in ended.stderr
    assert "nobody" not in ended.stderr
