"""The groups of the side menu, in their order; each has the name of its folder."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.panel.layout.navigation import MenuGroup

DAY = MenuGroup(_l("The day's work"), 1)
SALES = MenuGroup(_l("Sales"), 2)
REPORTS = MenuGroup(_l("Reports"), 3)
SMS = MenuGroup(_l("SMS"), 4)
ORGANIZATION = MenuGroup(_l("Organisation"), 5)
OVERSIGHT = MenuGroup(_l("Oversight"), 6)
PLATFORM = MenuGroup(_l("Platform"), 7)
