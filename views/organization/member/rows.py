"""What the rows of members say, and which of them the current member may change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.extensions import appbuilder
from app.panel.actor import role_label, sees_own_rows_only
from app.panel.formatting import NOTHING
from app.services.role.edit import extra_titles
from app.services.role.grant import Powers, joined, powers_by_role
from models.member import Member


def remember_powers(rows: Sequence[Member]) -> None:
    """Load the permissions of the roles of all *rows* in one statement."""
    known: dict[int, Powers] = g.setdefault("powers_by_role", {})
    missing = {role.id for row in rows for role in row.roles} - known.keys()
    if missing:
        known.update(powers_by_role(missing))


def is_covered(row: Member, *, opens_account: bool = False) -> bool:
    """Whether the current member has all permissions of *row*, and so may change that account."""
    remember_powers([row])
    own = Powers(appbuilder.sm.current_pairs(), all_rows=not sees_own_rows_only())
    theirs = joined(g.powers_by_role[role.id] for role in row.roles)
    return own.open_account(theirs) if opens_account else own.cover(theirs)


def state_words(row: Any) -> str:
    if not row.active:
        return _("Switched off")
    return _("Invited") if row.is_invited else _("Active")


def state_colour(row: Any) -> str:
    if not row.active:
        return "gray"
    return "amber" if row.is_invited else "green"


def presence_words(row: Any) -> str | None:
    """None, the column's own words, unless the member is invited and has no presence yet."""
    return NOTHING if row.is_invited else None


def role_words(row: Any) -> str:
    if "extra_titles" not in g:
        g.extra_titles = extra_titles()
    titles = g.extra_titles
    return "، ".join(titles.get(role.id) or str(role_label(role.name)) for role in row.roles)


def is_off(row: Any) -> Any:
    return _l("This member is active already.") if row.active else None


def is_on(row: Any) -> Any:
    return None if row.active else _l("This member is switched off already.")
