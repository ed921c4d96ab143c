"""sms."""

import sqlalchemy as sa
from alembic import op

from models import types

revision = "20261124a"
down_revision = "20261123j"
branch_labels = None
depends_on = None

TENANTS = (
    "sms_attempts",
    "sms_blocks",
    "sms_campaigns",
    "sms_decisions",
    "sms_exclusions",
    "sms_ledger",
    "sms_messages",
    "sms_opt_outs",
    "sms_quotas",
    "sms_selections",
    "sms_templates",
    "sms_usages",
    "sms_variable_values",
    "sms_variables",
)
# Worked out once for a statement, not once for each row.
ORGANIZATION = "(SELECT nullif(current_setting('app.organization_id', true), '')::bigint)"
LIFTED = "(SELECT current_setting('app.unscoped', true))"
GOT = ("accepted", "sent", "delivered", "undelivered", "blocked")
MOVES = {
    "queued": ("claimed", "cancelled", "expired", *GOT),
    "claimed": ("submitting", "queued", "cancelled", *GOT),
    "submitting": ("failed", "queued", "unknown", "needs_review", *GOT),
    "unknown": ("queued", "needs_review", *GOT),
    "needs_review": ("queued", *GOT),
    "accepted": ("sent", "delivered", "undelivered", "blocked"),
    "sent": ("delivered", "undelivered", "blocked"),
    "undelivered": ("delivered",),
    "blocked": ("delivered",),
}
LEGAL = ", ".join(f"'{start}>{end}'" for start, ends in MOVES.items() for end in ends)
IS_ILLEGAL = f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({LEGAL})"
REFUSE = """
CREATE FUNCTION refuse_sms_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a message never goes from % to %', OLD.state, NEW.state;
END $$
"""


def _guard_moves() -> None:
    """Whatever a program does wrong, no message goes a way that was not foreseen."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(REFUSE)
        op.execute(
            "CREATE TRIGGER sms_messages_move BEFORE UPDATE OF state ON sms_messages FOR EACH ROW "
            f"WHEN ({IS_ILLEGAL}) EXECUTE FUNCTION refuse_sms_move()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER sms_messages_move BEFORE UPDATE OF state ON sms_messages WHEN {IS_ILLEGAL} "
            "BEGIN SELECT RAISE(ABORT, 'a message never goes so'); END"
        )


def _divide_organizations() -> None:
    for table in TENANTS:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY organization_rows ON {table} "
            f"USING (organization_id = {ORGANIZATION} OR {LIFTED} = 'on')"
        )


def _offer_with_results() -> None:
    """SQLite takes a column with its reference, and no reference afterwards."""
    name = "fk_result_titles_sms_template_id"
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("result_titles", sa.Column("sms_template_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(name, "result_titles", "sms_templates", ["sms_template_id"], ["id"])
    else:
        op.execute(
            "ALTER TABLE result_titles ADD COLUMN sms_template_id INTEGER "
            f"CONSTRAINT {name} REFERENCES sms_templates (id)"
        )




def upgrade() -> None:
    op.create_table(
        "sms_local_ids",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_local_ids")),
    )
    op.create_table(
        "sms_providers",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("kavenegar", "smsir", name="providerkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("base_url", sa.String(length=200), nullable=False),
        sa.Column("sealed_key_secret", sa.String(length=500), nullable=False),
        sa.Column("line", sa.String(length=30), nullable=False),
        sa.Column("report_hash", sa.String(length=64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("can_look_up", sa.Boolean(), nullable=False),
        sa.Column("is_idempotent", sa.Boolean(), nullable=False),
        sa.Column("calls_per_second", sa.Integer(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_providers")),
        sa.UniqueConstraint("name", name=op.f("uq_sms_providers_name")),
    )
    op.create_table(
        "sms_delivery_events",
        sa.Column("provider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider_message_id", sa.String(length=40), nullable=True),
        sa.Column("local_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("event_sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("applied_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["sms_providers.id"], name=op.f("fk_sms_delivery_events_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_delivery_events")),
        sa.UniqueConstraint(
            "provider_id", "event_sha256", name=op.f("uq_sms_delivery_events_provider_id_event_sha256")
        ),
    )
    op.create_index(
        "ix_sms_delivery_events_waiting",
        "sms_delivery_events",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("applied_at IS NULL"),
        sqlite_where=sa.text("applied_at IS NULL"),
    )
    op.create_table(
        "sms_inbound",
        sa.Column("provider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider_message_id", sa.String(length=64), nullable=False),
        sa.Column("mobile", types.Mobile(length=13), nullable=False),
        sa.Column("line", sa.String(length=30), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("received_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["sms_providers.id"], name=op.f("fk_sms_inbound_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_inbound")),
        sa.UniqueConstraint(
            "provider_id", "provider_message_id", name=op.f("uq_sms_inbound_provider_id_provider_message_id")
        ),
    )
    op.create_index(op.f("ix_sms_inbound_mobile"), "sms_inbound", ["mobile"], unique=False)
    op.create_table(
        "sms_provider_health",
        sa.Column("provider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("recent", sa.Integer(), nullable=False),
        sa.Column("open_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "stop",
            sa.Enum("busy", "credit", "sender", "setup", name="providerstop", native_enum=False, length=20),
            nullable=True,
        ),
        sa.Column("stop_code", sa.String(length=40), nullable=True),
        sa.Column("stop_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("next_call_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("credit_rials", sa.BigInteger(), nullable=True),
        sa.Column("credit_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("rials_per_page", sa.Numeric(precision=12, scale=2, asdecimal=False), nullable=True),
        sa.Column("last_ok_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lease_conflicts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["sms_providers.id"], name=op.f("fk_sms_provider_health_provider_id")
        ),
        sa.PrimaryKeyConstraint("provider_id", name=op.f("pk_sms_provider_health")),
    )
    op.create_table(
        "sms_blocks",
        sa.Column("mobile", types.Mobile(length=13), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sms_blocks_created_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_blocks_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_blocks")),
        sa.UniqueConstraint("organization_id", "mobile", name=op.f("uq_sms_blocks_organization_id_mobile")),
    )
    op.create_index(op.f("ix_sms_blocks_organization_id"), "sms_blocks", ["organization_id"], unique=False)
    op.create_table(
        "sms_opt_outs",
        sa.Column("mobile", types.Mobile(length=13), nullable=False),
        sa.Column(
            "source",
            sa.Enum("inbound", "provider", "member", name="optoutsource", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_sms_opt_outs_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_opt_outs_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_opt_outs")),
        sa.UniqueConstraint("organization_id", "mobile", name=op.f("uq_sms_opt_outs_organization_id_mobile")),
    )
    op.create_index(
        op.f("ix_sms_opt_outs_organization_id"), "sms_opt_outs", ["organization_id"], unique=False
    )
    op.create_table(
        "sms_quotas",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_sms_quotas_created_by_id")),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_sms_quotas_member_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_quotas_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_quotas")),
        sa.UniqueConstraint(
            "organization_id", "member_id", name=op.f("uq_sms_quotas_organization_id_member_id")
        ),
    )
    op.create_index(op.f("ix_sms_quotas_organization_id"), "sms_quotas", ["organization_id"], unique=False)
    op.create_table(
        "sms_templates",
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "category",
            sa.Enum("pattern", "service", "advertising", name="smscategory", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("pattern_code", sa.String(length=60), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delete_batch", sa.Uuid(), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_sms_templates_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by_id"], ["ab_user.id"], name=op.f("fk_sms_templates_deleted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_templates_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_templates")),
    )
    op.create_index(op.f("ix_sms_templates_delete_batch"), "sms_templates", ["delete_batch"], unique=False)
    op.create_index(
        op.f("ix_sms_templates_organization_id"), "sms_templates", ["organization_id"], unique=False
    )
    op.create_index(
        "ix_sms_templates_trash",
        "sms_templates",
        ["organization_id", "deleted_at", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(
        "uq_sms_templates_title",
        "sms_templates",
        ["organization_id", "title"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "sms_usages",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_sms_usages_used")),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_sms_usages_member_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_usages_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_usages")),
    )
    op.create_index(
        "uq_sms_usages_common",
        "sms_usages",
        ["organization_id", "month"],
        unique=True,
        postgresql_where=sa.text("member_id IS NULL"),
        sqlite_where=sa.text("member_id IS NULL"),
    )
    op.create_index(
        "uq_sms_usages_personal",
        "sms_usages",
        ["organization_id", "member_id", "month"],
        unique=True,
        postgresql_where=sa.text("member_id IS NOT NULL"),
        sqlite_where=sa.text("member_id IS NOT NULL"),
    )
    op.create_table(
        "sms_variables",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("record", "typed", name="variablekind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("delete_batch", sa.Uuid(), nullable=True),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_sms_variables_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["deleted_by_id"], ["ab_user.id"], name=op.f("fk_sms_variables_deleted_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_variables_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_variables")),
    )
    op.create_index(op.f("ix_sms_variables_delete_batch"), "sms_variables", ["delete_batch"], unique=False)
    op.create_index(
        op.f("ix_sms_variables_organization_id"), "sms_variables", ["organization_id"], unique=False
    )
    op.create_index(
        "ix_sms_variables_trash",
        "sms_variables",
        ["organization_id", "deleted_at", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.create_index(
        "uq_sms_variables_key",
        "sms_variables",
        ["organization_id", "key"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "sms_campaigns",
        sa.Column("client_token", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("single", "bulk", name="campaignkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "preparing",
                "scheduled",
                "running",
                "paused",
                "cancelling",
                "cancelled",
                "finished",
                name="campaignstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "pause_reason",
            sa.Enum("user", "credit", "provider", "quota", name="pausereason", native_enum=False, length=20),
            nullable=True,
        ),
        sa.Column("template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column(
            "category",
            sa.Enum("pattern", "service", "advertising", name="smscategory", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum("follow_ups", "customers", name="audience", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("selection_sha256", sa.String(length=64), nullable=False),
        sa.Column("selected", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("next_chunk", sa.Integer(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("quota_month", sa.String(length=7), nullable=False),
        sa.Column("scheduled_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("finished_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_sms_campaigns_created_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_campaigns_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["template_id"], ["sms_templates.id"], name=op.f("fk_sms_campaigns_template_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_campaigns")),
        sa.UniqueConstraint(
            "organization_id", "client_token", name=op.f("uq_sms_campaigns_organization_id_client_token")
        ),
    )
    op.create_index(
        "ix_sms_campaigns_open",
        "sms_campaigns",
        ["organization_id", "status"],
        unique=False,
        postgresql_where=sa.text("status IN ('preparing', 'scheduled', 'running', 'paused', 'cancelling')"),
        sqlite_where=sa.text("status IN ('preparing', 'scheduled', 'running', 'paused', 'cancelling')"),
    )
    op.create_index(
        op.f("ix_sms_campaigns_organization_id"), "sms_campaigns", ["organization_id"], unique=False
    )
    op.create_index(op.f("ix_sms_campaigns_template_id"), "sms_campaigns", ["template_id"], unique=False)
    op.create_table(
        "sms_variable_values",
        sa.Column("variable_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("value", sa.String(length=500), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_sms_variable_values_created_by_id")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_sms_variable_values_member_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_variable_values_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["variable_id"], ["sms_variables.id"], name=op.f("fk_sms_variable_values_variable_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_variable_values")),
    )
    op.create_index(
        op.f("ix_sms_variable_values_member_id"), "sms_variable_values", ["member_id"], unique=False
    )
    op.create_index(
        op.f("ix_sms_variable_values_organization_id"),
        "sms_variable_values",
        ["organization_id"],
        unique=False,
    )
    op.create_index(
        "uq_sms_variable_values_common",
        "sms_variable_values",
        ["variable_id"],
        unique=True,
        postgresql_where=sa.text("member_id IS NULL"),
        sqlite_where=sa.text("member_id IS NULL"),
    )
    op.create_index(
        "uq_sms_variable_values_personal",
        "sms_variable_values",
        ["variable_id", "member_id"],
        unique=True,
        postgresql_where=sa.text("member_id IS NOT NULL"),
        sqlite_where=sa.text("member_id IS NOT NULL"),
    )
    op.create_table(
        "sms_exclusions",
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("follow_up_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("mobile", types.Mobile(length=13), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "opted_out",
                "blocked",
                "invalid",
                "missing_value",
                "repeated",
                "gone",
                "too_long",
                "cancelled",
                name="leftout",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("details", sa.String(length=200), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["sms_campaigns.id"], name=op.f("fk_sms_exclusions_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_exclusions_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_exclusions")),
    )
    op.create_index(op.f("ix_sms_exclusions_campaign_id"), "sms_exclusions", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_sms_exclusions_customer_id"), "sms_exclusions", ["customer_id"], unique=False)
    op.create_index(op.f("ix_sms_exclusions_follow_up_id"), "sms_exclusions", ["follow_up_id"], unique=False)
    op.create_index(
        op.f("ix_sms_exclusions_organization_id"), "sms_exclusions", ["organization_id"], unique=False
    )
    op.create_table(
        "sms_selections",
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["sms_campaigns.id"], name=op.f("fk_sms_selections_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_selections_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_selections")),
        sa.UniqueConstraint("campaign_id", "number", name=op.f("uq_sms_selections_campaign_id_number")),
    )
    op.create_index(
        op.f("ix_sms_selections_organization_id"), "sms_selections", ["organization_id"], unique=False
    )
    op.create_table(
        "sms_messages",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("follow_up_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("mobile", types.Mobile(length=13), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("segments", sa.SmallInteger(), nullable=False),
        sa.Column("local_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "claimed",
                "submitting",
                "unknown",
                "needs_review",
                "accepted",
                "sent",
                "delivered",
                "undelivered",
                "blocked",
                "failed",
                "cancelled",
                "expired",
                name="messagestate",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("not_before", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempt_no", sa.Integer(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("provider_message_id", sa.String(length=40), nullable=True),
        sa.Column("is_doubtful", sa.Boolean(), nullable=False),
        sa.Column("goes_alone", sa.Boolean(), nullable=False),
        sa.Column("lease_token", sa.Uuid(), nullable=True),
        sa.Column("lease_owner", sa.String(length=80), nullable=True),
        sa.Column("lease_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("look_up_after", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("look_ups", sa.SmallInteger(), nullable=False),
        sa.Column(
            "left_out",
            sa.Enum(
                "opted_out",
                "blocked",
                "invalid",
                "missing_value",
                "repeated",
                "gone",
                "too_long",
                "cancelled",
                name="leftout",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("cost_rials", sa.Integer(), nullable=True),
        sa.Column("accepted_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("final_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(state IN ('claimed', 'submitting')) = (lease_token IS NOT NULL)",
            name=op.f("ck_sms_messages_lease"),
        ),
        sa.CheckConstraint(
            "mobile LIKE '+989%%' AND length(mobile) = 13", name=op.f("ck_sms_messages_mobile")
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'sent', 'delivered', 'undelivered', 'blocked') OR provider_id IS NOT NULL",
            name=op.f("ck_sms_messages_provider"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["sms_campaigns.id"], name=op.f("fk_sms_messages_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["ab_user.id"], name=op.f("fk_sms_messages_created_by_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_sms_messages_customer_id")),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["follow_ups.id"], name=op.f("fk_sms_messages_follow_up_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_messages_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["sms_providers.id"], name=op.f("fk_sms_messages_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_messages")),
        sa.UniqueConstraint("campaign_id", "mobile", name=op.f("uq_sms_messages_campaign_id_mobile")),
        sa.UniqueConstraint("local_id", name=op.f("uq_sms_messages_local_id")),
        sa.UniqueConstraint(
            "provider_id", "provider_message_id", name=op.f("uq_sms_messages_provider_id_provider_message_id")
        ),
    )
    op.create_index(op.f("ix_sms_messages_customer_id"), "sms_messages", ["customer_id"], unique=False)
    op.create_index(
        "ix_sms_messages_due",
        "sms_messages",
        ["organization_id", "priority", "not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
    op.create_index(op.f("ix_sms_messages_follow_up_id"), "sms_messages", ["follow_up_id"], unique=False)
    op.create_index(
        "ix_sms_messages_lease",
        "sms_messages",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('claimed', 'submitting')"),
        sqlite_where=sa.text("state IN ('claimed', 'submitting')"),
    )
    op.create_index(
        "ix_sms_messages_due_campaign",
        "sms_messages",
        ["campaign_id", "not_before", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_sms_messages_list", "sms_messages", ["organization_id", "id"], unique=False)
    op.create_index(
        "ix_sms_messages_look_up",
        "sms_messages",
        ["look_up_after"],
        unique=False,
        postgresql_where=sa.text("look_up_after IS NOT NULL"),
        sqlite_where=sa.text("look_up_after IS NOT NULL"),
    )
    op.create_table(
        "sms_attempts",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "accepted",
                "refused",
                "later",
                "unknown",
                "lost",
                name="attemptoutcome",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("provider_code", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["message_id"], ["sms_messages.id"], name=op.f("fk_sms_attempts_message_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_attempts_organization_id")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["sms_providers.id"], name=op.f("fk_sms_attempts_provider_id")
        ),
        sa.PrimaryKeyConstraint("message_id", "attempt_no", name=op.f("pk_sms_attempts")),
    )
    op.create_index(
        "uq_sms_attempts_open",
        "sms_attempts",
        ["message_id"],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "sms_decisions",
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attempt_no", sa.Integer(), nullable=False),
        sa.Column(
            "decision",
            sa.Enum(
                "proven_absent",
                "idempotent",
                "assume_sent",
                "send_again",
                name="decision",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["ab_user.id"], name=op.f("fk_sms_decisions_by_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["sms_messages.id"], name=op.f("fk_sms_decisions_message_id")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_decisions_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_decisions")),
    )
    op.create_index(op.f("ix_sms_decisions_message_id"), "sms_decisions", ["message_id"], unique=False)
    op.create_index(
        op.f("ix_sms_decisions_organization_id"), "sms_decisions", ["organization_id"], unique=False
    )
    op.create_table(
        "sms_ledger",
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("reserve", "capture", "release", name="ledgerkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_sms_ledger_amount")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["sms_campaigns.id"], name=op.f("fk_sms_ledger_campaign_id")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["sms_messages.id"], name=op.f("fk_sms_ledger_message_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_sms_ledger_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_ledger")),
    )
    op.create_index(op.f("ix_sms_ledger_campaign_id"), "sms_ledger", ["campaign_id"], unique=False)
    op.create_index(
        "uq_sms_ledger_message_id_kind",
        "sms_ledger",
        ["message_id", "kind"],
        unique=True,
        postgresql_where=sa.text("message_id IS NOT NULL"),
        sqlite_where=sa.text("message_id IS NOT NULL"),
    )
    op.execute("INSERT INTO sms_local_ids (id, last) VALUES (1, 0)")
    _offer_with_results()
    _guard_moves()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SEQUENCE sms_local_id_seq")
        _divide_organizations()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE sms_local_id_seq")
        op.execute("DROP TRIGGER sms_messages_move ON sms_messages")
        op.execute("DROP FUNCTION refuse_sms_move")
    op.drop_column("result_titles", "sms_template_id")
    op.drop_index(
        "uq_sms_ledger_message_id_kind",
        table_name="sms_ledger",
        postgresql_where=sa.text("message_id IS NOT NULL"),
        sqlite_where=sa.text("message_id IS NOT NULL"),
    )
    op.drop_index(op.f("ix_sms_ledger_campaign_id"), table_name="sms_ledger")
    op.drop_table("sms_ledger")
    op.drop_index(op.f("ix_sms_decisions_organization_id"), table_name="sms_decisions")
    op.drop_index(op.f("ix_sms_decisions_message_id"), table_name="sms_decisions")
    op.drop_table("sms_decisions")
    op.drop_index(
        "uq_sms_attempts_open",
        table_name="sms_attempts",
        postgresql_where=sa.text("finished_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL"),
    )
    op.drop_table("sms_attempts")
    op.drop_index(
        "ix_sms_messages_look_up",
        table_name="sms_messages",
        postgresql_where=sa.text("look_up_after IS NOT NULL"),
        sqlite_where=sa.text("look_up_after IS NOT NULL"),
    )
    op.drop_index("ix_sms_messages_due_campaign", table_name="sms_messages")
    op.drop_index("ix_sms_messages_list", table_name="sms_messages")
    op.drop_index(
        "ix_sms_messages_lease",
        table_name="sms_messages",
        postgresql_where=sa.text("state IN ('claimed', 'submitting')"),
        sqlite_where=sa.text("state IN ('claimed', 'submitting')"),
    )
    op.drop_index(op.f("ix_sms_messages_follow_up_id"), table_name="sms_messages")
    op.drop_index(
        "ix_sms_messages_due",
        table_name="sms_messages",
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
    op.drop_index(op.f("ix_sms_messages_customer_id"), table_name="sms_messages")
    op.drop_table("sms_messages")
    op.drop_index(op.f("ix_sms_selections_organization_id"), table_name="sms_selections")
    op.drop_table("sms_selections")
    op.drop_index(op.f("ix_sms_exclusions_organization_id"), table_name="sms_exclusions")
    op.drop_index(op.f("ix_sms_exclusions_follow_up_id"), table_name="sms_exclusions")
    op.drop_index(op.f("ix_sms_exclusions_customer_id"), table_name="sms_exclusions")
    op.drop_index(op.f("ix_sms_exclusions_campaign_id"), table_name="sms_exclusions")
    op.drop_table("sms_exclusions")
    op.drop_index(
        "uq_sms_variable_values_personal",
        table_name="sms_variable_values",
        postgresql_where=sa.text("member_id IS NOT NULL"),
        sqlite_where=sa.text("member_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_sms_variable_values_common",
        table_name="sms_variable_values",
        postgresql_where=sa.text("member_id IS NULL"),
        sqlite_where=sa.text("member_id IS NULL"),
    )
    op.drop_index(op.f("ix_sms_variable_values_organization_id"), table_name="sms_variable_values")
    op.drop_index(op.f("ix_sms_variable_values_member_id"), table_name="sms_variable_values")
    op.drop_table("sms_variable_values")
    op.drop_index(op.f("ix_sms_campaigns_template_id"), table_name="sms_campaigns")
    op.drop_index(op.f("ix_sms_campaigns_organization_id"), table_name="sms_campaigns")
    op.drop_index(
        "ix_sms_campaigns_open",
        table_name="sms_campaigns",
        postgresql_where=sa.text("status IN ('preparing', 'scheduled', 'running', 'paused', 'cancelling')"),
        sqlite_where=sa.text("status IN ('preparing', 'scheduled', 'running', 'paused', 'cancelling')"),
    )
    op.drop_table("sms_campaigns")
    op.drop_index(
        "uq_sms_variables_key",
        table_name="sms_variables",
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_sms_variables_trash",
        table_name="sms_variables",
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_sms_variables_organization_id"), table_name="sms_variables")
    op.drop_index(op.f("ix_sms_variables_delete_batch"), table_name="sms_variables")
    op.drop_table("sms_variables")
    op.drop_index(
        "uq_sms_usages_personal",
        table_name="sms_usages",
        postgresql_where=sa.text("member_id IS NOT NULL"),
        sqlite_where=sa.text("member_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_sms_usages_common",
        table_name="sms_usages",
        postgresql_where=sa.text("member_id IS NULL"),
        sqlite_where=sa.text("member_id IS NULL"),
    )
    op.drop_table("sms_usages")
    op.drop_index(
        "uq_sms_templates_title",
        table_name="sms_templates",
        postgresql_where=sa.text("deleted_at IS NULL"),
        sqlite_where=sa.text("deleted_at IS NULL"),
    )
    op.drop_index(
        "ix_sms_templates_trash",
        table_name="sms_templates",
        postgresql_where=sa.text("deleted_at IS NOT NULL"),
        sqlite_where=sa.text("deleted_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_sms_templates_organization_id"), table_name="sms_templates")
    op.drop_index(op.f("ix_sms_templates_delete_batch"), table_name="sms_templates")
    op.drop_table("sms_templates")
    op.drop_index(op.f("ix_sms_quotas_organization_id"), table_name="sms_quotas")
    op.drop_table("sms_quotas")
    op.drop_index(op.f("ix_sms_opt_outs_organization_id"), table_name="sms_opt_outs")
    op.drop_table("sms_opt_outs")
    op.drop_index(op.f("ix_sms_blocks_organization_id"), table_name="sms_blocks")
    op.drop_table("sms_blocks")
    op.drop_table("sms_provider_health")
    op.drop_index(op.f("ix_sms_inbound_mobile"), table_name="sms_inbound")
    op.drop_table("sms_inbound")
    op.drop_index(
        "ix_sms_delivery_events_waiting",
        table_name="sms_delivery_events",
        postgresql_where=sa.text("applied_at IS NULL"),
        sqlite_where=sa.text("applied_at IS NULL"),
    )
    op.drop_table("sms_delivery_events")
    op.drop_table("sms_providers")
    op.drop_table("sms_local_ids")
