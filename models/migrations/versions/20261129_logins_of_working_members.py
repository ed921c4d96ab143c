"""Logins of working members: members with a session, a login or an entry count as logged in."""

from alembic import op

revision = "20261129a"
down_revision = "20261128a"
branch_labels = None
depends_on = None

_EVIDENCE = (
    "SELECT max(created_at) FROM user_sessions WHERE member_id = ab_user.id",
    "SELECT max(at) FROM login_events WHERE member_id = ab_user.id AND outcome = 'success'",
    "SELECT max(at) FROM follow_up_entries WHERE by_id = ab_user.id",
)


def upgrade() -> None:
    """Write `last_login`, a time without a zone, where it is empty."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:  # The policies would hide the entries.
        op.execute("SELECT set_config('app.unscoped', 'on', true)")
    for evidence in _EVIDENCE:
        moment = f"({evidence}) AT TIME ZONE 'UTC'" if is_postgresql else f"({evidence})"
        op.execute(f"UPDATE ab_user SET last_login = {moment} WHERE last_login IS NULL")  # noqa: S608 - constants
    if is_postgresql:
        op.execute("SELECT set_config('app.unscoped', '', true)")


def downgrade() -> None:
    """The times stay: they are true, and no older version reads them as anything but the last login."""
