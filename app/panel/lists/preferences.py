"""Table settings of a list, stored for each member: columns and their order, density, page size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import make_response, redirect, request
from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.extensions import db
from app.panel.access import wants_fragment
from app.panel.action import Done
from app.panel.actor import member_id
from app.panel.columns import Column
from app.panel.declaration import Declaration
from app.panel.forms.uniqueness import is_unique_violation
from app.panel.queries import cursor
from app.panel.queries.arguments import PAGE_SIZES, read_query, read_state
from app.panel.queries.preferences import ADDRESSED, SIZE, VIEW, read_density, table_choice
from app.panel.responses import leave_toast
from models.table_view import Density, TableSettings


def with_page_size(section: Declaration, arguments: MultiDict[str, str]) -> MultiDict[str, str]:
    """*arguments*, with the member's page size where the address has none."""
    size = table_choice(section.slug).size
    if SIZE in arguments or size is None:
        return arguments
    return MultiDict([*arguments.items(multi=True), (SIZE, str(size))])


def settings_form(section: Declaration, shown: Sequence[Column], query_text: str, error: str = "") -> str:
    choice, offered = table_choice(section.slug), section.visible_columns()
    first = [column.path for column in shown]
    size = read_state(with_page_size(section, request.args), sortable=(), tabs=()).size
    return section.render_template(
        "panel/lists/table.html",
        layout="panel/layout/dialog.html" if wants_fragment() else "panel/layout/dialog_page.html",
        columns=[offered[path] for path in dict.fromkeys([*first, *offered])],
        chosen=set(first),
        density=read_density(request.form.get("density", "")) or choice.density,
        densities=list(Density),
        size=size,
        sizes=PAGE_SIZES,
        query=query_text,
        error=error,
        section=section,
    )


def save_settings(section: Declaration) -> Any:
    """Save the form that was sent and return to the list."""
    arguments = read_query(request.form.get("_query", ""))
    offered = section.visible_columns()
    paths = [path for path in request.form.getlist("column") if path in offered]
    words = _("The table settings are saved.")
    if request.form.get("reset"):
        _save(section, None)
        words = _("The table is as at the beginning.")
    elif not paths:
        error = _("Choose at least one column.")
        return settings_form(section, (), request.form.get("_query", ""), error), 422
    else:
        _save(section, list(dict.fromkeys(paths)))
    leave_toast(Done(words))
    return to_list(section, [(k, v) for k, v in arguments.items(multi=True) if k not in ADDRESSED])


def _save(section: Declaration, columns: list[str] | None) -> None:
    """Store the settings; None resets them. The last of two concurrent writes wins."""
    row = own_settings(section)
    if columns is None:
        row.columns, row.page_size, row.density = [], PAGE_SIZES[0], Density.COMFORTABLE
    else:
        state = read_state(request.form, sortable=(), tabs=())
        declared = columns == list(section.columns)
        row.columns, row.page_size = [] if declared else columns, state.size
        row.density = read_density(request.form.get("density", "")) or Density.COMFORTABLE
    commit_settings(row)


def own_settings(section: Declaration) -> TableSettings:
    """The member's settings of the list; creates the row where there is none."""
    find = find_settings(section, TableSettings)
    row: TableSettings | None = db.session.scalar(find)
    if row is not None:
        return row
    try:
        with db.session.begin_nested():
            db.session.add(TableSettings(member_id=member_id(), section=section.slug))
    except IntegrityError as error:
        if not is_unique_violation(error):
            raise
    added: TableSettings = db.session.scalars(find).one()
    return added


def find_settings(
    section: Declaration, what: type[TableSettings] | InstrumentedAttribute[int | None]
) -> Select[Any]:
    return select(what).where(TableSettings.member_id == member_id(), TableSettings.section == section.slug)


def commit_settings(row: TableSettings) -> None:
    """Commit the settings; a row that equals the defaults is deleted."""
    is_untouched = not row.columns and row.page_size == PAGE_SIZES[0]
    if is_untouched and row.density is Density.COMFORTABLE and row.default_view_id is None:
        db.session.delete(row)
    db.session.commit()


def to_list(section: Declaration, pairs: Sequence[tuple[str, str]]) -> Response:
    """A redirect to the list with these arguments."""
    pairs = [(name, value) for name, value in pairs if name not in cursor.POSITION]
    # An address without arguments would open the default view, so it names an empty view instead.
    address = f"{section.base_url}?{urlencode(pairs or [(VIEW, '')])}"
    if not wants_fragment():
        return redirect(address)
    response = make_response("", 204)
    response.headers["HX-Redirect"] = address
    return response


def query_string(arguments: MultiDict[str, str]) -> str:
    """The query string of *arguments* without the position."""
    return urlencode([(k, v) for k, v in arguments.items(multi=True) if k not in cursor.POSITION])
