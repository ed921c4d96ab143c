"""Give organisations a working week and holidays with titles."""

import json

import sqlalchemy as sa
from alembic import op

revision = "20261130ww"
down_revision = "20261130sm"
branch_labels = None
depends_on = None

WEEK = ("saturday", "sunday", "monday", "tuesday", "wednesday", "thursday", "friday")
_ROWS = sa.table(
    "organizations",
    sa.column("id", sa.BigInteger),
    sa.column("holidays", sa.JSON),
    sa.column("working_days", sa.JSON),
    sa.column("sends_on_free_days", sa.Boolean),
)


def upgrade() -> None:
    ordinary = json.dumps([day for day in WEEK if day != "friday"])
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("working_days", sa.JSON(), nullable=False, server_default=ordinary))
        batch_op.add_column(sa.Column("works_from", sa.Time(), nullable=False, server_default="09:00:00"))
        batch_op.add_column(sa.Column("works_until", sa.Time(), nullable=False, server_default="18:00:00"))
        batch_op.add_column(
            sa.Column("sends_on_free_days", sa.Boolean(), nullable=False, server_default=sa.text("'1'"))
        )
        batch_op.drop_column("working_hours")
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.alter_column("working_days", server_default=None)
    connection = op.get_bind()
    for key, stored in connection.execute(sa.select(_ROWS.c.id, _ROWS.c.holidays)).all():
        closed = [str(each).strip().lower() for each in stored or ()]
        free = [day for day in closed if day in WEEK]
        values = {"holidays": {day: "تعطیل" for day in closed if day not in WEEK}}
        if free:
            # A weekday among the holidays was closed for SMS too.
            values |= {"working_days": [d for d in WEEK if d not in free], "sends_on_free_days": False}
        connection.execute(sa.update(_ROWS).where(_ROWS.c.id == key).values(**values))


def downgrade() -> None:
    connection = op.get_bind()
    columns = _ROWS.c.id, _ROWS.c.holidays, _ROWS.c.working_days, _ROWS.c.sends_on_free_days
    for key, stored, working, sends in connection.execute(sa.select(*columns)).all():
        free = [] if sends else [day for day in WEEK if day not in working]
        values = {"holidays": [*free, *(stored or {})]}
        connection.execute(sa.update(_ROWS).where(_ROWS.c.id == key).values(**values))
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("working_hours", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.drop_column("sends_on_free_days")
        batch_op.drop_column("works_until")
        batch_op.drop_column("works_from")
        batch_op.drop_column("working_days")
    with op.batch_alter_table("organizations", schema=None) as batch_op:
        batch_op.alter_column("working_hours", server_default=None)
