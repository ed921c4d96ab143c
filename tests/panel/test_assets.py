import json

import pytest
from flask import Flask

from app.panel.layout import assets
from app.panel.layout.assets import AssetsMissingError, Manifest, asset_url, icon, init_assets


@pytest.fixture
def build(monkeypatch, tmp_path):
    """Writes a manifest, as the front-end build would, and makes it the one that counts."""
    path = tmp_path / "manifest.json"
    monkeypatch.setattr(assets, "_manifest", Manifest(path))

    def write(files, icons=()):
        path.write_text(json.dumps({"files": files, "icons": list(icons)}), "utf-8")

    return write


def made(*, testing=False, debug=False):
    app = Flask("app")
    app.testing, app.debug = testing, debug
    init_assets(app)
    app.add_url_rule("/page", view_func=lambda: asset_url("app.css"))
    return app


class TestAssetUrl:
    def test_names_the_hashed_file(self, build):
        build({"app.css": "app-0A1B2C3D.css"})

        with made().test_request_context():
            address = asset_url("app.css")

        assert address == "/static/dist/app-0A1B2C3D.css"

    def test_sees_a_new_build_while_debugging(self, build, monkeypatch):
        build({"app.css": "app-OLD.css"})
        app = made(debug=True)
        with app.test_request_context():
            asset_url("app.css")

        build({"app.css": "app-NEW.css"})
        monkeypatch.setattr(assets._manifest, "read_at", 1.0)
        with app.test_request_context():
            address = asset_url("app.css")

        assert address == "/static/dist/app-NEW.css"

    def test_says_what_to_run_when_nothing_was_built(self, build):
        answer = made().test_client().get("/page")

        assert answer.status_code == 503
        assert "make setup" in answer.text

    def test_raises_a_sentence_outside_of_a_request(self, build):
        with made().test_request_context(), pytest.raises(AssetsMissingError, match="make setup"):
            asset_url("app.css")

    def test_needs_no_build_in_tests(self, build):
        with made(testing=True).test_request_context():
            address = asset_url("app.css")

        assert address == "/static/dist/app.css"


class TestIcon:
    def test_is_its_name_without_a_text(self, build):
        build({"app.css": "app-0A1B2C3D.css"}, ["phone"])

        with made().test_request_context():
            drawn = icon("phone")

        assert drawn == "<i class=i-phone></i>"

    def test_falls_back_when_the_build_does_not_know_the_name(self, build):
        build({"app.css": "app.css"}, ["phone"])

        with made().test_request_context():
            drawn = icon('"><script>')

        assert "script" not in drawn
        assert "i-point" in drawn
