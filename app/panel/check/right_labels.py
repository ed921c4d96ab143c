"""The labels of rights, for the matrix of a role."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from app.panel.contributions import contributed_by_right
from app.panel.layout.navigation import MenuEntry

# The rights that most sections have, in the order of the columns of the matrix.
COMMON: dict[str, LazyString] = {
    "can_list": _l("See the list"),
    "can_show": _l("See a row"),
    "can_add": _l("Add"),
    "can_edit": _l("Edit"),
    "can_delete": _l("Delete"),
}
_OF_THE_ENGINE: dict[str, LazyString] = {
    "can_trail": _l("Events of a row"),
    "can_export": _l("Export"),
    "can_import": _l("Import from a file"),
    "can_move": _l("Move on the board"),
}


def _of_panel(view: type[MenuEntry], right: str) -> LazyString | None:
    panel = getattr(view, "panel", None)
    return panel.right if panel is not None and right == "can_record" else None


def right_label(view: type[MenuEntry], right: str) -> LazyString | None:
    """The label of *right* (``can_edit``) in the section or page *view*; None for a right without one."""
    actions: dict[str, Any] = getattr(view, "declared_labels", dict)()
    contributed = contributed_by_right().get(right)
    return (
        actions.get(right)
        or view.right_labels.get(right.removeprefix("can_"))
        or _of_panel(view, right)
        or (contributed and contributed.label)
        or COMMON.get(right)
        or _OF_THE_ENGINE.get(right)
    )
