"""first slice"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrations import drop_append_only, make_append_only
from chassis.tables import Xid8

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


_APPEND_ONLY = ["event_log", "chain_link"]


def upgrade() -> None:
    op.create_table(
        "chain_head",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("xid", Xid8(), nullable=False),
        sa.Column("pos", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_chain_head")),
    )
    op.create_table(
        "chain_link",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.Column("prevhash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "sequence", name=op.f("pk_chain_link")),
        sa.UniqueConstraint("chain", "ref", name=op.f("uq_chain_link_chain_ref")),
    )
    op.create_table(
        "event_cursor",
        sa.Column("producer", sa.Text(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("producer", "aggregate", name=op.f("pk_event_cursor")),
    )
    op.create_table(
        "event_lane",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("head", sa.Integer(), nullable=False),
        sa.Column("tail", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skips", sa.ARRAY(sa.Integer()), server_default="{}", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("consumer", "aggregate", name=op.f("pk_event_lane")),
        postgresql_with={"fillfactor": 70, "autovacuum_vacuum_scale_factor": 0.02},
    )
    op.create_index(
        "ix_event_lane_due",
        "event_lane",
        ["consumer", "due"],
        unique=False,
        postgresql_where=sa.text("due is not null"),
    )
    op.create_table(
        "event_log",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("pos", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("aggregate", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column(
            "created",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_log")),
        sa.UniqueConstraint("aggregate", "seq", name=op.f("uq_event_log_aggregate_seq")),
    )
    op.create_index("ix_event_log_xid_pos", "event_log", ["xid", "pos"], unique=False)
    op.create_table(
        "financing_product",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "CAMPAIGN_CREDIT",
                "INVESTMENT_LOAN",
                "WORKING_CAPITAL",
                name="product_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("lender_categories", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("amortizations", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("min_amount_xof", sa.BigInteger(), nullable=False),
        sa.Column("max_amount_xof", sa.BigInteger(), nullable=False),
        sa.Column("min_term_months", sa.Integer(), nullable=False),
        sa.Column("max_term_months", sa.Integer(), nullable=False),
        sa.Column("max_grace_months", sa.Integer(), nullable=False),
        sa.Column("needs_campaign", sa.Boolean(), nullable=False),
        sa.Column("training_codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("min_age_months", sa.Integer(), nullable=False),
        sa.Column("min_members", sa.Integer(), nullable=False),
        sa.Column("min_signatories", sa.Integer(), nullable=False),
        sa.Column("max_rounds", sa.Integer(), nullable=False),
        sa.Column("ack_days", sa.Integer(), nullable=False),
        sa.Column("decision_days", sa.Integer(), nullable=False),
        sa.Column("offer_min_days", sa.Integer(), nullable=False),
        sa.Column("offer_max_days", sa.Integer(), nullable=False),
        sa.Column("contract_days", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "0 < min_amount_xof and min_amount_xof <= max_amount_xof",
            name=op.f("ck_financing_product_amounts"),
        ),
        sa.CheckConstraint(
            "0 < min_term_months and min_term_months <= max_term_months",
            name=op.f("ck_financing_product_terms"),
        ),
        sa.CheckConstraint(
            "valid_to is null or valid_from < valid_to", name=op.f("ck_financing_product_validity")
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_financing_product")),
    )
    op.create_table(
        "idempotency",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("principal", "method", "path", "key", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("producer", sa.Text(), nullable=False),
        sa.Column(
            "heard_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "known_certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("delegation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "VALID",
                "SUSPENDED",
                "REVOKED",
                name="certificate_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_certificate")),
    )
    op.create_index(
        op.f("ix_known_certificate_delegation_id"),
        "known_certificate",
        ["delegation_id"],
        unique=False,
    )
    op.create_table(
        "known_cooperative",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("registration_number", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("legal_form", sa.String(), nullable=False),
        sa.Column("commune_code", sa.String(), nullable=False),
        sa.Column("path", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("sector_codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("cps_tags", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("members_count", sa.Integer(), nullable=False),
        sa.Column("women_count", sa.Integer(), nullable=False),
        sa.Column("youth_count", sa.Integer(), nullable=False),
        sa.Column("has_woman_president", sa.Boolean(), nullable=True),
        sa.Column("organs_complete", sa.Boolean(), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_cooperative")),
    )
    op.create_index(
        op.f("ix_known_cooperative_organisation_id"),
        "known_cooperative",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "known_training",
        sa.Column("delegation_id", sa.Uuid(), nullable=False),
        sa.Column("initiative_id", sa.Uuid(), nullable=True),
        sa.Column("cooperative_id", sa.Uuid(), nullable=True),
        sa.Column("tool_code", sa.String(), nullable=False),
        sa.Column("programme_code", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("delegation_id", name=op.f("pk_known_training")),
    )
    op.create_index(
        op.f("ix_known_training_cooperative_id"), "known_training", ["cooperative_id"], unique=False
    )
    op.create_index(
        op.f("ix_known_training_initiative_id"), "known_training", ["initiative_id"], unique=False
    )
    op.create_table(
        "lender",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "BANK",
                "SFD",
                "EFC",
                "OTHER",
                name="lender_category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "LISTED",
                "SUSPENDED",
                name="lender_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lender")),
        sa.UniqueConstraint("name", name=op.f("uq_lender_name")),
    )
    op.create_table(
        "peer_heard",
        sa.Column("producer", sa.Text(), nullable=False),
        sa.Column("through", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("producer", name=op.f("pk_peer_heard")),
    )
    op.create_table(
        "rate_ceiling",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "lender_category",
            sa.Enum(
                "BANK",
                "SFD",
                "EFC",
                "OTHER",
                name="lender_category",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("max_rate_percent", sa.Numeric(precision=7, scale=4), nullable=False),
        sa.Column(
            "convention",
            sa.Enum(
                "PROPORTIONAL",
                "EFFECTIVE",
                name="convention",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_convention_confirmed", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("legal_ref", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column(
            "confidence",
            sa.Enum(
                "CONFIRMED",
                "PRESS",
                name="confidence",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        postgresql.ExcludeConstraint(
            (sa.column("lender_category"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_rate_ceiling_one_at_a_time",
        ),
        sa.CheckConstraint("max_rate_percent > 0", name=op.f("ck_rate_ceiling_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_ceiling")),
    )
    op.create_table(
        "lender_key",
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["lender_id"], ["lender.id"], name=op.f("fk_lender_key_lender_id")),
        sa.PrimaryKeyConstraint("lender_id", "kid", name=op.f("pk_lender_key")),
    )

    make_append_only(op, _APPEND_ONLY)


def downgrade() -> None:
    op.drop_table("lender_key")
    op.drop_table("rate_ceiling")
    op.drop_table("peer_heard")
    op.drop_table("lender")
    op.drop_index(op.f("ix_known_training_initiative_id"), table_name="known_training")
    op.drop_index(op.f("ix_known_training_cooperative_id"), table_name="known_training")
    op.drop_table("known_training")
    op.drop_index(op.f("ix_known_cooperative_organisation_id"), table_name="known_cooperative")
    op.drop_table("known_cooperative")
    op.drop_index(op.f("ix_known_certificate_delegation_id"), table_name="known_certificate")
    op.drop_table("known_certificate")
    op.drop_table("inbox")
    op.drop_index("ix_idempotency_created_at", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("financing_product")
    op.drop_index("ix_event_log_xid_pos", table_name="event_log")
    op.drop_table("event_log")
    op.drop_index(
        "ix_event_lane_due", table_name="event_lane", postgresql_where=sa.text("due is not null")
    )
    op.drop_table("event_lane")
    op.drop_table("event_cursor")
    op.drop_table("chain_link")
    op.drop_table("chain_head")
    drop_append_only(op)
