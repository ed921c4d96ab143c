"""Requests to a host that is not the panel's, as those who try all addresses of the internet send them."""

import logging

import pytest

OWN = "ava.example"


@pytest.fixture(autouse=True)
def one_host(app, monkeypatch):
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", [OWN])
    monkeypatch.setitem(app.config, "PUBLIC_BASE_URL", f"https://{OWN}")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/login/", "/no/such/page", "/api/v1/customers/"])
def test_get_a_page_that_names_the_panel_and_no_error_in_the_log(app, caplog, method, path):
    with caplog.at_level(logging.ERROR):
        page = app.test_client().open(path, method=method, headers={"Host": "evil.example"})

    assert page.status_code == 400
    assert "این نشانی پنل نیست" in page.text
    assert f'href="https://{OWN}"' in page.text
    assert "evil" not in page.text
    assert caplog.records == []


def test_leave_the_own_host_as_it_is(app, session):
    page = app.test_client().get("/login/", headers={"Host": OWN})

    assert page.status_code == 200
    assert "این نشانی پنل نیست" not in page.text
