"""The doctor says what is wrong, and only that."""

from datetime import timedelta, timezone

import pytest

from app.checks import report as doctor
from app.checks import settings as selfcheck


def texts(found):
    return " ".join(finding.text for finding in found)


def test_a_migrated_database_is_in_order(app):
    assert doctor._database() == []


def test_missing_assets_and_catalogue_are_named(app, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "ROOT", tmp_path)

    assert len(doctor._files()) == 2
    assert all(finding.is_error for finding in doctor._files())


def test_old_time_zone_data_is_an_error(app, monkeypatch):
    monkeypatch.setattr(selfcheck, "TEHRAN", timezone(timedelta(hours=4, minutes=30)))

    assert "tzdata" in texts(doctor._settings())


def test_a_short_secret_is_an_error(app, monkeypatch):
    monkeypatch.setitem(app.config, "SECRET_KEY", "short")

    assert doctor._settings()[0].is_error
    assert "SECRET_KEY" in texts(doctor._settings())


@pytest.mark.parametrize(("environment", "names"), [("development", set()), ("production", {"DEBUG"})])
def test_what_only_production_refuses_is_said_only_there(app, monkeypatch, environment, names):
    for name, value in {"APP_ENV": environment, "DEBUG": True}.items():
        monkeypatch.setitem(app.config, name, value)

    said = texts(doctor._settings())

    assert {name for name in ("DEBUG",) if name in said} == names
