"""A hand-made page: routes of its own, with the menu, the guard and the roles of a section."""

from __future__ import annotations

from typing import Any, ClassVar

from flask_appbuilder import BaseView

from app.panel.menu import MenuEntry


class Page(MenuEntry, BaseView):
    """Declare `slug` and `title`; guard each route with `needs`."""

    registry: ClassVar[list[type[Page]]] = []

    slug: ClassVar[str]
    default_view = "index"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "slug" in vars(cls):
            cls.route_base = f"/{cls.slug}"
            cls.base_permissions = sorted(cls.all_permissions())
            cls.registry.append(cls)

    @property
    def base_url(self) -> str:
        return f"{self.route_base}/"
