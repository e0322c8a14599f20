"""management: the audit trail, letters to persons, one successor for each who left"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrations import make_append_only

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("target_kind", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=True),
        sa.Column("by_sub", sa.String(), nullable=False),
        sa.Column("by_client_id", sa.String(), nullable=False),
        sa.Column("by_organisation_id", sa.String(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_target_id"), "audit_entry", ["target_id"], unique=False)
    op.create_index(
        op.f("ix_audit_entry_organisation_id"), "audit_entry", ["organisation_id"], unique=False
    )
    make_append_only(op, ["audit_entry"])
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "INVITATION",
                "PASSWORD_RESET",
                "ADDRESS_CHANGED",
                "SECOND_FACTOR_RESET",
                "KEY_ADDED",
                name="notice_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "WAITING",
                "SENT",
                "GIVEN_UP",
                name="notice_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("content_sealed", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'WAITING') = (content_sealed is not null)", name=op.f("ck_notice_content")
        ),
        sa.CheckConstraint(
            "(status = 'WAITING') = (due_at is not null)", name=op.f("ck_notice_due")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_account_id"), "notice", ["account_id"], unique=False)
    op.create_index(
        "ix_notice_due", "notice", ["due_at"], postgresql_where=sa.text("due_at is not null")
    )
    op.create_unique_constraint(op.f("uq_account_replaces_id"), "account", ["replaces_id"])


def downgrade() -> None:
    op.drop_constraint(op.f("uq_account_replaces_id"), "account", type_="unique")
    op.drop_table("notice")
    op.drop_table("audit_entry")
