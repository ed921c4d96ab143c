"""Limits that are switched on, with the clock of the library set to the app's."""

from types import SimpleNamespace

import limits.storage.memory
import pytest

from app.gateways import rate_store
from app.lib.clock import now


@pytest.fixture(autouse=True)
def app_clock(monkeypatch):
    """The library reads the time of the machine; here it reads the clock that tests move."""
    clock = SimpleNamespace(time=lambda: now().timestamp(), monotonic=lambda: now().timestamp())
    monkeypatch.setattr(limits.storage.memory, "time", clock)
    monkeypatch.setattr(rate_store, "time", clock)


@pytest.fixture
def limited(app, monkeypatch):
    """A function that allows *most* requests of the groups in a minute; all other groups stay as they are."""
    monkeypatch.setitem(app.config, "LIMITS", 1)

    def allow(most, *groups):
        store = rate_store.RateStore("", app.config["RATES"] | dict.fromkeys(groups, f"{most}/minute"))
        monkeypatch.setitem(app.extensions, "rate_store", store)

    return allow
