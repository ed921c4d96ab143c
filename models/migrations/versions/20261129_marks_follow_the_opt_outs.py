"""customers' marks follow the list of opt-outs."""

import sqlalchemy as sa
from alembic import op

revision = "20261129c"
down_revision = "20261129b"
branch_labels = None
depends_on = None

_BATCH = 5_000
_LISTED = """EXISTS (SELECT 1 FROM sms_opt_outs o
    WHERE o.organization_id = customers.organization_id AND o.mobile = customers.mobile)"""


def _see(*, everything: bool) -> None:
    """Whose rows they are does not matter here; the policies would hide them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")


def upgrade() -> None:
    _see(everything=True)
    most = op.get_bind().scalar(sa.text("SELECT max(id) FROM customers")) or 0
    for first in range(0, most + 1, _BATCH):
        bounds = f"customers.id >= {first} AND customers.id < {first + _BATCH}"
        op.execute(
            f"UPDATE customers SET opted_out = true WHERE {bounds} AND NOT opted_out AND {_LISTED}"  # noqa: S608
        )
        op.execute(
            "INSERT INTO sms_opt_outs (organization_id, mobile, source, at, created_at, updated_at)"
            " SELECT organization_id, mobile, 'member', updated_at, updated_at, updated_at FROM customers"
            f" WHERE {bounds} AND opted_out AND deleted_at IS NULL AND NOT {_LISTED}"  # noqa: S608
        )
    _see(everything=False)


def downgrade() -> None:
    """What the marks and the list say stays true."""
