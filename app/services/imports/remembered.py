"""The columns of earlier imports, remembered for each set of headings."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from app.extensions import db
from app.lib.tables.headers import heading_key
from models.job import ORDERS, ImportJob, ImportStatus

_IMPORTED = (ImportStatus.QUEUED, ImportStatus.RUNNING, ImportStatus.DONE)


def headings_key(headers: Sequence[str]) -> str:
    """A key of the set of headings, in whatever sequence they stand."""
    keys = json.dumps(sorted(map(heading_key, headers)))
    return hashlib.sha256(keys.encode("utf-8", "replace")).hexdigest()


def remembered_mapping(headers: Sequence[str]) -> dict[str, int]:
    """Column by field as the last import with the same headings had them; empty if there was none."""
    statement = (
        select(ImportJob.mapping, ImportJob.headings)
        .where(
            ImportJob.section == ORDERS,
            ImportJob.headings_key == headings_key(headers),
            ImportJob.status.in_(_IMPORTED),
        )
        .order_by(ImportJob.id.desc())
        .limit(1)
    )
    found = db.session.execute(statement).first()
    if found is None:
        return {}
    here, there = _named(headers), {place: name for name, place in _named(found.headings).items()}
    places = {field: here.get(there[index]) for field, index in found.mapping.items() if index in there}
    return {field: place for field, place in places.items() if place is not None}


def _named(headers: Sequence[str]) -> dict[tuple[str, int], int]:
    """The place of each heading; those of the same name are numbered."""
    seen: dict[str, int] = defaultdict(int)
    places = {}
    for place, header in enumerate(headers):
        key = heading_key(header)
        places[key, seen[key]] = place
        seen[key] += 1
    return places
