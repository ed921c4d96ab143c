"""Hostile inputs of accounts."""

import json
from pathlib import Path

import pytest

CASES = json.loads((Path(__file__).parents[1] / "data/hostile_inputs.json").read_text("utf-8"))
PASSWORD = "یک جملهٔ خوب برای ورود"


def texts(*groups):
    """The values of *groups*, built; without those that are too long for any form."""
    found = {case["id"]: case["value"] for case in CASES if case["group"] in groups and case["id"] != "T27"}
    return {
        name: value["ch"] * value["n"] if isinstance(value, dict) else value for name, value in found.items()
    }


FREE = texts("Free text", "Mobile numbers")
each_text = pytest.mark.parametrize("text", FREE.values(), ids=FREE.keys())


def log_in(client, person, password=PASSWORD, name=None, **environ):
    data = {"username": name or person.username, "password": password}
    return client.post("/login/", data=data, environ_overrides=environ)


def is_in(client):
    return client.get("/account/").status_code == 200
