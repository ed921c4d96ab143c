"""The words of a section's declaration, with their defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.panel.layout.navigation import MenuEntry
from app.panel.words import Card, Lines, Tab, Under

if TYPE_CHECKING:
    from app.panel.action import RestAct
    from app.panel.board.declaration import Board
    from app.panel.displays.owners import Owners
    from app.panel.side import SidePanel
    from app.panel.timeline import Timeline


class Words(MenuEntry):
    """The words of a declaration.

    A name is a column, relation or property of `model`; a dot follows a relation (``customer.mobile``).
    """

    model: ClassVar[Any]
    slug: ClassVar[str]
    title_one: ClassVar[LazyString]
    # Names or displays of `app.panel.displays` (``Chip("status", …)``); a declared section has the names alone.
    columns: ClassVar[Sequence[Any]] = ()
    # Further values in the cells of a column, by its path.
    under: ClassVar[dict[str, Under]] = {}
    # Columns that the table settings offer in addition to `columns`, `details` and `form`.
    optional_columns: ClassVar[Sequence[Any]] = ()
    # The card of a row on a phone; chosen from the kinds of `columns` where it is None.
    card: ClassVar[Card | None] = None
    labels: ClassVar[dict[str, LazyString]] = {}
    # Names that lists load although no column shows them.
    preload: ClassVar[Sequence[str]] = ()
    # What a row's page shows; `columns` and the fields of the form where it is empty.
    details: ClassVar[Sequence[Any]] = ()
    # The line under the name on the page of a row; values that are empty are left out.
    headline: ClassVar[Sequence[Any]] = ()
    # The events on the page of a row; see `app.panel.timeline`.
    timeline: ClassVar[Timeline | None] = None
    # The side panel that a click on a row opens; see `app.panel.side`.
    panel: ClassVar[SidePanel | None] = None
    # The page with the rows as cards in columns; see `app.panel.board`.
    board: ClassVar[Board | None] = None
    # Tabs of the page of a row: «orders.customer» lists the rows of the section «orders» whose `customer` is the row.
    related: ClassVar[Sequence[str]] = ()
    # The reverse of `related`: relations to rows of other sections, whose pages list the rows of this section in a tab.
    appears_on: ClassVar[Sequence[str]] = ()
    # The relation to the parent on whose page alone the rows stand; see `app.panel.child_section`.
    only_in: ClassVar[str | None] = None
    # Whether the REST API under /api/v1/ serves the rows.
    rest: ClassVar[bool] = False
    # What REST does with rows besides the actions of the list.
    rest_acts: ClassVar[Sequence[RestAct]] = ()
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
    # Child rows that the form has with the fields of the row.
    lines: ClassVar[Lines | None] = None
    # Columns of parents that the page with the edit form shows too («customer.city»). Each is edited by the right, the scope
    # and the rules of the parent's own section, and only shown to members who may not edit it. REST does not have them.
    related_fields: ClassVar[Sequence[str]] = ()
    # Columns that the form of an existing row shows above its fields, without editing them.
    read_only: ClassVar[Sequence[str]] = ()
    # Relations that can be looked up in addition to those of `form` and `filters`.
    lookups: ClassVar[Sequence[str]] = ()
    # The right to set the owner of a row, required where `form`, `inline` or `bulk_edit` contains the owner relation.
    owner_right: ClassVar[str | None] = None
    # The relation that names the owner of a row: a new row is the acting member's. Only members who see all rows get the
    # field, and choose somebody else.
    owner: ClassVar[str | None] = None
    # The members who work on a row without an owner of its own; «owners» in `columns` and `filters` stands for them.
    # Members who see only own rows get neither.
    owners: ClassVar[Owners | None] = None
    # Whether rows may come from a csv or xlsx file, through the form, for members with `Access.IMPORT`.
    importable: ClassVar[bool] = False
    # The field by which a row of a file is known to be one that is stored; without it each row of a file is a new one.
    import_key: ClassVar[str | None] = None
    # The whole number that orders the rows by hand, and the column whose rows of one value are ordered among themselves.
    order_column: ClassVar[str | None] = None
    order_within: ClassVar[str | None] = None
    # The heading of an empty list, and why it is empty; it names no act, which the member may not have.
    empty: ClassVar[LazyString | None] = None
    empty_hint: ClassVar[LazyString | None] = None
    # The heading over the buttons of the actions with `on_row`; «Actions» without it.
    acts_title: ClassVar[LazyString | None] = None
    # Whether an open list reloads by itself because background work changes the rows.
    is_live: ClassVar[bool] = False
    # Whether the page of a row has file attachments.
    attachments: ClassVar[bool] = False
    # The right to attach files to a row; deleting and restoring them needs the right to edit.
    attach_right: ClassVar[str] = "edit"

    list_template = "panel/lists/list.html"
    form_template = "panel/forms/form.html"
    conflict_template = "panel/forms/conflict.html"
    # The page of a row; a template of your own extends it and fills its blocks from `record_parts()`.
    record_template = "panel/records/show.html"
    default_view = "index"
    # The file route of Flask-AppBuilder serves every upload to users with one download right (F-06).
    exclude_route_methods: ClassVar[set[str]] = {"download"}
