"""The words of a section's declaration, with their defaults."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy import ColumnElement

from app.panel.layout.navigation import MenuEntry


@dataclass(frozen=True)
class Tab:
    """A tab over a list: a named condition on its rows."""

    key: str
    label: LazyString
    # Cached for all who act alike, so it takes the time from `app.panel.queries.moments`.
    condition: Callable[[], ColumnElement[bool]]
    counted: bool = False
    sort: str | None = None  # overrides the section's order
    empty: LazyString | None = None  # what an empty tab means


class Words(MenuEntry):
    """A name is a column, a relation or a property of `model`; a dot follows a relation (``customer.mobile``)."""

    model: ClassVar[Any]
    slug: ClassVar[str]
    title_one: ClassVar[LazyString]
    # Names, or the displays of `app.panel.displays` (``Chip("status", …)``); a section has the names once it is declared.
    columns: ClassVar[Sequence[Any]] = ()
    # Columns that the table settings offer besides `columns`, `details` and `form`.
    optional_columns: ClassVar[Sequence[Any]] = ()
    labels: ClassVar[dict[str, LazyString]] = {}
    # Names that lists load although no column shows them.
    preload: ClassVar[Sequence[str]] = ()
    # What a row's page shows; `columns` and the fields of the form where it is empty.
    details: ClassVar[Sequence[Any]] = ()
    # Tabs of a row's page: «orders.customer» are the rows of the section «orders» whose `customer` it is.
    related: ClassVar[Sequence[str]] = ()
    # The other way round: relations to rows of other sections, on whose pages these rows are a tab.
    appears_on: ClassVar[Sequence[str]] = ()
    # Whether programs may read and write the rows under /api/v1/.
    rest: ClassVar[bool] = False
    # The columns that are edited in the list itself, and those that the bulk bar sets on many rows at once.
    inline: ClassVar[Sequence[str]] = ()
    bulk_edit: ClassVar[Sequence[str]] = ()
    search: ClassVar[Sequence[str]] = ()
    search_hint: ClassVar[LazyString] = _("Search …")
    # Whether the palette finds rows by what `search` searches.
    in_palette: ClassVar[bool] = False
    filters: ClassVar[Sequence[str]] = ()
    sortable: ClassVar[Sequence[str]] = ()
    sort: ClassVar[str] = "-id"
    tabs: ClassVar[Sequence[Tab]] = ()
    form: ClassVar[Sequence[str]] = ()
    # The form of an existing row; `form` where it is None.
    edit_fields: ClassVar[Sequence[str] | None] = None
    # Form fields that no column describes, by their names, or that replace a column's own.
    extra_fields: ClassVar[dict[str, Any]] = {}
    extra_edit_fields: ClassVar[dict[str, Any]] = {}
    # Shown above the form of an existing row, since it can't be changed there.
    read_only: ClassVar[Sequence[str]] = ()
    # Relations that can be looked up besides those of `form` and `filters`.
    lookups: ClassVar[Sequence[str]] = ()
    # The right that a member needs to name the owner of a row, where a form, `inline` or `bulk_edit` names the relation.
    owner_right: ClassVar[str | None] = None
    # The relation that names the owner of a row: a new row is the acting member's. Only members who see all rows get the
    # field, and choose somebody else.
    owner: ClassVar[str | None] = None
    # Whether rows may come from a csv or xlsx file, through the form, for members with `Access.IMPORT`.
    importable: ClassVar[bool] = False
    # The field by which a row of a file is known to be one that is stored; without it each row of a file is a new one.
    import_key: ClassVar[str | None] = None
    empty_hint: ClassVar[LazyString | None] = None
    # Whether rows change without the member, so that an open list reloads by itself.
    is_live: ClassVar[bool] = False
    # Whether files can be attached to a row, on its page.
    attachments: ClassVar[bool] = False

    list_template = "panel/lists/list.html"
    form_template = "panel/forms/form.html"
    default_view = "index"
    # FAB's file route serves any upload to anyone who may download anywhere (F-06).
    exclude_route_methods: ClassVar[set[str]] = {"download"}
