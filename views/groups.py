"""The groups of the side menu, in their order; each has the name of its folder."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.panel.layout.navigation import MenuGroup

DAY = MenuGroup("day", _l("The day's work"), 1, "calendar")
SALES = MenuGroup("sales", _l("Sales"), 2, "shopping-cart")
REPORTS = MenuGroup("reports", _l("Reports"), 3, "chart-bar", is_folded=True)
SMS = MenuGroup("sms", _l("SMS"), 4, "message-dots", is_folded=True)
ORGANIZATION = MenuGroup("organization", _l("Organisation"), 5, "building", is_folded=True)
OVERSIGHT = MenuGroup("oversight", _l("Oversight"), 6, "eye", is_folded=True)
PLATFORM = MenuGroup("platform", _l("Platform"), 7, "server-2")
