"""SMS quotas: the pages per month of a member; without a quota, the organisation's applies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.panel.access import Access
from app.panel.action import Done, action, counted
from app.panel.records.delete import erase
from app.panel.section import Section
from models.sms.quota import SmsQuota
from views import groups


class SmsQuotas(Section):
    model = SmsQuota
    slug = "sms-quotas"
    title, title_one = _l("SMS quotas"), _l("SMS quota")
    group, icon, menu_order = groups.SMS, "gauge", 470
    exclude_route_methods = {"download", "undo"}

    columns = ("member", "pages")
    filters = ("member", "pages")
    sortable = ("pages",)
    form = ("member", "pages")
    edit_fields = ("pages",)
    read_only = ("member",)
    inline = ("pages",)
    bulk_edit = ("pages",)
    empty = _l("No member has a limit of their own")
    empty_hint = _l("All members send as many messages as the organisation has.")

    roles = {"Manager": Access.FULL | Access.TRAIL}

    @action(
        _l("Take the limit away"),
        icon="trash",
        confirm=counted(
            "%(num)s member may send without a limit of their own.",
            "%(num)s members may send without a limit of their own.",
        ),
        submit=counted("Take %(num)s limit away", "Take %(num)s limits away"),
        danger=True,
        name="remove",
    )
    def delete_rows(self, rows: Sequence[SmsQuota], form: Any) -> Done:
        """Delete the rows without trash; an audit event records it."""
        erase(rows)
        return Done(ngettext("%(num)s limit is gone.", "%(num)s limits are gone.", len(rows)))
