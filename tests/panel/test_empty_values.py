"""E04 and S08: nothing to be seen in a field is nothing, whatever its type and whichever way it comes."""

from __future__ import annotations

from tests.support.plugin_runs import assert_passes


def test_e04_every_type_of_column_takes_every_emptiness(app, request):
    """In a run of its own, on the same database server: its section must not be seen by other tests."""
    assert_passes(request, "tests.support.every_type", "tests/support/empty_values.py")
