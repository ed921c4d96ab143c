"""SMS provider accounts, for platform admins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app, url_for
from flask_appbuilder import expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField

from app.errors import DomainError
from app.extensions import db
from app.gateways.http_client import NotSent
from app.gateways.sms.base import LookUpFailed
from app.gateways.sms.registry import check_address
from app.lib.persian import group_number
from app.panel.access import Access, requires, row_key
from app.panel.action import Done, action, counted
from app.panel.actor import acts_somewhere, member_id
from app.panel.displays import Chip
from app.panel.forms.builder import Filled, Length, MayBeEmpty, PanelForm
from app.panel.forms.fields import MobileField, NoteField
from app.panel.section import Section
from app.panel.view_models import ROW_KEY, MenuItem
from app.services.sms.campaign.trial import queue_trial
from app.services.sms.provider import (
    clear_refusal,
    clear_stop,
    gateway_of,
    record_credit,
    renew_report_secret,
    save_key,
)
from models.audit.recorder import record_event
from models.member import Member
from models.sms.provider import SmsProvider
from views import groups

_REFUSALS = {
    "401": _l("The account is not active."),
    "403": _l("The key is not right."),
    "407": _l("The provider does not accept this server's address."),
    "412": _l("The line is not right."),
    "418": _l("The credit has ended."),
    "426": _l("The account lacks the service that this line needs."),
}


# What a provider judges when it refuses an account: a change of it lets the account work again.
_OF_THE_ACCOUNT = ("kind", "base_url", "line")


class TestForm(PanelForm):
    mobile = MobileField(_l("Mobile"), [Filled(_l("Please fill in this field."))])
    body = NoteField(_l("Text"), [MayBeEmpty(), Length(max=300)], default=lambda: _("This is a test of Ava."))


def _key_field(*validators: Any) -> Any:
    return PasswordField(
        _l("Key"),
        [*validators, Length(max=300)],
        description=_l("It is stored encrypted and never shown; leave it empty to keep the present one."),
    )


def _check_address(url: str) -> None:
    try:
        check_address(url)
    except NotSent as error:
        raise DomainError(
            _l("The panel never calls this address: it needs https and a public server."), field="base_url"
        ) from error


def _health_colour(row: Any) -> str:
    return "red" if row.health and row.health.stop else "green"


def _health_words(row: Any) -> str:
    if not (row.health and row.health.stop):
        return _("Well")
    reason = _REFUSALS.get(row.health.stop_code or "")
    return f"{row.health.stop.label}: {reason}" if reason else str(row.health.stop.label)


class SmsProviders(Section):
    model = SmsProvider
    slug = "sms-providers"
    title, title_one = _l("SMS providers"), _l("SMS provider")
    group, icon, menu_order = groups.PLATFORM, "antenna", 720
    right_labels = {"renew": _l("New address for reports")}
    # Messages refer to their account, so it is deactivated, never deleted.
    exclude_route_methods = {"download", "delete", "undo", "export"}

    columns = (
        "name",
        "kind",
        "line",
        "position",
        "is_enabled",
        Chip("health.stop", _health_colour, text=_health_words, reads=("health.stop_code",)),
        "health.credit_rials",
    )
    details = (
        *columns,
        "base_url",
        "calls_per_second",
        "can_look_up",
        "is_idempotent",
        "takes_links",
        "health.failures",
        "health.open_until",
        "health.last_ok_at",
        "health.credit_at",
        "health.lease_conflicts",
    )
    sortable = ("position",)
    sort = "position"
    form = (
        "name",
        "kind",
        "base_url",
        "line",
        "position",
        "calls_per_second",
        "can_look_up",
        "is_idempotent",
        "takes_links",
        "is_enabled",
    )
    extra_fields = {"key": _key_field(Filled(_l("Please fill in this field.")))}
    extra_edit_fields = {"key": _key_field(MayBeEmpty())}
    inline = ("position", "is_enabled")
    empty = _l("No SMS account yet")
    empty_hint = _l("Messages wait in the queue until an account takes them.")

    roles = {
        "Admin": Access.READ
        | Access.ADD
        | Access.EDIT
        | Access.TRAIL
        | Access.actions("ask_credit", "send_test", "release", "renew")
    }

    def store(self, item: SmsProvider, form: Any, *, existing: bool) -> SmsProvider:
        if form.base_url.data != item.base_url:
            _check_address(str(form.base_url.data))
        key, before = form.key.data, [getattr(item, name) for name in _OF_THE_ACCOUNT]
        form.key.data = None
        for name in self.form:
            setattr(item, name, form[name].data)
        if key:
            save_key(item, key.strip())
        if existing and (key or before != [getattr(item, name) for name in _OF_THE_ACCOUNT]):
            clear_refusal(item)
        if not existing:
            db.session.add(item)
        return item

    def row_menu(self, row: Any) -> Sequence[MenuItem]:
        address = MenuItem(
            _("New address for reports"), "link", f"{self.base_url}renew/{ROW_KEY}", "post", "dialog"
        )
        return [*super().row_menu(row), address]

    @expose("/renew/<pk>", methods=["POST"])
    @requires("renew")
    def renew(self, pk: str) -> str:
        """Renew the secret in the addresses of the provider's webhooks, and show it once."""
        row: SmsProvider = self.get_row(row_key(pk))
        secret = renew_report_secret(row)
        record_event(db.session(), "renew", row)
        db.session.commit()
        base = current_app.config["PUBLIC_BASE_URL"] or ""
        names = {"provider": row.kind.value, "secret": secret}
        return self.render_template(
            "sms/addresses.html",
            reports=base.rstrip("/") + url_for("SmsReports.report", **names),
            inbound=base.rstrip("/") + url_for("SmsReports.inbound", **names),
            provider=row,
        )

    @action(
        _l("Ask for the credit"),
        icon="coin",
        confirm=counted("%(num)s account is asked.", "%(num)s accounts are asked."),
        submit=counted("Ask %(num)s account", "Ask %(num)s accounts"),
        bulk=False,
    )
    def ask_credit(self, rows: Sequence[SmsProvider], form: Any) -> Done:
        [row] = rows
        try:
            left = gateway_of(row).credit()
        except LookUpFailed as failure:
            raise DomainError(
                _l("The provider did not tell its credit. See its key and address.")
            ) from failure
        record_credit(row.id, left)
        return Done(_("The credit of %(name)s is %(left)s.", name=row.name, left=group_number(left)))

    @action(
        _l("Send a test"),
        icon="send",
        confirm=counted("One real SMS leaves by this account.", "%(num)s real SMS leave by these accounts."),
        submit=counted("Send the test SMS", "Send %(num)s test SMS"),
        form=TestForm,
        bulk=False,
    )
    def send_test(self, rows: Sequence[SmsProvider], form: TestForm) -> Done:
        [row] = rows
        if not acts_somewhere():
            raise DomainError(_l("Choose an organisation first: the test counts as a message of it."))
        text = form.body.data or _("This is a test of Ava.")
        record_event(db.session(), "send_test", row, after={"mobile": form.mobile.data})
        by = db.session.get_one(Member, member_id())
        queue_trial(row, str(form.mobile.data), text, by=by)
        return Done(
            _("The test message is in the queue of %(name)s; «Sent SMS» shows its state.", name=row.name)
        )

    @action(
        _l("Let it work again"),
        icon="player-play",
        confirm=counted("%(num)s account takes messages again.", "%(num)s accounts take messages again."),
        submit=counted("Release %(num)s account", "Release %(num)s accounts"),
        bulk=False,
    )
    def release(self, rows: Sequence[SmsProvider], form: Any) -> Done:
        for row in rows:
            clear_stop(row.id)
        return Done(_("%(name)s takes messages again.", name=rows[0].name))
