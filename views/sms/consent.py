"""Opt-outs of receivers, and the blacklist of the organisation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.errors import DomainError
from app.extensions import db
from app.panel.access import Access
from app.panel.action import Done, action, counted
from app.panel.forms.builder import Filled
from app.panel.forms.fields import MobileField
from app.panel.records.delete import erase
from app.panel.section import Section
from app.services.sms.consent import find_opt_out, opt_out
from models.sms.consent import OptOutSource, SmsBlock, SmsOptOut
from views import groups


class SmsOptOuts(Section):
    model = SmsOptOut
    slug = "sms-opt-outs"
    title, title_one = _l("Opted out of SMS"), _l("opt-out")
    group, icon, menu_order = groups.SMS, "message-off", 440
    # Only the receivers themselves can end an opt-out, by replying «12».
    exclude_route_methods = {
        "download", "edit", "inline_edit", "delete", "undo", "action", "trail", "lookup",
    }  # fmt: skip

    columns = ("number", "source", "at")
    preload = ("ending",)
    labels = {"number": _l("Last digits")}
    filters = ("source", "at")
    form, edit_fields = ("mobile",), ()
    extra_fields = {"mobile": MobileField(_l("Mobile"), [Filled(_l("Please fill in this field."))])}
    empty = _l("Nobody has opted out")
    empty_hint = _l("A receiver who answers «11» gets no more messages and stands here.")

    roles = {"Manager": Access.READ | Access.ADD | Access.EXPORT, "Consultant": Access.READ | Access.ADD}

    def store(self, item: SmsOptOut, form: Any, *, existing: bool) -> SmsOptOut:
        if not opt_out(form.mobile.data, OptOutSource.MEMBER):
            raise DomainError(_l("This number has opted out already."), field="mobile")
        found = find_opt_out(form.mobile.data)
        if found is None:
            raise LookupError("an opt-out that was written is not there")
        return found


class SmsBlocks(Section):
    model = SmsBlock
    slug = "sms-blocks"
    title, title_one = _l("SMS blacklist"), _l("number of the blacklist")
    group, icon, menu_order = groups.SMS, "ban", 450
    exclude_route_methods = {"download", "undo", "lookup"}

    columns = ("mobile", "reason", "created_at")
    labels = {"created_at": _l("Registered on")}
    filters = ("reason", "created_at")
    form = ("mobile", "reason")
    edit_fields = ("reason",)
    read_only = ("mobile",)
    inline = ("reason",)
    empty = _l("No number is on the blacklist")
    empty_hint = _l("The organisation sends no message to the numbers of this list.")

    roles = {"Manager": Access.FULL | Access.EXPORT | Access.TRAIL}

    def store(self, item: SmsBlock, form: Any, *, existing: bool) -> SmsBlock:
        form.populate_obj(item)
        item.reason = item.reason or ""
        if not existing:
            db.session.add(item)
        return item

    @action(
        _l("Take off the list"),
        icon="trash",
        confirm=counted("%(num)s number may get messages again.", "%(num)s numbers may get messages again."),
        submit=counted("Take %(num)s number off", "Take %(num)s numbers off"),
        danger=True,
        name="remove",
    )
    def delete_rows(self, rows: Sequence[SmsBlock], form: Any) -> Done:
        """Delete the rows without trash; an audit event records it."""
        erase(rows)
        return Done(
            ngettext("%(num)s number is off the list.", "%(num)s numbers are off the list.", len(rows))
        )
