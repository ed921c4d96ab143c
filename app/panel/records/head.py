"""The head of a row's page, and its values: those that it has, and those that it does not have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.extensions import appbuilder
from app.panel.access import permitted
from app.panel.columns import Column
from app.panel.declaration import Declaration
from app.panel.details import facts_of
from app.panel.displays.owners import OWNERS, hidden_names
from app.panel.formatting import NOTHING
from app.panel.queries.parents import named_parents
from app.panel.records.page_data import EmptyFact, RecordHead
from app.panel.view_models import ROW_KEY, Fact, MenuItem
from models.base import Row

# The field that the edit form shows first; see `panel/forms/form.html`.
FIELD = "field"


def parents_of(section: Declaration) -> Sequence[str]:
    """The parents of a row that its page names, so that they are loaded with it."""
    columns = [*section.described_details, *map(section.describe, section.headline)]
    return named_parents(section.model, dict.fromkeys(column.steps[0] for column in columns))


def record_head(section: Declaration, row: Row) -> RecordHead:
    person = section.person_of(row)
    columns = [section.describe(path) for path in section.headline]
    facts = [fact for fact in linked_facts(section, columns, row, brief=True) if fact.text != NOTHING]
    return RecordHead(
        letters=letters_of(str(person)) if person is not None else "",
        icon=section.icon,
        facts=facts,
        acts=section.record_acts(row),
        menu=_menu(section, row),
        edit_url=f"{section.base_url}edit/{row.id}" if section.may_edit(row) else None,
    )


def letters_of(name: str) -> str:
    """The first letters of the first two words; nothing for a number."""
    words = [word for word in name.split() if word[:1].isalpha()]
    return "\u200c".join(word[:1] for word in words[:2])


def _menu(section: Declaration, row: Row) -> Sequence[MenuItem]:
    """The ⋮ menu without the link to this page, deletion last."""
    here = f"{section.base_url}show/{ROW_KEY}"
    items = [item for item in section.row_menu(row) if item.url != here]
    if not section.may_edit(row):
        items = [item for item in items if item.url != f"{section.base_url}edit/{ROW_KEY}"]
    return [
        MenuItem(**{**vars(item), "url": item.url.replace(ROW_KEY, str(row.id))})
        for item in sorted(items, key=lambda each: each.danger)
    ]


def linked_facts(
    section: Declaration, columns: Sequence[Column], row: Row, *, brief: bool = False
) -> list[Fact]:
    """The values of *columns*, *brief* ones as a list shows them; the name of another row leads to its page, where the member may open it."""
    facts, columns = [], _shown(section, columns)
    for column, fact in zip(columns, facts_of(section, columns, row, brief=brief), strict=True):
        # The owners of a row are several members, so their names lead nowhere.
        model = None if column.path == OWNERS or fact.href is not None else column.target
        target = None if model is None else _page_of(model)
        other = column.value(row) if target is not None else None
        url = None if target is None or other is None else _url_of(target, other)
        facts.append(replace(fact, href=url) if url and fact.kind == "text" else fact)
    return facts


def _url_of(section: Declaration, row: Any) -> str | None:
    return f"{section.base_url}show/{row.id}" if section.has_page(row) else None


def _shown(section: Declaration, columns: Sequence[Column]) -> Sequence[Column]:
    """The *columns* that the member may see."""
    hidden = hidden_names(section)
    return [column for column in columns if column.path not in hidden]


def _page_of(model: type[Any]) -> Declaration | None:
    """The section that shows the rows of *model* to the member."""
    views = (view for view in appbuilder.baseviews if isinstance(view, Declaration) and view.model is model)
    return next((view for view in views if permitted(view, "can_show")), None)


def split_facts(
    section: Declaration, row: Row, columns: Sequence[Column]
) -> tuple[list[Fact], list[EmptyFact]]:
    """(the values of *columns* that the row has, those that it does not have)."""
    edit_url = f"{section.base_url}edit/{row.id}" if section.may_edit(row) else None
    names = set(_edited(section))
    filled, empty, columns = [], [], _shown(section, columns)
    for column, fact in zip(columns, linked_facts(section, columns, row), strict=True):
        if fact.text == NOTHING or fact.text is None:
            url = f"{edit_url}?{FIELD}={column.path}#{column.path}" if column.path in names else None
            empty.append(EmptyFact(fact.label, url if edit_url else None))
        else:
            filled.append(fact)
    return filled, empty


def _edited(section: Any) -> Sequence[str]:
    names = section.edit_fields if section.edit_fields is not None else section.form
    return [*names, *section.extra_edit_fields]
