"""Webhooks of SMS providers: delivery reports and incoming messages, at a secret address."""

from __future__ import annotations

from typing import Any

from flask import abort, current_app, request
from flask_appbuilder import expose
from flask_babel import lazy_gettext as _l
from werkzeug.exceptions import RequestEntityTooLarge

from app.extensions import db
from app.panel.page import Page, PageAudience
from app.panel.rates.groups import Group, limited
from app.services.sms.delivery.reports import receive_reports
from app.services.sms.inbound import receive_inbound
from app.services.sms.provider import find_by_report_secret, gateway_of
from models.sms.provider import SmsProvider

# A report of five hundred messages has about forty thousand characters.
MOST_BYTES = 256 * 1024
_LONGEST_SECRET = 200
THANKS = ("OK", 200, {"Content-Type": "text/plain; charset=utf-8"})


class SmsReports(Page):
    """GET and POST of /sms/report/<provider>/<secret> and /sms/inbound/<provider>/<secret>; repeated requests have no further effect."""

    slug = "sms"
    title = _l("Reports of delivery")
    audience = PageAudience.EVERYBODY
    # Providers have no session; the secret in the address authenticates them.
    csrf_exempt = True

    @expose("/report/<provider>/<secret>", methods=["GET", "POST"])
    @limited(read=Group.WEBHOOK, write=Group.WEBHOOK)
    def report(self, provider: str, secret: str) -> Any:
        """Store a delivery report; a job verifies it with the provider before it is applied."""
        account = _account(provider, secret)
        fields, body = _sent()
        receive_reports(account, gateway_of(account).read_reports(fields, body))
        db.session.commit()
        return THANKS

    @expose("/inbound/<provider>/<secret>", methods=["GET", "POST"])
    @limited(read=Group.WEBHOOK, write=Group.WEBHOOK)
    def inbound(self, provider: str, secret: str) -> Any:
        """Store an incoming message, and apply the keywords «11» and «12»."""
        account = _account(provider, secret)
        fields, body = _sent()
        found = gateway_of(account).read_inbound(fields, body)
        if found is not None:
            receive_inbound(account, found)
        return THANKS


def _account(provider: str, secret: str) -> SmsProvider:
    found = find_by_report_secret(provider[:40], secret[:_LONGEST_SECRET])
    if found is None:
        abort(404)
    return found


def _sent() -> tuple[dict[str, str], bytes]:
    """The fields of address and form, and the raw body; raises for a body that is too long."""
    if (request.content_length or 0) > MOST_BYTES:
        raise RequestEntityTooLarge
    request.max_content_length = MOST_BYTES
    body = request.get_data(cache=True)
    fields = {key: value.replace("\0", "") for key, value in request.values.items()}
    current_app.logger.debug("A provider posted %s fields", len(fields))
    return fields, body
