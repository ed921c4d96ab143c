"""The values of customers side by side: which fields differ, and the values that the merged customer gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.extensions import db
from models.customer import Customer
from models.dossier import Dossier

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
            wanted = next(iter(_standing(name, customers) or values), None)
        found.append(FieldChoice(name, values, wanted))
    return found


def _standing(name: str, customers: Sequence[Customer]) -> list[int]:
    """The customers whose dossier is not deleted, which comes before a deleted one; none for other fields."""
    if name != "dossier_id":
        return []
    return [each.id for each in customers if each.dossier is not None and each.dossier.deleted_at is None]


def write_field(customer: Customer, name: str, value: Any) -> None:
    """Write a value that the customer or another one had before."""
    if name == "dossier_id":
        # The row, since the dossier may be deleted: a new key of a deleted row is refused.
        options = {"with_deleted": True}
        customer.dossier = db.session.get(Dossier, value, execution_options=options) if value else None
    else:
        setattr(customer, name, value)


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
