"""`lines` as a word of the engine, on a section that is not the product's."""

from __future__ import annotations

from tests.support.plugin_runs import assert_passes


def test_lines_are_added_edited_merged_and_served(app, request):
    modules = [f"tests/support/kits/{name}_cases.py" for name in ("form", "edit", "rest")]
    assert_passes(request, "tests.support.kits.plugin", *modules)
