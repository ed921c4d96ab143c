"""The doctor says what is wrong, and only that."""

from datetime import timedelta, timezone

from app import doctor


def texts(found):
    return " ".join(finding.text for finding in found)


def test_a_migrated_database_is_in_order(app):
    assert doctor._database() == []


def test_missing_assets_and_catalogue_are_named(app, monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "ROOT", tmp_path)

    assert len(doctor._files()) == 2
    assert all(finding.is_error for finding in doctor._files())


def test_old_time_zone_data_is_an_error(app, monkeypatch):
    monkeypatch.setattr(doctor, "TEHRAN", timezone(timedelta(hours=4, minutes=30)))

    assert [finding.is_error for finding in doctor._time()] == [True]


def test_a_short_secret_is_an_error(app, monkeypatch):
    monkeypatch.setitem(app.config, "SECRET_KEY", "short")

    assert doctor._secret()[0].is_error
