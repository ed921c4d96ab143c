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
    """A tab of a list: a named condition on its rows."""

    key: str
    label: LazyString
    # Cached across requests, so it takes the time from `app.panel.queries.moments`.
    condition: Callable[[], ColumnElement[bool]]
    counted: bool = False
    sort: str | None = None  # overrides the section's order
    empty: LazyString | None = None  # the text of an empty tab


class Words(MenuEntry):
    """The words of a declaration.

    A name is a column, relation or property of `model`; a dot follows a relation (``customer.mobile``).
    """

    model: ClassVar[Any]
    slug: ClassVar[str]
    title_one: ClassVar[LazyString]
    # Names or displays of `app.panel.displays` (``Chip("status", …)``); a declared section has the names alone.
    columns: ClassVar[Sequence[Any]] = ()
    # Columns that the table settings offer in addition to `columns`, `details` and `form`.
    optional_columns: ClassVar[Sequence[Any]] = ()
    labels: ClassVar[dict[str, LazyString]] = {}
    # Names that lists load although no column shows them.
    preload: ClassVar[Sequence[str]] = ()
    # What a row's page shows; `columns` and the fields of the form where it is empty.
    details: ClassVar[Sequence[Any]] = ()
    # Tabs of the page of a row: «orders.customer» lists the rows of the section «orders» whose `customer` is the row.
    related: ClassVar[Sequence[str]] = ()
    # The reverse of `related`: relations to rows of other sections, whose pages list the rows of this section in a tab.
    appears_on: ClassVar[Sequence[str]] = ()
    # Whether the REST API under /api/v1/ serves the rows.
    rest: ClassVar[bool] = False
    # The columns that are edited inside the list, and those that the bulk bar sets on many rows at once.
    inline: ClassVar[Sequence[str]] = ()
    bulk_edit: ClassVar[Sequence[str]] = ()
    search: ClassVar[Sequence[str]] = ()
    search_hint: ClassVar[LazyString] = _("Search …")
    # Whether the palette searches the rows by `search`.
    in_palette: ClassVar[bool] = False
    filters: ClassVar[Sequence[str]] = ()
    sortable: ClassVar[Sequence[str]] = ()
    sort: ClassVar[str] = "-id"
    tabs: ClassVar[Sequence[Tab]] = ()
    form: ClassVar[Sequence[str]] = ()
    # The form of an existing row; `form` where it is None.
    edit_fields: ClassVar[Sequence[str] | None] = None
    # Form fields by name, without a column or in place of the field of a column.
    extra_fields: ClassVar[dict[str, Any]] = {}
    extra_edit_fields: ClassVar[dict[str, Any]] = {}
    # Columns that the form of an existing row shows above its fields, without editing them.
    read_only: ClassVar[Sequence[str]] = ()
    # Relations that can be looked up in addition to those of `form` and `filters`.
    lookups: ClassVar[Sequence[str]] = ()
    # The right to set the owner of a row, required where `form`, `inline` or `bulk_edit` contains the owner relation.
    owner_right: ClassVar[str | None] = None
    # The relation that names the owner of a row: a new row is the acting member's. Only members who see all rows get the
    # field, and choose somebody else.
    owner: ClassVar[str | None] = None
    # Whether rows may come from a csv or xlsx file, through the form, for members with `Access.IMPORT`.
    importable: ClassVar[bool] = False
    # The field by which a row of a file is known to be one that is stored; without it each row of a file is a new one.
    import_key: ClassVar[str | None] = None
    empty_hint: ClassVar[LazyString | None] = None
    # Whether an open list reloads by itself because background work changes the rows.
    is_live: ClassVar[bool] = False
    # Whether the page of a row has file attachments.
    attachments: ClassVar[bool] = False

    list_template = "panel/lists/list.html"
    form_template = "panel/forms/form.html"
    default_view = "index"
    # The file route of Flask-AppBuilder serves every upload to users with one download right (F-06).
    exclude_route_methods: ClassVar[set[str]] = {"download"}
