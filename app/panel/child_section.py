"""A section whose rows stand on the page of their parent alone, and in no list or menu."""

from __future__ import annotations

from typing import Any

from app.panel.records.child_routes import ChildScreen
from app.panel.section import Section
from models.child.one_flag import OneFlag

# What a list of rows needs, and rows on the page of their parent do not have.
LIST_ROUTES = frozenset(
    {
        "index", "list", "choose_filters", "print_view", "table", "views", "open_view", "replace_view",
        "default_view_of_mine", "share_view", "delete_view", "inline_edit", "trail", "export", "action", "action_post",
    }
)  # fmt: skip
# Those of children with a flag.
FLAG_ROUTES = frozenset({"set_flag"})


class ChildSection(ChildScreen, Section):
    """Declare `only_in`, the relation to the parent, besides the words of a section.

    The form of a new row and the filters of REST name the parent; the form of an existing row does not.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "model" in vars(cls):
            if cls.edit_fields is None:
                cls.edit_fields = cls.form
            cls.form = (str(cls.only_in), *cls.form)
            cls.filters = (str(cls.only_in), *cls.filters)
            flagless = frozenset() if issubclass(cls.model, OneFlag) else FLAG_ROUTES
            cls.exclude_route_methods = cls.exclude_route_methods | LIST_ROUTES | flagless
        super().__init_subclass__(**kwargs)
