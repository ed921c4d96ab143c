"""The values of customers side by side: which fields differ, and the values that the merged customer gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.customer import Customer

# The fields of which one value is chosen. The notes are joined, and one wish for no SMS applies to all.
FIELDS = (
    "mobile",
    "first_name",
    "last_name",
    "email",
    "national_id",
    "province",
    "city",
    "dossier_id",
)


@dataclass(frozen=True)
class FieldChoice:
    """A field with the values of the customers, and the customer whose value is chosen."""

    name: str
    values: Mapping[int, Any]  # by customer, without empty ones
    chosen: int | None

    @property
    def differs(self) -> bool:
        return len(set(self.values.values())) > 1

    @property
    def value(self) -> Any:
        return None if self.chosen is None else self.values[self.chosen]


def choices_of(customers: Sequence[Customer], chosen: Mapping[str, int]) -> list[FieldChoice]:
    """The fields of *customers*, the oldest first; where nothing is *chosen*, the oldest value that is not empty."""
    found = []
    for name in FIELDS:
        values = {each.id: getattr(each, name) for each in customers if getattr(each, name) not in {None, ""}}
        wanted = chosen.get(name)
        if wanted not in values:
            wanted = next(iter(values), None)
        found.append(FieldChoice(name, values, wanted))
    return found


def merged_values(customers: Sequence[Customer], chosen: Mapping[str, int]) -> dict[str, Any]:
    """The values of the customer that *customers* become."""
    values = {each.name: each.value for each in choices_of(customers, chosen)}
    return {
        **values,
        "opted_out": any(each.opted_out for each in customers),
        "note": joined_notes(customers),
    }


def joined_notes(customers: Sequence[Customer]) -> str | None:
    """The notes of all, each once."""
    notes = dict.fromkeys(each.note.strip() for each in customers if each.note and each.note.strip())
    return "\n\n".join(notes) or None
