"""Settings are strict everywhere; what only production refuses is in tests/checks/test_settings.py."""

import os
import subprocess
import sys

import pytest

SAFE = {
    "APP_ENV": "production",
    "SECRET_KEY": "eO2jY7hR0pQ4sT9vX1zB6nM3kL8wF5cA",
    "PUBLIC_BASE_URL": "https://ava.example",
}
SHOW = "from config import Config; print(Config.SQLALCHEMY_DATABASE_URI, Config.CELERY['broker_url'])"


NUMBERS = "from app.lib.number_digest import key_name; print(key_name())"


def start(show=SHOW, **environment):
    """Read the settings in a process of their own, with nothing but *environment*."""
    return subprocess.run(
        [sys.executable, "-c", show],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_safe_settings():
    assert start(**SAFE).returncode == 0


def test_the_key_of_numbers_outlives_a_change_of_the_secret():
    old, new = SAFE["SECRET_KEY"], "kW4cV8yB2nM6qL0sD3fG7hJ1pZ5xT9rE"
    settings = (
        {"SECRET_KEY": old},
        {"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": old},
        {"SECRET_KEY": "another one of at least 32 bytes", "SECRET_KEY_FALLBACKS": f"{new} {old}"},
        {"SECRET_KEY": new, "NUMBERS_KEY": old},
        {"SECRET_KEY": new},
    )

    *same, other = (start(NUMBERS, **(SAFE | each)).stdout for each in settings)

    assert set(same) == {same[0]} != {other}
    assert same[0].strip()


@pytest.mark.parametrize(
    "change",
    [
        {"APP_FAKE_NOW": "2026-01-01T00:00:00+00:00"},
        {"APP_ENV": "staging"},
        {"PORT": "eighty"},
        {"SMS_LEASE": "30"},
        {"SMS_LOOK_UPS": "30 120 300"},
        {"SMS_LOOK_UPS": "600"},
        {"SMS_REST": "1"},
    ],
    ids=lambda change: next(iter(change.items())),
)
def test_what_cannot_be_read_is_refused_in_persian(change):
    result = start(**{**SAFE, **change})

    assert result.returncode == 78
    assert "آوا راه‌اندازی نشد" in result.stderr


def test_a_plain_postgresql_address_gets_our_driver():
    shown = start(DATABASE_URL="postgresql://localhost/ava", REDIS_URL="redis://localhost/1").stdout

    assert shown.split() == ["postgresql+psycopg://localhost/ava", "redis://localhost/1"]


def test_without_settings_everything_is_embedded():
    shown = start(SECRET_KEY="only here").stdout

    assert "sqlite:///" in shown
    assert "filesystem://" in shown
