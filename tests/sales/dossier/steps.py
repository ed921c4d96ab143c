"""Steps of the tests of dossiers."""

from __future__ import annotations

HTMX = {"HX-Request": "true"}


def add(client, **data):
    return client.post("/dossiers/add", data={"legal_name": "شرکت تازه", **data})
