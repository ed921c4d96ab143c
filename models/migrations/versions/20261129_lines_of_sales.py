"""unit price and position of sale items."""

import sqlalchemy as sa
from alembic import op

from models.types import Money

revision = "20261129y"
down_revision = "20261129v"
branch_labels = None
depends_on = None

# A price that is rounded up makes the items dearer by less than a rial each; the discount takes that back, so that what
# was paid stays.
_PRICES = "UPDATE sale_items SET price = (amount + quantity - 1) / quantity"
_DISCOUNTS = (
    "UPDATE sales SET discount = discount + (SELECT sum(price * quantity - amount) FROM sale_items "
    "WHERE sale_items.sale_id = sales.id) WHERE id IN "
    "(SELECT sale_id FROM sale_items WHERE price * quantity <> amount)"
)
_AMOUNTS = "UPDATE sale_items SET amount = price * quantity WHERE amount <> price * quantity"

_POSITIONS = "UPDATE sale_items SET position = 1 + (SELECT count(*) FROM sale_items AS other "
_POSITIONS += "WHERE other.sale_id = sale_items.sale_id AND other.id < sale_items.id)"


def upgrade() -> None:
    with op.batch_alter_table("sale_items") as table:
        table.add_column(sa.Column("price", Money(), nullable=True))
        table.add_column(sa.Column("position", sa.Integer(), nullable=True))
    _see(everything=True)
    for statement in (_PRICES, _DISCOUNTS, _AMOUNTS, _POSITIONS):
        op.execute(statement)
    _see(everything=False)
    with op.batch_alter_table("sale_items") as table:
        table.alter_column("price", existing_type=Money(), nullable=False)
        table.alter_column("position", existing_type=sa.Integer(), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("sale_items") as table:
        table.drop_column("position")
        table.drop_column("price")


def _see(*, everything: bool) -> None:
    """Whose rows they are does not matter here; the policies would hide them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT set_config('app.unscoped', '{'on' if everything else ''}', true)")
