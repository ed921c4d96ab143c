"""notifications of members."""

import sqlalchemy as sa
from alembic import op

from models import types

revision = "20261129v"
down_revision = "20261129q"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=120), nullable=False),
        sa.Column("section", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=True),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("read_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("dismissed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_notifications_member_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_notifications_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notifications_read_at",
            ["organization_id", "read_at"],
            unique=False,
            postgresql_where=sa.text("read_at IS NOT NULL"),
            sqlite_where=sa.text("read_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_notifications_shown",
            ["member_id", "id"],
            unique=False,
            postgresql_where=sa.text("dismissed_at IS NULL"),
            sqlite_where=sa.text("dismissed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_notifications_unread",
            ["member_id", "id"],
            unique=False,
            postgresql_where=sa.text("read_at IS NULL AND dismissed_at IS NULL"),
            sqlite_where=sa.text("read_at IS NULL AND dismissed_at IS NULL"),
        )
        batch_op.create_index("uq_notifications_act", ["member_id", "kind", "act"], unique=True)

    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE notifications ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE notifications FORCE ROW LEVEL SECURITY")
        op.execute(
            "CREATE POLICY organization_rows ON notifications USING (organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::bigint) OR (SELECT current_setting('app.unscoped', true)) = 'on')"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP POLICY organization_rows ON notifications")
        op.execute("ALTER TABLE notifications NO FORCE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE notifications DISABLE ROW LEVEL SECURITY")
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.drop_index("uq_notifications_act")
        batch_op.drop_index(
            "ix_notifications_unread",
            postgresql_where=sa.text("read_at IS NULL AND dismissed_at IS NULL"),
            sqlite_where=sa.text("read_at IS NULL AND dismissed_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_notifications_shown",
            postgresql_where=sa.text("dismissed_at IS NULL"),
            sqlite_where=sa.text("dismissed_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_notifications_read_at",
            postgresql_where=sa.text("read_at IS NOT NULL"),
            sqlite_where=sa.text("read_at IS NOT NULL"),
        )

    op.drop_table("notifications")
