"""Optimistic locking: forms carry the version of their row and digests of its values."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

from wtforms import Field, Form

from app.extensions import db
from app.panel.forms.code_fields import ChoicesField
from app.panel.forms.fields import ParsedField, YesNoField
from app.panel.forms.lines.entry import LineEntry
from app.panel.forms.lines.field import KEY, LinesField
from models.base import Row, Versioned
from models.types import Choice

VERSION = "row_version"
LOADED = "_loaded"
_PAIR = re.compile(r"(\d{1,18}):(\d{1,9})", re.ASCII)


class StaleForm(Exception):
    """The row was changed after the form was loaded."""


def version_of(row: object) -> int | None:
    """The version of *row*; None for rows without a version counter."""
    version: int | None = getattr(row, "row_version", None)
    return version


def version_fields(form: Form, names: Sequence[str], row: Row) -> list[tuple[str, str]]:
    """Hidden fields with the row's version and a digest of each loaded value."""
    version = version_of(row)
    if version is None:
        return []
    loaded = {key: digest(text) for name in names for key, text in submitted_texts(form[name])}
    return [(VERSION, str(version)), (LOADED, json.dumps(loaded))]


def version_fields_again(sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """The `version_fields` of a form that is shown again with errors: those of the row as it was loaded."""
    return [(name, sent[name]) for name in (VERSION, LOADED) if name in sent]


def refuse_stale(row: Row, sent: Mapping[str, str]) -> None:
    """Raise `StaleForm` when *sent* names another version than the row has; a form without a version passes."""
    if version_of(row) is None or VERSION not in sent:
        return
    if not isinstance(row, Versioned):
        # No mapper compares this version when it writes, so the row is locked from here on.
        db.session.refresh(row, ["row_version"], with_for_update=True)
    if sent[VERSION] != str(version_of(row)):
        raise StaleForm


def loaded_digests(sent: Mapping[str, str]) -> dict[str, str]:
    """The digests of the values that the form was loaded with; empty when they can't be read."""
    try:
        loaded = json.loads(sent.get(LOADED, ""))
    except (ValueError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def submitted_value(field: Field) -> str:
    """The value of *field* as the text that its input sends."""
    data = field.data
    if isinstance(field, YesNoField):
        return {True: "y", False: "n"}.get(data, "")
    if isinstance(field, ChoicesField):
        return ",".join(data or ())
    if data is None or data is False:
        return ""
    if data is True:
        return "y"
    if isinstance(data, Choice):
        return str(data.value)
    return field.show(data) if isinstance(field, ParsedField) else str(data)


def submitted_texts(field: Field) -> list[tuple[str, str]]:
    """The value of *field* by its name; of lines their order by the name of the field, and each line by its key."""
    if not isinstance(field, LinesField):
        return [(field.name, submitted_value(field))]
    stored = [entry for entry in field.filled if entry.key]
    order = ",".join(entry.key for entry in stored)
    return [(field.name, order), *((line_name(field, entry), line_as_text(entry)) for entry in stored)]


def line_name(field: LinesField, entry: LineEntry) -> str:
    return f"{field.name}#{entry.key}"


def line_as_text(entry: LineEntry, *, with_key: bool = True) -> str:
    """A line as the one JSON object that `LinesField` reads."""
    key = {KEY: entry.key} if with_key and entry.key else {}
    values = {field.short_name: submitted_value(field) for field in entry.form}
    return json.dumps(key | values, ensure_ascii=False)


def read_versions(text: str) -> dict[int, int]:
    """Versions by row key, as a list sends them; malformed pairs are left out."""
    found = (_PAIR.fullmatch(part) for part in text.split(","))
    return {int(pair[1]): int(pair[2]) for pair in found if pair}
