"""A hand-made page: routes of its own, with the menu, the guard and the roles of a section."""

from __future__ import annotations

import enum
from typing import Any, ClassVar

from flask_appbuilder import BaseView

from app.panel.layout.navigation import MenuEntry


class PageAudience(enum.Enum):
    """For whom a page is there."""

    ROLES = "roles"  # those whose role holds its rights
    MEMBERS = "members"  # everybody who is logged in
    EVERYBODY = "everybody"


class Page(MenuEntry, BaseView):
    """Declare `slug` and `title`; guard each route with `needs`, or name another `audience` and guard with `for_members`."""

    registry: ClassVar[list[type[Page]]] = []

    slug: ClassVar[str]
    audience: ClassVar[PageAudience] = PageAudience.ROLES
    # For pages that programs of strangers post to, which hold no session; they must know something else.
    csrf_exempt: ClassVar[bool] = False
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
