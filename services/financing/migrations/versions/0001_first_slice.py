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


_APPEND_ONLY = [
    "event_log",
    "chain_link",
    "application_act",
    "lender_decision",
    "acceptance",
    "disbursement",
    "repayment",
]


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
        "application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "DRAFT",
                "SUBMITTED",
                "UNDER_REVIEW",
                "CHANGES_REQUESTED",
                "LAPSED",
                "ELIGIBLE",
                "NOT_ELIGIBLE",
                "WITH_LENDERS",
                "OFFERED",
                "UNPLACED",
                "ACCEPTED",
                "CONTRACTED",
                "WITHDRAWN",
                "CANCELLED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("path", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("product_code", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("purpose_key", sa.String(), nullable=False),
        sa.Column("amount_requested_xof", sa.BigInteger(), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=False),
        sa.Column("grace_months", sa.Integer(), nullable=False),
        sa.Column("sector_code", sa.String(), nullable=True),
        sa.Column("expected_start_on", sa.Date(), nullable=True),
        sa.Column(
            "campaign", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("own_contribution_xof", sa.BigInteger(), nullable=True),
        sa.Column(
            "ag_resolution",
            postgresql.JSONB(none_as_null=True, astext_type=sa.Text()),
            nullable=True,
        ),
        sa.Column(
            "consents", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("external_ref", sa.String(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column(
            "dossier", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("dossier_sha256", sa.String(), nullable=True),
        sa.Column("corrections_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status in ('DRAFT', 'WITHDRAWN', 'CANCELLED') or dossier_sha256 is not null",
            name=op.f("ck_application_dossier"),
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"], ["known_cooperative.id"], name=op.f("fk_application_cooperative_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_code"], ["financing_product.code"], name=op.f("fk_application_product_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("reference", name=op.f("uq_application_reference")),
    )
    op.create_index(
        "ix_application_corrections_due_at",
        "application",
        ["corrections_due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'CHANGES_REQUESTED'"),
    )
    op.create_index(
        op.f("ix_application_organisation_id"), "application", ["organisation_id"], unique=False
    )
    op.create_index(
        "ix_application_path", "application", ["path"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "uq_application_external_ref",
        "application",
        ["organisation_id", "external_ref"],
        unique=True,
        postgresql_where=sa.text("external_ref is not null"),
    )
    op.create_index(
        "uq_application_open",
        "application",
        ["cooperative_id", "product_code", "purpose_key"],
        unique=True,
        postgresql_where=sa.text(
            "status in ('ACCEPTED', 'CHANGES_REQUESTED', 'ELIGIBLE', 'OFFERED', 'SUBMITTED', 'UNDER_REVIEW', 'WITH_LENDERS')"
        ),
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
    op.create_table(
        "application_act",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "SUBMISSION",
                "REVIEW",
                "ELIGIBILITY_DECISION",
                "APPEAL",
                "TRANSMISSION",
                "INFORMATION_ANSWER",
                "ACCEPTANCE",
                "WITHDRAWAL",
                name="act_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("by_sub", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "said", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_act_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_act")),
    )
    op.create_index(
        op.f("ix_application_act_application_id"),
        "application_act",
        ["application_id"],
        unique=False,
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "SENT",
                "ACKNOWLEDGED",
                "INFO_REQUESTED",
                "DECIDED",
                "DECLINED",
                "EXPIRED",
                "RECALLED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("decline_reason", sa.String(), nullable=True),
        sa.Column("dossier", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dossier_sha256", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ack_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_assignment_application_id")
        ),
        sa.ForeignKeyConstraint(["lender_id"], ["lender.id"], name=op.f("fk_assignment_lender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint(
            "application_id",
            "lender_id",
            "round",
            name=op.f("uq_assignment_application_id_lender_id_round"),
        ),
    )
    op.create_index(
        "ix_assignment_decision_due_at",
        "assignment",
        ["decision_due_at"],
        unique=False,
        postgresql_where=sa.text("status in ('SENT', 'ACKNOWLEDGED', 'INFO_REQUESTED')"),
    )
    op.create_index("ix_assignment_lender_id_id", "assignment", ["lender_id", "id"], unique=False)
    op.create_table(
        "information_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "answers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_information_request_assignment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_request")),
    )
    op.create_index(
        op.f("ix_information_request_assignment_id"),
        "information_request",
        ["assignment_id"],
        unique=False,
    )
    op.create_table(
        "lender_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("pos", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("lender_decision_ref", sa.String(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "OFFER",
                "CONDITIONAL_OFFER",
                "REJECT",
                name="decision_type",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "terms", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column(
            "computed", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("reason_codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason_text", sa.String(), nullable=True),
        sa.Column("prepared_by", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("approved_by", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("committee_ref", sa.String(), nullable=True),
        sa.Column("dossier_sha256", sa.String(), nullable=False),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("payload_sha256", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("jws", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_lender_decision_assignment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lender_decision")),
        sa.UniqueConstraint("lender_id", "lender_decision_ref", name="uq_lender_decision_ref"),
        sa.UniqueConstraint("supersedes_id", name="uq_lender_decision_supersedes_id"),
    )
    op.create_index(
        "ix_lender_decision_application_id", "lender_decision", ["application_id"], unique=False
    )
    op.create_index(
        "ix_lender_decision_assignment_id", "lender_decision", ["assignment_id"], unique=False
    )
    op.create_index("ix_lender_decision_xid_pos", "lender_decision", ["xid", "pos"], unique=False)
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "LIVE",
                "ACCEPTED",
                "DECLINED",
                "LAPSED",
                "EXPIRED",
                "SUPERSEDED",
                "REVOKED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount_xof", sa.BigInteger(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("computed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_offer_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignment.id"], name=op.f("fk_offer_assignment_id")
        ),
        sa.ForeignKeyConstraint(["lender_id"], ["lender.id"], name=op.f("fk_offer_lender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_offer_decision_id")),
    )
    op.create_index("ix_offer_application_id", "offer", ["application_id"], unique=False)
    op.create_index(op.f("ix_offer_organisation_id"), "offer", ["organisation_id"], unique=False)
    op.create_index(
        "ix_offer_valid_until",
        "offer",
        ["valid_until"],
        unique=False,
        postgresql_where=sa.text("status = 'LIVE'"),
    )
    op.create_index(
        "uq_offer_accepted",
        "offer",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("status = 'ACCEPTED'"),
    )
    op.create_index(
        "uq_offer_live",
        "offer",
        ["assignment_id"],
        unique=True,
        postgresql_where=sa.text("status = 'LIVE'"),
    )
    op.create_table(
        "acceptance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("financing_id", sa.Uuid(), nullable=False),
        sa.Column("signatories", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("evidence_sha256", sa.String(), nullable=False),
        sa.Column("accepted_by", sa.String(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_acceptance_application_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_acceptance_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
        sa.UniqueConstraint("offer_id", name=op.f("uq_acceptance_offer_id")),
    )
    op.create_table(
        "financing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("path", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("product_code", sa.String(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACCEPTED",
                "CONTRACTED",
                "DISBURSING",
                "ACTIVE",
                "CLOSED",
                "WRITTEN_OFF",
                "CANCELLED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("approved_xof", sa.BigInteger(), nullable=False),
        sa.Column("disbursed_xof", sa.BigInteger(), nullable=False),
        sa.Column("due_xof", sa.BigInteger(), nullable=False),
        sa.Column("paid_xof", sa.BigInteger(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contract_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contract_ref", sa.String(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "disbursed_xof between 0 and approved_xof", name=op.f("ck_financing_drawn")
        ),
        sa.CheckConstraint("paid_xof between 0 and due_xof", name=op.f("ck_financing_paid")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_financing_application_id")
        ),
        sa.ForeignKeyConstraint(["lender_id"], ["lender.id"], name=op.f("fk_financing_lender_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_financing_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financing")),
    )
    op.create_index(
        "ix_financing_contract_due_at",
        "financing",
        ["contract_due_at"],
        unique=False,
        postgresql_where=sa.text("status = 'ACCEPTED'"),
    )
    op.create_index(
        op.f("ix_financing_cooperative_id"), "financing", ["cooperative_id"], unique=False
    )
    op.create_index(op.f("ix_financing_lender_id"), "financing", ["lender_id"], unique=False)
    op.create_index(
        op.f("ix_financing_organisation_id"), "financing", ["organisation_id"], unique=False
    )
    op.create_index(
        "ix_financing_path", "financing", ["path"], unique=False, postgresql_using="gin"
    )
    op.create_index(
        "uq_financing_contract_ref",
        "financing",
        ["lender_id", "contract_ref"],
        unique=True,
        postgresql_where=sa.text("contract_ref is not null"),
    )
    op.create_index(
        "uq_financing_open",
        "financing",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'CANCELLED'"),
    )
    op.create_table(
        "disbursement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("financing_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=False),
        sa.Column("amount_xof", sa.BigInteger(), nullable=False),
        sa.Column("disbursed_on", sa.Date(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["financing_id"], ["financing.id"], name=op.f("fk_disbursement_financing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disbursement")),
        sa.UniqueConstraint("lender_id", "external_ref", name="uq_disbursement_ref"),
    )
    op.create_index(
        op.f("ix_disbursement_financing_id"), "disbursement", ["financing_id"], unique=False
    )
    op.create_table(
        "financing_schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("financing_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("disbursed_on", sa.Date(), nullable=False),
        sa.Column("computed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["financing_id"], ["financing.id"], name=op.f("fk_financing_schedule_financing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financing_schedule")),
        sa.UniqueConstraint(
            "financing_id", "number", name=op.f("uq_financing_schedule_financing_id_number")
        ),
    )
    op.create_index(
        "uq_financing_schedule_current",
        "financing_schedule",
        ["financing_id"],
        unique=True,
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "repayment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("financing_id", sa.Uuid(), nullable=False),
        sa.Column("lender_id", sa.Uuid(), nullable=False),
        sa.Column("external_ref", sa.String(), nullable=False),
        sa.Column("amount_xof", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("allocation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["financing_id"], ["financing.id"], name=op.f("fk_repayment_financing_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repayment")),
        sa.UniqueConstraint("lender_id", "external_ref", name="uq_repayment_ref"),
    )
    op.create_index(op.f("ix_repayment_financing_id"), "repayment", ["financing_id"], unique=False)

    make_append_only(op, _APPEND_ONLY)


def downgrade() -> None:
    op.drop_index(op.f("ix_repayment_financing_id"), table_name="repayment")
    op.drop_table("repayment")
    op.drop_index(
        "uq_financing_schedule_current",
        table_name="financing_schedule",
        postgresql_where=sa.text("is_current"),
    )
    op.drop_table("financing_schedule")
    op.drop_index(op.f("ix_disbursement_financing_id"), table_name="disbursement")
    op.drop_table("disbursement")
    op.drop_index(
        "uq_financing_open",
        table_name="financing",
        postgresql_where=sa.text("status <> 'CANCELLED'"),
    )
    op.drop_index(
        "uq_financing_contract_ref",
        table_name="financing",
        postgresql_where=sa.text("contract_ref is not null"),
    )
    op.drop_index("ix_financing_path", table_name="financing", postgresql_using="gin")
    op.drop_index(op.f("ix_financing_organisation_id"), table_name="financing")
    op.drop_index(op.f("ix_financing_lender_id"), table_name="financing")
    op.drop_index(op.f("ix_financing_cooperative_id"), table_name="financing")
    op.drop_index(
        "ix_financing_contract_due_at",
        table_name="financing",
        postgresql_where=sa.text("status = 'ACCEPTED'"),
    )
    op.drop_table("financing")
    op.drop_table("acceptance")
    op.drop_index("uq_offer_live", table_name="offer", postgresql_where=sa.text("status = 'LIVE'"))
    op.drop_index(
        "uq_offer_accepted", table_name="offer", postgresql_where=sa.text("status = 'ACCEPTED'")
    )
    op.drop_index(
        "ix_offer_valid_until", table_name="offer", postgresql_where=sa.text("status = 'LIVE'")
    )
    op.drop_index(op.f("ix_offer_organisation_id"), table_name="offer")
    op.drop_index("ix_offer_application_id", table_name="offer")
    op.drop_table("offer")
    op.drop_index("ix_lender_decision_xid_pos", table_name="lender_decision")
    op.drop_index("ix_lender_decision_assignment_id", table_name="lender_decision")
    op.drop_index("ix_lender_decision_application_id", table_name="lender_decision")
    op.drop_table("lender_decision")
    op.drop_index(op.f("ix_information_request_assignment_id"), table_name="information_request")
    op.drop_table("information_request")
    op.drop_index("ix_assignment_lender_id_id", table_name="assignment")
    op.drop_index(
        "ix_assignment_decision_due_at",
        table_name="assignment",
        postgresql_where=sa.text("status in ('SENT', 'ACKNOWLEDGED', 'INFO_REQUESTED')"),
    )
    op.drop_table("assignment")
    op.drop_index(op.f("ix_application_act_application_id"), table_name="application_act")
    op.drop_table("application_act")
    op.drop_table("lender_key")
    op.drop_index(
        "uq_application_open",
        table_name="application",
        postgresql_where=sa.text(
            "status in ('ACCEPTED', 'CHANGES_REQUESTED', 'ELIGIBLE', 'OFFERED', 'SUBMITTED', 'UNDER_REVIEW', 'WITH_LENDERS')"
        ),
    )
    op.drop_index(
        "uq_application_external_ref",
        table_name="application",
        postgresql_where=sa.text("external_ref is not null"),
    )
    op.drop_index("ix_application_path", table_name="application", postgresql_using="gin")
    op.drop_index(op.f("ix_application_organisation_id"), table_name="application")
    op.drop_index(
        "ix_application_corrections_due_at",
        table_name="application",
        postgresql_where=sa.text("status = 'CHANGES_REQUESTED'"),
    )
    op.drop_table("application")
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
