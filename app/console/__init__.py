"""The platform admin's console: Flask-Admin over what belongs to no organisation."""

from __future__ import annotations

from flask import Flask
from flask_admin import Admin
from flask_babel import lazy_gettext as _l

from app.console.base import ConsoleHome
from app.console.files import StoredFiles
from app.console.jobs import Jobs
from app.console.tables import Limits, LoginTries, Mails, OrganizationSettings, Sessions
from app.panel.layout.navigation import Link
from views import groups

URL = "/console"
LINK = Link(_l("Console"), f"{URL}/", "terminal-2", groups.PLATFORM, role="Admin")


def init_console(app: Flask) -> None:
    """Mount the console; must come after FAB, whose login and language it shares."""
    admin = Admin(app, name="Ava", index_view=ConsoleHome(URL))
    for view in (OrganizationSettings(), Mails(), Jobs(), StoredFiles(), Sessions(), LoginTries(), Limits()):
        admin.add_view(view)
    app.extensions.setdefault("links", []).append(LINK)
