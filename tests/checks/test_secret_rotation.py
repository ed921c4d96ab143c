"""The secret can be changed: what the old one sealed is still opened while it is named as a fallback."""

import re

import pytest
from cryptography.exceptions import InvalidTag

from app.gateways import crypto
from tests.factories import ProductFactory

OLD, NEW = "the old key, long enough for anybody", "the new key, long enough for anybody"


@pytest.fixture
def keys(app, monkeypatch):
    """Set the keys as the settings would: the present one and those before it."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)

    def use(present, *fallbacks):
        monkeypatch.setitem(app.config, "SECRET_KEY", present)
        monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", list(fallbacks))
        monkeypatch.setitem(app.config, "WTF_CSRF_SECRET_KEY", [*fallbacks, present])

    use(OLD)
    return use


def rename(client, row, token):
    data = {"title": "تازه", "code": row.code, "row_version": row.row_version, "csrf_token": token}
    return client.post(f"/products/edit/{row.id}", data=data)


def test_who_is_logged_in_stays_so_and_his_open_form_is_taken(login, manager, keys):
    row, client = ProductFactory(), login(manager)
    page = client.get(f"/products/edit/{row.id}").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]

    keys(NEW, OLD)

    assert client.get("/products/").status_code == 200
    assert rename(client, row, token).status_code == 302


def test_without_the_fallback_nothing_of_the_old_key_counts(login, manager, keys):
    client = login(manager)
    sealed = crypto.encrypt("کلید")

    keys(NEW)

    assert client.get("/products/").location.startswith("/login/")
    with pytest.raises(InvalidTag):
        crypto.decrypt(sealed)


def test_what_was_encrypted_opens_and_new_things_need_the_new_key_alone(app, keys):
    sealed = crypto.encrypt("کلید")

    keys(NEW, OLD)
    again = crypto.encrypt(crypto.decrypt(sealed))
    keys(NEW)

    assert crypto.decrypt(again) == "کلید"


def test_the_settings_hand_the_old_keys_to_the_forms(monkeypatch):
    from config import Config  # noqa: PLC0415 - read only once the environment is set

    assert [*Config.SECRET_KEY_FALLBACKS, Config.SECRET_KEY] == Config.WTF_CSRF_SECRET_KEY
