"""The pages that find customers to merge: duplicates, the merges so far, and the search for one other customer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request
from flask_appbuilder import expose
from flask_babel import gettext as _

from app.panel.access import requires, row_key, wants_fragment
from app.panel.view_models import TabLink
from app.services.merge.duplicates import Groups, groups_by_name, groups_by_number
from app.services.merge.merge import MOST
from views.customer_sheets import CustomerSheets
from views.merging.merges import merge_lines
from views.merging.others import comparison_query, find_others

NUMBER, NAME_CITY, MERGES = "number", "name", "merges"


class Duplicates(CustomerSheets):
    """/duplicates and /<pk>/merge-with."""

    @expose("/duplicates")
    @requires("merge")
    def duplicates(self) -> str:
        """Groups of customers that are probably one person, or the merges so far."""
        by = request.args.get("by", NUMBER)
        if by == MERGES:
            return self._merges()
        groups = _groups(by)
        kind = NAME_CITY if by == NAME_CITY else NUMBER
        return self.render_template(
            "sales/customer/duplicates.html",
            groups=groups.groups,
            tabs=self._tabs(kind),
            by=kind,
            most=MOST,
            merge_url=f"{self.base_url}merge",
            next_url=_next_url(self._duplicates_url(kind), groups),
            base_url=self.base_url,
        )

    def _merges(self) -> str:
        text = request.args.get("before", "")
        lines, before = merge_lines(row_key(text) if text else None)
        return self.render_template(
            "sales/customer/merges.html",
            lines=lines,
            tabs=self._tabs(MERGES),
            next_url=f"{self._duplicates_url(MERGES)}&before={before}" if before else None,
            base_url=self.base_url,
        )

    def _tabs(self, active: str) -> list[TabLink]:
        labels = {
            NUMBER: _("Same number"),
            NAME_CITY: _("Same name and city"),
            MERGES: _("Merges"),
        }
        return [
            TabLink(key, label, self._duplicates_url(key), None, key == active)
            for key, label in labels.items()
        ]

    @expose("/<pk>/merge-with")
    @requires("merge")
    def merge_with(self, pk: str) -> str:
        """Finds the other customer; the first search is for those of the same name."""
        customer: Any = self.rows_in_scope([row_key(pk)])[0]
        text = request.args.get("q", customer.name)[:100]
        return self.render_template(
            f"sales/customer/{'_others' if wants_fragment() else 'merge_with'}.html",
            customer=customer,
            text=text,
            others=find_others(self.statement(), customer, text),
            query_of=lambda other: comparison_query(customer.id, other.id),
            base_url=self.base_url,
        )

    def _duplicates_url(self, by: str = NUMBER) -> str:
        return f"{self.base_url}duplicates" + (f"?by={by}" if by != NUMBER else "")


def _groups(by: str) -> Groups:
    # PostgreSQL refuses a text with this character.
    number, city = (
        text.replace("\0", "") if (text := request.args.get(name)) is not None else None
        for name in ("after", "city")
    )
    if by == NAME_CITY:
        return groups_by_name((number, city) if number is not None and city is not None else None)
    return groups_by_number((number,) if number is not None else None)


def _next_url(url: str, groups: Groups) -> str | None:
    if groups.after is None:
        return None
    place = dict(zip(("after", "city"), groups.after, strict=False))
    return f"{url}{'&' if '?' in url else '?'}{urlencode(place)}"
