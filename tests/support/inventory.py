"""What other programs and stored rows name of the application: tables, addresses, rights, tasks and menu entries.

``python -m tests.support.inventory`` writes the file that `tests/test_inventory.py` compares with.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flask import Flask
from flask_appbuilder import Model

from app.extensions import appbuilder, celery, db
from app.panel.layout.navigation import MenuEntry

STORED = Path(__file__).parent.parent / "data" / "inventory.json"


def inventory(app: Flask) -> dict[str, Any]:
    """Every name that a renaming of the code must leave as it is; lists are sorted."""
    mappers = Model.registry.mappers
    of_tests = {each.local_table.name for each in mappers if each.class_.__module__.startswith("tests.")}
    return {
        "tables": {
            name: sorted(table.columns.keys())
            for name, table in sorted(db.metadata.tables.items())
            if name not in of_tests
        },
        "addresses": sorted(
            f"{rule.rule} {' '.join(sorted(rule.methods - {'HEAD', 'OPTIONS'}))}"
            for rule in app.url_map.iter_rules()
            if rule.endpoint != "static"
        ),
        "rights": dict(
            sorted(
                (view.class_permission_name, sorted(view.base_permissions)) for view in appbuilder.baseviews
            )
        ),
        "roles": _roles(),
        "tasks": sorted(name for name in celery.tasks if not name.startswith("celery.")),
        "beat": sorted(celery.conf.beat_schedule),
        "menu": sorted(
            f"{view.title} {view.route_base}/"
            for view in appbuilder.baseviews
            if isinstance(view, MenuEntry) and view.group is not None
        ),
    }


def _roles() -> dict[str, list[str]]:
    """Role name → «section right», as the declarations grant them."""
    pairs = [
        (role, f"{view.class_permission_name} {permission}")
        for view in appbuilder.baseviews
        if isinstance(view, MenuEntry)
        for role, grant in view.roles.items()
        for permission in grant.permissions
    ]
    return {role: sorted(pair for name, pair in pairs if name == role) for role, _pair in sorted(pairs)}


def main() -> None:
    from app.factory import create_app  # noqa: PLC0415 - a script's own start

    app = create_app()
    with app.app_context():
        STORED.write_text(json.dumps(inventory(app), ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
