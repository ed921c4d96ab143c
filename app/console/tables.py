"""Console tables, none of which contains the business data of an organisation."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.console.base import ConsoleTable
from models.account import LoginEvent, Throttle, UserSession
from models.mail import OutgoingMail
from models.organization import Organization


class OrganizationSettingsTable(ConsoleTable):
    model = Organization
    slug, title = "settings", _l("Settings of organisations")
    hint = _l("A value is saved as soon as you leave it.")
    columns = (
        "name",
        "slug",
        "status",
        "repeat_window_days",
        "sms_quota",
        "managers_need_totp",
        "mask_mobiles",
    )
    editable = ("repeat_window_days", "sms_quota", "managers_need_totp", "mask_mobiles")


class Mails(ConsoleTable):
    model = OutgoingMail
    slug, title = "mails", _l("Outgoing mails")
    hint = _l("What waits for the mail server, and what became of it.")
    columns = ("created_at", "kind", "status", "attempts", "sent_at")


class Sessions(ConsoleTable):
    model = UserSession
    slug, title = "sessions", _l("Sessions")
    hint = _l("Which browsers are logged in.")
    columns = ("member", "created_at", "last_seen_at", "revoked_at", "ip")
    labels = {"member": _l("Member"), "revoked_at": _l("Ended at")}


class LoginTries(ConsoleTable):
    model = LoginEvent
    slug, title = "login-tries", _l("Tries to log in")
    hint = _l("Who tried to log in, and how it ended.")
    columns = ("at", "outcome", "ip")


class Limits(ConsoleTable):
    model = Throttle
    slug, title = "limits", _l("Limits and locks")
    hint = _l("Accounts and addresses with failed tries, and until when they are locked.")
    columns = ("key", "count", "locked_until", "window_ends_at")
    labels = {
        "key": _l("Account or address"),
        "count": _l("Failed tries"),
        "locked_until": _l("Locked until"),
        "window_ends_at": _l("Counted until"),
    }
    newest_by = "window_ends_at"
