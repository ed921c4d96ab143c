"""Pages with their own routes, and with the menu entry and roles of a section."""

from __future__ import annotations

import enum
from typing import Any, ClassVar

from flask_appbuilder import BaseView

from app.panel.layout.navigation import MenuEntry


class PageAudience(enum.Enum):
    """The users that may open a page."""

    ROLES = "roles"  # members whose role has its rights
    ORGANIZATION = "organization"  # all members of an organisation, and none of the platform
    MEMBERS = "members"  # all logged-in users
    EVERYBODY = "everybody"  # anonymous users too


class Page(MenuEntry, BaseView):
    """The base of pages: declare `slug` and `title`, and decorate each route with `requires`.

    With the audience `ORGANIZATION` each member has all rights of the page; with `MEMBERS` the decorator is
    `for_members` instead.
    """

    registry: ClassVar[list[type[Page]]] = []

    slug: ClassVar[str]
    audience: ClassVar[PageAudience] = PageAudience.ROLES
    # For pages that other programs post to without a session; their requests are authenticated in another way.
    csrf_exempt: ClassVar[bool] = False
    # Whether the trail says that a platform member read the page, as it does for the rows of sections.
    logs_views: ClassVar[bool] = False
    default_view = "index"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "slug" in vars(cls):
            cls.route_base = f"/{cls.slug}"
            cls.base_permissions = sorted(cls.all_permissions())
            cls.registry.append(cls)

    @property
    def is_of_members(self) -> bool:
        """Whether all members of an organisation may do all that the page does."""
        return self.audience is PageAudience.ORGANIZATION

    @property
    def base_url(self) -> str:
        return f"{self.route_base}/"
