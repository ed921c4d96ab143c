"""The products that the texts of a file name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.extensions import db
from app.lib.persian import fold
from models.product import Product


@dataclass(frozen=True)
class ProductIndex:
    """Ids of active products by their codes as they are stored, and by folded titles and codes that one product alone has."""

    codes: Mapping[str, int]
    names: Mapping[str, int]

    def find(self, text: str) -> int | None:
        """The product that *text* names; None for an unknown and for an ambiguous one."""
        found = self.codes.get(text.strip())
        return self.names.get(fold(text)) if found is None else found

    @property
    def ids(self) -> Collection[int]:
        return set(self.codes.values())


def load_products() -> ProductIndex:
    """The index of the active products."""
    statement = select(Product.id, Product.title, Product.code).where(Product.is_active).order_by(Product.id)
    codes: dict[str, int] = {}
    named: dict[str, set[int]] = defaultdict(set)
    for key, title, code in db.session.execute(statement):
        codes[code] = key
        for name in (title, code):
            named[fold(name)].add(key)
    return ProductIndex(codes, {name: next(iter(keys)) for name, keys in named.items() if len(keys) == 1})
