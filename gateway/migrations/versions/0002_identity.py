"""identity: organisations of a kind, lives, proofs, sign-ins, families, cut-offs, grants"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CHECKS = [
    ("organisation", "ck_organisation_lender", "(kind = 'LENDER') = (lender_id is not null)"),
    ("account", "ck_account_username_lower", "username = lower(username)"),
    (
        "account",
        "ck_account_active_password",
        "status <> 'ACTIVE' or password_hash is not null",
    ),
    ("account", "ck_account_email", "(email_sealed is null) = (email_blind is null)"),
    ("client", "ck_client_jwks_uri", "jwks_uri is null or auth_method = 'private_key_jwt'"),
    (
        "client",
        "ck_client_public",
        "auth_method <> 'none' or not ('client_credentials' = any(grant_types))",
    ),
]
_CHECKS_GONE = [
    (
        "client",
        "ck_client_secret",
        "(auth_method = 'client_secret_basic') = (secret_sha256 is not null)",
    ),
    ("client", "ck_client_jwks", "(auth_method = 'private_key_jwt') = (jwks is not null)"),
]
_DEFAULTS = [
    *(("account", c) for c in ("full_name", "language", "totp_step", "status", "version")),
    *(("client", c) for c in ("tier", "status", "version")),
    *(("organisation", c) for c in ("kind", "status", "version")),
]

_OLD: list[tuple[str, sa.Column[Any]]] = [
    ("client", sa.Column("jwks", postgresql.JSONB(astext_type=sa.Text()), nullable=True)),
    ("client", sa.Column("secret_sha256", sa.String(), nullable=True)),
    ("client", sa.Column("lender_id", sa.String(), nullable=True)),
    ("client", sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False)),
    ("account", sa.Column("lender_id", sa.String(), nullable=True)),
    ("account", sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False)),
]


def upgrade() -> None:
    op.create_table(
        "known_cooperative",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_cooperative")),
    )
    op.create_index(
        op.f("ix_known_cooperative_organisation_id"),
        "known_cooperative",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("window_began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_failures")),
    )
    op.create_table(
        "token_cutoff",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_token_cutoff")),
    )
    op.create_index(
        op.f("ix_token_cutoff_expires_at"), "token_cutoff", ["expires_at"], unique=False
    )
    op.create_table(
        "access_grant",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("granted_by", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("cardinality(scopes) > 0", name=op.f("ck_access_grant_scopes")),
        sa.CheckConstraint("ends_at > created_at", name=op.f("ck_access_grant_period")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_access_grant_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_access_grant_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grant")),
    )
    op.create_index(op.f("ix_access_grant_client_id"), "access_grant", ["client_id"], unique=False)
    op.create_index(
        op.f("ix_access_grant_organisation_id"), "access_grant", ["organisation_id"], unique=False
    )
    op.create_table(
        "client_key",
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoke_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_client_key_client_id")),
        sa.PrimaryKeyConstraint("client_id", "kid", name=op.f("pk_client_key")),
    )
    op.create_table(
        "client_secret",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoke_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_client_secret_client_id")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_client_secret")),
    )
    op.create_index(
        op.f("ix_client_secret_client_id"), "client_secret", ["client_id"], unique=False
    )
    op.create_table(
        "consent",
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_consent_client_id")),
        sa.PrimaryKeyConstraint("account_id", "client_id", name=op.f("pk_consent")),
    )
    op.create_table(
        "one_time_code",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "INVITATION",
                "PASSWORD_RESET",
                name="code_purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_one_time_code_account_id")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_one_time_code")),
    )
    op.create_index(
        "uq_one_time_code_live",
        "one_time_code",
        ["account_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("used_at is null"),
    )
    op.create_table(
        "recovery_code",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_recovery_code")),
    )
    op.create_index(
        op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"], unique=False
    )
    op.create_table(
        "refresh_family",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("client_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("methods", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("sign_in_sha256", sa.String(), nullable=True),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_refresh_family_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_refresh_family_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_family")),
    )
    op.create_index(
        op.f("ix_refresh_family_account_id"), "refresh_family", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_refresh_family_client_id"), "refresh_family", ["client_id"], unique=False
    )
    op.create_index(
        op.f("ix_refresh_family_expires_at"), "refresh_family", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_refresh_family_sign_in_sha256"), "refresh_family", ["sign_in_sha256"], unique=False
    )
    op.create_table(
        "sign_in",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("methods", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("browser", sa.String(), server_default="", nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_sign_in")),
    )
    op.create_index(op.f("ix_sign_in_account_id"), "sign_in", ["account_id"], unique=False)
    op.create_index(op.f("ix_sign_in_expires_at"), "sign_in", ["expires_at"], unique=False)
    op.create_table(
        "authorization_code",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("family_id", sa.String(), nullable=False),
        sa.Column("redirect_uri", sa.String(), nullable=False),
        sa.Column("challenge", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["refresh_family.id"], name=op.f("fk_authorization_code_family_id")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_authorization_code")),
    )
    op.create_index(
        op.f("ix_authorization_code_expires_at"), "authorization_code", ["expires_at"], unique=False
    )
    op.create_index(
        op.f("ix_authorization_code_family_id"), "authorization_code", ["family_id"], unique=False
    )
    op.create_table(
        "refresh_token",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("family_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["family_id"], ["refresh_family.id"], name=op.f("fk_refresh_token_family_id")
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_refresh_token")),
    )
    op.create_index(
        op.f("ix_refresh_token_family_id"), "refresh_token", ["family_id"], unique=False
    )
    op.create_index(
        "uq_refresh_token_live",
        "refresh_token",
        ["family_id"],
        unique=True,
        postgresql_where=sa.text("used_at is null"),
    )
    op.add_column(
        "account", sa.Column("full_name", sa.String(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column("account", sa.Column("email_sealed", sa.String(), nullable=True))
    op.add_column("account", sa.Column("email_blind", sa.String(), nullable=True))
    op.add_column(
        "account",
        sa.Column("language", sa.String(), server_default=sa.text("'fr'"), nullable=False),
    )
    op.add_column("account", sa.Column("totp_sealed", sa.String(), nullable=True))
    op.add_column("account", sa.Column("totp_pending", sa.String(), nullable=True))
    op.add_column(
        "account",
        sa.Column("totp_step", sa.BigInteger(), server_default=sa.text("'0'"), nullable=False),
    )
    op.add_column(
        "account",
        sa.Column(
            "status",
            sa.Enum(
                "INVITED",
                "ACTIVE",
                "SUSPENDED",
                "LEFT",
                name="account_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default=sa.text("'ACTIVE'"),
            nullable=False,
        ),
    )
    op.add_column("account", sa.Column("replaces_id", sa.String(), nullable=True))
    op.add_column(
        "account", sa.Column("version", sa.Integer(), server_default=sa.text("'1'"), nullable=False)
    )
    op.alter_column("account", "password_hash", existing_type=sa.VARCHAR(), nullable=True)
    op.create_unique_constraint(op.f("uq_account_email_blind"), "account", ["email_blind"])
    op.create_foreign_key(
        op.f("fk_account_replaces_id"), "account", "account", ["replaces_id"], ["id"]
    )
    op.add_column("client", sa.Column("jwks_uri", sa.String(), nullable=True))
    op.add_column(
        "client",
        sa.Column("post_logout_uris", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column(
        "client",
        sa.Column("tier", sa.String(), server_default=sa.text("'STANDARD'"), nullable=False),
    )
    op.add_column(
        "client",
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "SUSPENDED",
                "CLOSED",
                name="client_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default=sa.text("'ACTIVE'"),
            nullable=False,
        ),
    )
    op.add_column(
        "client", sa.Column("version", sa.Integer(), server_default=sa.text("'1'"), nullable=False)
    )
    op.add_column(
        "organisation",
        sa.Column(
            "kind",
            sa.Enum(
                "MINISTRY_UNIT",
                "COOPERATIVE",
                "INITIATIVE",
                "LENDER",
                "DEVELOPER",
                name="organisation_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default=sa.text("'DEVELOPER'"),
            nullable=False,
        ),
    )
    op.add_column(
        "organisation",
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "SUSPENDED",
                "CLOSED",
                name="organisation_status",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default=sa.text("'ACTIVE'"),
            nullable=False,
        ),
    )
    op.add_column("organisation", sa.Column("lender_id", sa.String(), nullable=True))
    op.add_column(
        "organisation",
        sa.Column("version", sa.Integer(), server_default=sa.text("'1'"), nullable=False),
    )
    op.create_unique_constraint(op.f("uq_organisation_lender_id"), "organisation", ["lender_id"])
    # An organisation is a lender when one of its machines was; proofs get rows of their own.
    op.execute(
        "update organisation o set kind = 'LENDER', lender_id = c.lender_id from client c"
        " where c.organisation_id = o.id and c.lender_id is not null"
    )
    op.execute(
        "insert into client_secret (sha256, client_id, created_at)"
        " select secret_sha256, id, created_at from client where secret_sha256 is not null"
    )
    op.execute(
        "insert into client_key (client_id, kid, jwk, created_at)"
        " select c.id, k ->> 'kid', k, c.created_at from client c,"
        " jsonb_array_elements(c.jwks -> 'keys') k where c.jwks is not null"
    )
    op.execute("update client set status = 'CLOSED' where not is_active")
    op.execute("update account set status = 'LEFT' where not is_active")
    for table, name, _ in _CHECKS_GONE:
        op.drop_constraint(op.f(name), table, type_="check")
    op.drop_column("account", "is_active")
    op.drop_column("account", "lender_id")
    op.drop_column("client", "is_active")
    op.drop_column("client", "lender_id")
    op.drop_column("client", "secret_sha256")
    op.drop_column("client", "jwks")
    for table, name, rule in _CHECKS:
        op.create_check_constraint(op.f(name), table, rule)
    for table, column in _DEFAULTS:
        op.alter_column(table, column, server_default=None)


def downgrade() -> None:
    for table, name, _ in _CHECKS:
        op.drop_constraint(op.f(name), table, type_="check")
    for column in _OLD:
        op.add_column(*column)
    op.execute(
        "update client c set is_active = c.status = 'ACTIVE', lender_id = o.lender_id,"
        " secret_sha256 = (select max(sha256) from client_secret where client_id = c.id),"
        " jwks = (select jsonb_build_object('keys', jsonb_agg(jwk)) from client_key"
        " where client_id = c.id having count(*) > 0)"
        " from organisation o where o.id = c.organisation_id"
    )
    op.execute("update account set is_active = status = 'ACTIVE'")
    op.execute(
        "update account set password_hash = '!' where password_hash is null"
    )  # opens nothing
    for table, name, rule in _CHECKS_GONE:
        op.create_check_constraint(op.f(name), table, rule)
    for table in ("client", "account"):
        op.alter_column(table, "is_active", server_default=None)
    op.drop_constraint(op.f("uq_organisation_lender_id"), "organisation", type_="unique")
    op.drop_column("organisation", "version")
    op.drop_column("organisation", "lender_id")
    op.drop_column("organisation", "status")
    op.drop_column("organisation", "kind")
    op.drop_column("client", "version")
    op.drop_column("client", "status")
    op.drop_column("client", "tier")
    op.drop_column("client", "post_logout_uris")
    op.drop_column("client", "jwks_uri")
    op.drop_constraint(op.f("fk_account_replaces_id"), "account", type_="foreignkey")
    op.drop_constraint(op.f("uq_account_email_blind"), "account", type_="unique")
    op.alter_column("account", "password_hash", existing_type=sa.VARCHAR(), nullable=False)
    op.drop_column("account", "version")
    op.drop_column("account", "replaces_id")
    op.drop_column("account", "status")
    op.drop_column("account", "totp_step")
    op.drop_column("account", "totp_pending")
    op.drop_column("account", "totp_sealed")
    op.drop_column("account", "language")
    op.drop_column("account", "email_blind")
    op.drop_column("account", "email_sealed")
    op.drop_column("account", "full_name")
    op.drop_index(
        "uq_refresh_token_live",
        table_name="refresh_token",
        postgresql_where=sa.text("used_at is null"),
    )
    op.drop_index(op.f("ix_refresh_token_family_id"), table_name="refresh_token")
    op.drop_table("refresh_token")
    op.drop_index(op.f("ix_authorization_code_family_id"), table_name="authorization_code")
    op.drop_index(op.f("ix_authorization_code_expires_at"), table_name="authorization_code")
    op.drop_table("authorization_code")
    op.drop_index(op.f("ix_sign_in_expires_at"), table_name="sign_in")
    op.drop_index(op.f("ix_sign_in_account_id"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_index(op.f("ix_refresh_family_sign_in_sha256"), table_name="refresh_family")
    op.drop_index(op.f("ix_refresh_family_expires_at"), table_name="refresh_family")
    op.drop_index(op.f("ix_refresh_family_client_id"), table_name="refresh_family")
    op.drop_index(op.f("ix_refresh_family_account_id"), table_name="refresh_family")
    op.drop_table("refresh_family")
    op.drop_index(
        "uq_one_time_code_live",
        table_name="one_time_code",
        postgresql_where=sa.text("used_at is null"),
    )
    op.drop_table("one_time_code")
    op.drop_index(op.f("ix_recovery_code_account_id"), table_name="recovery_code")
    op.drop_table("recovery_code")
    op.drop_table("consent")
    op.drop_index(op.f("ix_client_secret_client_id"), table_name="client_secret")
    op.drop_table("client_secret")
    op.drop_table("client_key")
    op.drop_index(op.f("ix_access_grant_organisation_id"), table_name="access_grant")
    op.drop_index(op.f("ix_access_grant_client_id"), table_name="access_grant")
    op.drop_table("access_grant")
    op.drop_index(op.f("ix_token_cutoff_expires_at"), table_name="token_cutoff")
    op.drop_table("token_cutoff")
    op.drop_table("sign_in_failures")
    op.drop_index(op.f("ix_known_cooperative_organisation_id"), table_name="known_cooperative")
    op.drop_table("known_cooperative")
