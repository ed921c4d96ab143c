"""Give files the state of their scan; none of the files so far was scanned."""

from alembic import op

revision = "20261130sf"
down_revision = "20261130ec"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _set_state("not_scanned", "TRUE")


def downgrade() -> None:
    _set_state("rejected", "state = 'infected'")
    _set_state("clean", "state <> 'rejected'")


def _set_state(state: str, condition: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        # The policies of the table hide all rows from a migration.
        op.execute("SELECT set_config('app.unscoped', 'on', true)")
    op.execute(f"UPDATE attachments SET state = '{state}' WHERE {condition}")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT set_config('app.unscoped', '', true)")
