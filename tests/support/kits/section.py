"""The section of kits."""

from typing import Any

from flask_babel import lazy_gettext as _

from app.panel.access import Access
from app.panel.board import Board, CardParts, Lane
from app.panel.section import Section
from app.panel.words import Lines, Total
from tests.support.kits.model import Kit, Stage
from views import groups


class Kits(Section):
    model = Kit
    slug = "kits"
    rest = True
    title, title_one = _("Kits"), _("kit")
    group, icon, menu_order = groups.ORGANIZATION, "package", 530
    columns = ("title", "price")
    form = ("title", "parts", "rebate", "packed_at")
    filters = sortable = ("packed_at",)
    board = Board(
        by="stage",
        card=CardParts("title"),
        lanes={
            Stage.PLANNED: Lane("circle", "gray", tick=Stage.PACKED),
            Stage.SENT: Lane("circle-check", "green", is_over=True),
        },
    )
    lines = Lines(
        "parts",
        _("Parts"),
        _("part"),
        ("product", "count", "price"),
        presets={"price": "product.price"},
        amount="amount",
        totals=(Total("gross", _("Before the rebate")), Total("rebate", minus=True), Total("price")),
    )

    def form_note(self, row: Any) -> str | None:
        return "A new kit <b>" if row is None else f"Kit {row.id}"

    roles = {"Manager": Access.FULL | Access.TRAIL, "Consultant": Access.READ}
