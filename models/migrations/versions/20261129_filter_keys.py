"""folded keys of the texts that lists are filtered by."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from app.lib.persian import fold

revision = "20261129d"
down_revision = "20261129c"
branch_labels = None
depends_on = None

_BATCH = 5_000
COLUMNS: dict[str, Sequence[str]] = {
    "customers": ("email", "province", "city", "national_id"),
    "orders": ("reference",),
    "products": ("code",),
    "sms_blocks": ("reason",),
    "sms_campaigns": ("title",),
    "sms_messages": ("body",),
    "sms_templates": ("title", "body"),
}


def _see(*, everything: bool) -> None:
    """Whose rows they are does not matter here; the policies would hide them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def _fill(name: str, columns: Sequence[str]) -> None:
    """Write the keys in batches, and read no row that has nothing to fold."""
    names = ["id", *columns, *(f"{each}_key" for each in columns)]
    table = sa.table(name, *map(sa.column, names))
    filled = sa.or_(*(table.c[each] != "" for each in columns))
    change = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("row_id"))
        .values({f"{each}_key": sa.bindparam(f"{each}_folded") for each in columns})
    )
    connection, last = op.get_bind(), 0
    while True:
        texts = sa.select(table.c.id, *(table.c[each] for each in columns))
        rows = connection.execute(
            texts.where(table.c.id > last, filled).order_by(table.c.id).limit(_BATCH)
        ).all()
        if not rows:
            return
        keys = [
            {"row_id": row.id, **{f"{each}_folded": fold(getattr(row, each) or "") for each in columns}}
            for row in rows
        ]
        connection.execute(change, keys)
        last = rows[-1].id


def upgrade() -> None:
    _see(everything=True)
    for table, columns in COLUMNS.items():
        for each in columns:
            op.add_column(table, sa.Column(f"{each}_key", sa.Text(), server_default="", nullable=False))
        _fill(table, columns)
        for each in columns:
            op.create_index(
                f"ix_{table}_{each}_key",
                table,
                [f"{each}_key"],
                postgresql_using="gin",
                postgresql_ops={f"{each}_key": "gin_trgm_ops"},
            )
    _see(everything=False)


def downgrade() -> None:
    for table, columns in COLUMNS.items():
        for each in columns:
            op.drop_index(f"ix_{table}_{each}_key", table_name=table)
            op.drop_column(table, f"{each}_key")
