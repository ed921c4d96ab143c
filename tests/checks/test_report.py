"""The doctor says what is wrong, and only that."""

from datetime import timedelta, timezone

import pytest

from app.checks import report, settings


def texts(found):
    return " ".join(finding.text for finding in found)


def test_a_migrated_database_is_in_order(app):
    assert report._database() == []


def test_missing_assets_and_catalogue_are_named(app, monkeypatch, tmp_path):
    monkeypatch.setattr(report, "ROOT", tmp_path)

    assert len(report._files()) == 2
    assert all(finding.is_error for finding in report._files())


def test_old_time_zone_data_is_an_error(app, monkeypatch):
    monkeypatch.setattr(settings, "TEHRAN", timezone(timedelta(hours=4, minutes=30)))

    assert "tzdata" in texts(report._settings())


def test_a_short_secret_is_an_error(app, monkeypatch):
    monkeypatch.setitem(app.config, "SECRET_KEY", "short")

    assert report._settings()[0].is_error
    assert "SECRET_KEY" in texts(report._settings())


@pytest.mark.parametrize(("environment", "names"), [("development", set()), ("production", {"DEBUG"})])
def test_what_only_production_refuses_is_said_only_there(app, monkeypatch, environment, names):
    for name, value in {"APP_ENV": environment, "DEBUG": True}.items():
        monkeypatch.setitem(app.config, name, value)

    said = texts(report._settings())

    assert {name for name in ("DEBUG",) if name in said} == names
