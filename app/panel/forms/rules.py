"""Rules across the fields of a row, asked wherever a form, a list, a program or a file writes one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import DomainError, Refusals
from app.extensions import db
from app.panel.declaration import Declaration


def refuse_broken_rules(section: Declaration, rows: Sequence[Any]) -> None:
    """Raise `DomainError` unless each of *rows*, as it would be written, follows the rule of *section*."""
    # A rule may read other rows; a broken one must not reach the database before them.
    with db.session.no_autoflush:
        for row in rows:
            try:
                section.check(row)
            except DomainError as error:
                if len(rows) == 1:
                    raise
                raise _naming(row, error) from error


def _naming(row: Any, error: DomainError) -> DomainError:
    """*error* with the name of the row to blame: one of several."""
    named = [
        DomainError(_l("%(row)s: %(reason)s"), field=each.field, row=str(row), reason=str(each))
        for each in error.parts
    ]
    return named[0] if len(named) == 1 else Refusals(*named)
