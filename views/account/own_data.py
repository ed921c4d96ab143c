"""«My data»: a member downloads what is stored about them, as a sheet that the export job writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, NamedTuple
from uuid import uuid4

from flask_appbuilder import expose
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.extensions import db
from app.lib.jalali import format_datetime
from app.lib.mobile import display_mobile
from app.lib.persian import persian_digits
from app.lib.tables.writer import SheetWriter
from app.panel.access import requires
from app.panel.actor import role_label
from app.panel.declaration import EXPORT
from app.panel.export.job import opened, queue_job
from app.panel.page import Page, PageAudience
from app.panel.rates.groups import Group, limited
from app.panel.records.history_labels import action_words, kind_words
from app.services.account.own_data import (
    acts_of,
    logins_ever_of,
    reports_of,
    sessions_ever_of,
    tokens_ever_of,
    views_of,
)
from models.job import ExportFormat, ExportJob
from models.member import Member
from views.account.tabs import account_tabs

# The columns of the profile; a password, a code or a key is in no file.
_PROFILE: Mapping[str, LazyString] = {
    "username": _l("User name"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "email": _l("E-mail"),
    "mobile": _l("Mobile"),
    "extension": _l("Extension"),
    "active": _l("Active"),
    "daily_capacity": _l("Daily capacity"),
    "created_on": _l("Added on"),
    "last_login": _l("Last login"),
}


class Line(NamedTuple):
    """A line of the sheet: part, what, when and details."""

    part: str
    what: str
    at: str = ""
    details: str = ""


class AccountData(Page):
    """GET of /account/data/, POST of /account/data/export."""

    slug = "account/data"
    audience = PageAudience.ORGANIZATION
    title = _l("My data")
    # The noun in the sentence of the finished job.
    title_one: ClassVar[LazyString] = _l("line")
    needs_organization = True

    @expose("/")
    @requires("list")
    def index(self) -> str:
        tabs, url = account_tabs("AccountData"), f"{self.base_url}{EXPORT}"
        return self.render_template("account/own_data.html", tabs=tabs, url=url, token=str(uuid4()))

    @expose("/export", methods=["POST"])
    @requires(EXPORT)
    @limited(write=Group.EXPORT)
    def export(self) -> Any:
        job = queue_job(self, "", ExportFormat.XLSX, 0, columns=[], masked=False)
        db.session.commit()
        return opened(self, job)

    def write_table(self, job: ExportJob, path: Path) -> Iterator[int]:
        """Write what is stored about the member who asked; yields the number of lines."""
        member = db.session.get_one(Member, job.created_by_id)
        headings = [_("Part"), _("What"), _("At"), _("Details")]
        with SheetWriter(path, headings, ["text", "text", "moment", "text"]) as table:
            count = 0
            for line in _lines(member):
                table.row(line)
                count += 1
            yield count


def _lines(member: Member) -> Iterator[Line]:
    yield from _profile(member)
    for session in sessions_ever_of(member):
        yield Line(_("Sessions"), session.ip, format_datetime(session.created_at), session.agent)
    for login in logins_ever_of(member):
        yield Line(
            _("Login attempts"), str(login.outcome), format_datetime(login.at), f"{login.ip} {login.agent}"
        )
    for token in tokens_ever_of(member):
        yield Line(
            _("Tokens"), token.name, format_datetime(token.created_at), f"{token.scope} {token.prefix}"
        )
    for view in views_of(member):
        yield Line(_("Saved views"), view.name, "", f"{view.section}?{view.query}")
    for report in reports_of(member):
        yield Line(_("Saved reports"), report.name, "", f"{report.section}?{report.query}")
    actions, kinds = action_words(), kind_words()
    for events in acts_of(member):
        for event in events:
            act = f"{actions.get(event.action, event.action)}: {kinds.get(event.object_type, event.object_type)}"
            where = " ".join(str(each) for each in (event.object_id, event.ip, event.agent) if each)
            yield Line(_("Audit events"), act, format_datetime(event.at), where)


def _profile(member: Member) -> Iterator[Line]:
    for name, label in _PROFILE.items():
        value = getattr(member, name)
        if value not in {None, ""}:
            yield Line(_("Profile"), str(label), "", _shown(name, value))
    yield Line(_("Profile"), _("Role"), "", "، ".join(role_label(role.name) for role in member.roles))


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        # Two columns of FAB have no zone.
        return format_datetime(value if value.tzinfo else value.replace(tzinfo=UTC))
    if isinstance(value, int):
        return persian_digits(value)
    return display_mobile(value) if name == "mobile" else str(value)
