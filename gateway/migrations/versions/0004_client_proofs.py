"""client proofs: a name for each secret, a thumbprint for each key, keys kept at an address"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# RFC 7638 §3: the members that matter, in this order, without a blank; SHA-256, base64url.
_THUMBPRINT = """
update client_key set thumbprint = rtrim(translate(encode(sha256(convert_to(
  '{"crv":"P-256","kty":"EC","x":"' || (jwk ->> 'x') || '","y":"' || (jwk ->> 'y') || '"}',
  'UTF8')), 'base64'), '+/', '-_'), '=')
"""


def upgrade() -> None:
    op.add_column(
        "client_secret",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.create_unique_constraint(op.f("uq_client_secret_id"), "client_secret", ["id"])
    op.alter_column("client_secret", "id", server_default=None)
    op.add_column("client_key", sa.Column("thumbprint", sa.String(), nullable=True))
    op.execute(_THUMBPRINT)
    op.alter_column("client_key", "thumbprint", nullable=False)
    op.create_unique_constraint(op.f("uq_client_key_thumbprint"), "client_key", ["thumbprint"])
    op.add_column("client", sa.Column("jwks_error", sa.String(), nullable=True))
    op.add_column("client", sa.Column("jwks_read_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("client", "jwks_read_at")
    op.drop_column("client", "jwks_error")
    op.drop_constraint(op.f("uq_client_key_thumbprint"), "client_key", type_="unique")
    op.drop_column("client_key", "thumbprint")
    op.drop_constraint(op.f("uq_client_secret_id"), "client_secret", type_="unique")
    op.drop_column("client_secret", "id")
