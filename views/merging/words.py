"""The sentences of merges: how many customers, what was merged, and what an undo left."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from app.services.merge.undo import Parted
from models.customer import Customer
from models.customer_merge import CustomerMerge


def how_many() -> str:
    return _("Tick two to five customers that are one person.")


def merged_words(act: CustomerMerge) -> str:
    words: str = ngettext(
        "%(num)s customer merged into «%(name)s».",
        "%(num)s customers merged into «%(name)s».",
        len(act.absorbed),
        name=str(act.survivor),
    )
    return words


def undone_words(parted: Parted) -> str:
    words = [_("The merge is undone.")]
    if parted.stayed:
        kinds = "، ".join(f"{count} {label}" for label, count in parted.stayed.items())
        words.append(
            _("Added since, and stay with «%(name)s»: %(kinds)s.", name=str(parted.survivor), kinds=kinds)
        )
    if parted.fields:
        labels = "، ".join(str(Customer.__table__.c[name].info.get("label", name)) for name in parted.fields)
        words.append(_("Changed since, and stay as they are: %(fields)s.", fields=labels))
    if parted.orders:
        words.append(
            ngettext(
                "%(num)s order was decided since and stays so.",
                "%(num)s orders were decided since and stay so.",
                parted.orders,
            )
        )
    return " ".join(words)
