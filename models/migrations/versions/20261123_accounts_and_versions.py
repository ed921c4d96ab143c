"""accounts and versions."""

import sqlalchemy as sa
from alembic import op

from models import types  # noqa: F401 - not every revision has a column of ours


revision = "20261123b"
down_revision = "20261123a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "throttles",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("window_ends_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("locks", sa.Integer(), nullable=False),
        sa.Column("locked_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttles")),
    )
    op.create_table(
        "extra_roles",
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("own_rows", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("row_version", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["ab_user.id"], name=op.f("fk_extra_roles_created_by_id")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_extra_roles_organization_id")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["ab_role.id"], name=op.f("fk_extra_roles_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extra_roles")),
        sa.UniqueConstraint("role_id", name=op.f("uq_extra_roles_role_id")),
    )
    op.create_index(op.f("ix_extra_roles_organization_id"), "extra_roles", ["organization_id"], unique=False)
    op.create_table(
        "login_events",
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("success", "wrong", "locked", "code", name="loginoutcome", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_login_events_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_events")),
    )
    op.create_index("ix_login_events_member_id_at", "login_events", ["member_id", "at"], unique=False)
    op.create_table(
        "outgoing_mails",
        sa.Column(
            "kind",
            sa.Enum(
                "password_reset",
                "password_changed",
                "invitation",
                name="mailkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum("queued", "sent", "failed", name="mailstatus", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_outgoing_mails_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mails")),
    )
    op.create_index("ix_outgoing_mails_due", "outgoing_mails", ["status", "due_at"], unique=False)
    op.create_index(op.f("ix_outgoing_mails_member_id"), "outgoing_mails", ["member_id"], unique=False)
    op.create_table(
        "password_resets",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("bound_to", sa.String(length=64), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_password_resets_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_resets_token_hash")),
    )
    op.create_index(op.f("ix_password_resets_member_id"), "password_resets", ["member_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_recovery_codes_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_member_id"), "recovery_codes", ["member_id"], unique=False)
    op.create_table(
        "user_sessions",
        sa.Column("id_hash", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.Column(
            "acting_organization_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["acting_organization_id"],
            ["organizations.id"],
            name=op.f("fk_user_sessions_acting_organization_id"),
        ),
        sa.ForeignKeyConstraint(["member_id"], ["ab_user.id"], name=op.f("fk_user_sessions_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("id_hash", name=op.f("uq_user_sessions_id_hash")),
    )
    op.create_index(op.f("ix_user_sessions_member_id"), "user_sessions", ["member_id"], unique=False)
    op.add_column(
        "ab_user", sa.Column("must_change_password", sa.Boolean(), server_default="0", nullable=False)
    )
    op.add_column("ab_user", sa.Column("one_time_until", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column(
        "ab_user", sa.Column("password_changed_at", types.UtcDateTime(timezone=True), nullable=True)
    )
    op.add_column("ab_user", sa.Column("totp_secret", sa.String(length=200), nullable=True))
    op.add_column("ab_user", sa.Column("totp_last_step", sa.BigInteger(), nullable=True))
    op.add_column("ab_user", sa.Column("row_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("audit_events", sa.Column("ip", sa.String(length=45), nullable=True))
    op.add_column("audit_events", sa.Column("agent", sa.String(length=300), nullable=True))
    op.add_column("audit_events", sa.Column("session_id", sa.BigInteger(), nullable=True))
    op.add_column("audit_events", sa.Column("chained_at", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("audit_events", sa.Column("previous_hash", sa.String(length=64), nullable=True))
    op.add_column("audit_events", sa.Column("hash", sa.String(length=64), nullable=True))
    op.add_column("customers", sa.Column("row_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("follow_ups", sa.Column("row_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("order_sources", sa.Column("row_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("orders", sa.Column("row_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column(
        "organizations", sa.Column("managers_need_totp", sa.Boolean(), server_default="0", nullable=False)
    )
    op.add_column("organizations", sa.Column("row_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("products", sa.Column("row_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("result_titles", sa.Column("row_version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("sales", sa.Column("row_version", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("sales", "row_version")
    op.drop_column("result_titles", "row_version")
    op.drop_column("products", "row_version")
    op.drop_column("organizations", "row_version")
    op.drop_column("organizations", "managers_need_totp")
    op.drop_column("orders", "row_version")
    op.drop_column("order_sources", "row_version")
    op.drop_column("follow_ups", "row_version")
    op.drop_column("customers", "row_version")
    op.drop_column("audit_events", "hash")
    op.drop_column("audit_events", "previous_hash")
    op.drop_column("audit_events", "chained_at")
    op.drop_column("audit_events", "session_id")
    op.drop_column("audit_events", "agent")
    op.drop_column("audit_events", "ip")
    op.drop_column("ab_user", "row_version")
    op.drop_column("ab_user", "totp_last_step")
    op.drop_column("ab_user", "totp_secret")
    op.drop_column("ab_user", "password_changed_at")
    op.drop_column("ab_user", "one_time_until")
    op.drop_column("ab_user", "must_change_password")
    op.drop_index(op.f("ix_user_sessions_member_id"), table_name="user_sessions")
    op.drop_table("user_sessions")
    op.drop_index(op.f("ix_recovery_codes_member_id"), table_name="recovery_codes")
    op.drop_table("recovery_codes")
    op.drop_index(op.f("ix_password_resets_member_id"), table_name="password_resets")
    op.drop_table("password_resets")
    op.drop_index(op.f("ix_outgoing_mails_member_id"), table_name="outgoing_mails")
    op.drop_index("ix_outgoing_mails_due", table_name="outgoing_mails")
    op.drop_table("outgoing_mails")
    op.drop_index("ix_login_events_member_id_at", table_name="login_events")
    op.drop_table("login_events")
    op.drop_index(op.f("ix_extra_roles_organization_id"), table_name="extra_roles")
    op.drop_table("extra_roles")
    op.drop_table("throttles")
