"""The console of platform admins: Flask-Admin over tables outside the organisations."""

from __future__ import annotations

from flask import Flask
from flask_admin import Admin
from flask_babel import lazy_gettext as _l

from app.console.base import ConsoleHome
from app.console.files import StoredFiles
from app.console.jobs import JobStats
from app.console.tables import Limits, LoginTries, Mails, OrganizationSettingsTable, Sessions
from app.panel.layout.navigation import Link
from views import groups

URL = "/console"
LINK = Link(_l("Console"), f"{URL}/", "terminal-2", groups.PLATFORM, role="Admin")


def init_console(app: Flask) -> None:
    """Mount the console; call it after FAB, whose login and language it uses."""
    admin = Admin(app, name="Ava", index_view=ConsoleHome(URL))
    for view in (
        OrganizationSettingsTable(),
        Mails(),
        JobStats(),
        StoredFiles(),
        Sessions(),
        LoginTries(),
        Limits(),
    ):
        admin.add_view(view)
    app.extensions.setdefault("links", []).append(LINK)
