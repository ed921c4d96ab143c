"""The next contact that result titles suggest, and the undo of results."""

import sqlalchemy as sa
from alembic import op

revision = "20261129p"
down_revision = "20261129h"
branch_labels = None
depends_on = None

_REFERENCE = "fk_follow_up_entries_undoes_id"
_UNDOES = sa.text("undoes_id IS NOT NULL")
# The suggestions of the titles that an organisation begins with.
_SUGGESTIONS = {"unreachable": ("hours", 3), "callback": ("morning", None)}


def upgrade() -> None:
    op.add_column("result_titles", sa.Column("suggested_time", sa.String(20), nullable=True))
    op.add_column("result_titles", sa.Column("suggested_count", sa.Integer(), nullable=True))
    op.add_column("follow_up_entries", sa.Column("before", sa.JSON(none_as_null=True), nullable=True))
    op.add_column(
        "follow_up_entries", sa.Column("is_undone", sa.Boolean(), nullable=False, server_default="0")
    )
    _refer()
    op.create_index(
        "uq_follow_up_entries_undoes",
        "follow_up_entries",
        ["undoes_id"],
        unique=True,
        postgresql_where=_UNDOES,
        sqlite_where=_UNDOES,
    )
    _suggest()


def _refer() -> None:
    """SQLite takes a column with its reference, and no reference afterwards."""
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("follow_up_entries", sa.Column("undoes_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(_REFERENCE, "follow_up_entries", "follow_up_entries", ["undoes_id"], ["id"])
    else:
        op.execute(
            "ALTER TABLE follow_up_entries ADD COLUMN undoes_id INTEGER "
            f"CONSTRAINT {_REFERENCE} REFERENCES follow_up_entries (id)"
        )


def _suggest() -> None:
    """Give the existing titles that require the next contact a suggestion for their kind."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:  # The policies would hide the titles.
        op.execute("SELECT set_config('app.unscoped', 'on', true)")
    titles = sa.table(
        "result_titles",
        *map(sa.column, ("kind", "requires_next", "suggested_time", "suggested_count", "row_version")),
    )
    for kind, (unit, count) in _SUGGESTIONS.items():
        op.execute(
            titles.update()
            .where(titles.c.kind == kind, titles.c.requires_next == sa.true())
            .values(suggested_time=unit, suggested_count=count, row_version=titles.c.row_version + 1)
        )
    if is_postgresql:
        op.execute("SELECT set_config('app.unscoped', '', true)")


def downgrade() -> None:
    op.drop_index("uq_follow_up_entries_undoes", "follow_up_entries")
    for name in ("undoes_id", "is_undone", "before"):
        op.drop_column("follow_up_entries", name)
    op.drop_column("result_titles", "suggested_count")
    op.drop_column("result_titles", "suggested_time")
