"""Folded search keys of members."""

import sqlalchemy as sa
from alembic import op

from app.lib.persian import fold, sort_key
from models import types

revision = "20261130mk"
down_revision = "20261130do"
branch_labels = None
depends_on = None

_BATCH = 5_000
_READ = ("id", "first_name", "last_name", "username", "mobile")


def _fill_keys() -> None:
    """Write the keys in batches."""
    table = sa.table("ab_user", *map(sa.column, (*_READ, "search_key", "sort_key")))
    change = sa.update(table).where(table.c.id == sa.bindparam("row_id"))
    change = change.values(search_key=sa.bindparam("search"), sort_key=sa.bindparam("sort"))
    read = sa.select(*(table.c[name] for name in _READ)).order_by(table.c.id).limit(_BATCH)
    connection, last = op.get_bind(), 0
    while rows := connection.execute(read.where(table.c.id > last)).all():
        keys = []
        for key, first, family, username, mobile in rows:
            number = (mobile or "").removeprefix("+98")
            words = f"{first or ''} {family or ''}|{username or ''}|{number}"
            keys.append({"row_id": key, "search": fold(words), "sort": sort_key(words)[:200]})
        connection.execute(change, keys)
        last = rows[-1].id


def upgrade() -> None:
    op.add_column("ab_user", sa.Column("search_key", sa.Text(), server_default="", nullable=False))
    op.add_column("ab_user", sa.Column("sort_key", types.SortKey(), server_default="", nullable=False))
    _fill_keys()


def downgrade() -> None:
    op.drop_column("ab_user", "sort_key")
    op.drop_column("ab_user", "search_key")
