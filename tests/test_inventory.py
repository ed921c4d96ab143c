"""Names that others remember stay as they are: stored rows, programs, bookmarks and queued tasks."""

import json

import pytest

from tests.support.inventory import STORED, inventory

KINDS = ("tables", "addresses", "rights", "roles", "tasks", "beat", "menu")


@pytest.mark.parametrize("kind", KINDS)
def test_is_what_was_written_down(app, kind):
    stored = json.loads(STORED.read_text("utf-8"))

    assert inventory(app)[kind] == stored[kind]
