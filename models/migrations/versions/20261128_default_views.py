"""default views beside the settings."""

import sqlalchemy as sa
from alembic import op

revision = "20261128a"
down_revision = "20261124a"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_FOREIGN_KEY = "fk_table_settings_default_view_id"


def _see_all() -> None:
    """Whose views they are does not matter here; the policies would hide them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT set_config('app.unscoped', 'on', true)")


def _see_none() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT set_config('app.unscoped', '', true)")


def upgrade() -> None:
    with op.batch_alter_table("table_settings") as batch:
        batch.add_column(sa.Column("default_view_id", _KEY, nullable=True))
        batch.create_foreign_key(
            op.f(_FOREIGN_KEY), "table_views", ["default_view_id"], ["id"], ondelete="SET NULL"
        )
    _see_all()
    op.execute(
        """INSERT INTO table_settings (member_id, section, columns, density, page_size)
        SELECT v.member_id, v.section, '[]', 'comfortable', 25 FROM table_views v WHERE v.is_default
        AND NOT EXISTS (SELECT 1 FROM table_settings s WHERE s.member_id = v.member_id AND s.section = v.section)"""
    )
    op.execute(
        """UPDATE table_settings SET default_view_id = (SELECT v.id FROM table_views v WHERE v.is_default
        AND v.member_id = table_settings.member_id AND v.section = table_settings.section)"""
    )
    _see_none()
    op.drop_index("uq_table_views_default", table_name="table_views")
    with op.batch_alter_table("table_views") as batch:
        batch.drop_column("is_default")


def downgrade() -> None:
    with op.batch_alter_table("table_views") as batch:
        batch.add_column(sa.Column("is_default", sa.Boolean(), nullable=False, server_default=sa.false()))
    _see_all()
    op.execute(
        """UPDATE table_views SET is_default = true
        WHERE id IN (SELECT default_view_id FROM table_settings WHERE default_view_id IS NOT NULL)"""
    )
    _see_none()
    with op.batch_alter_table("table_views") as batch:
        batch.alter_column("is_default", server_default=None)
    op.create_index(
        "uq_table_views_default",
        "table_views",
        ["member_id", "section"],
        unique=True,
        postgresql_where=sa.text("is_default"),
        sqlite_where=sa.text("is_default"),
    )
    with op.batch_alter_table("table_settings") as batch:
        batch.drop_constraint(op.f(_FOREIGN_KEY), type_="foreignkey")
        batch.drop_column("default_view_id")
