"""lender keys come from the gateway, and each decision keeps the one that signed it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Keys were never deleted, so that each decision finds its own.
_FILL = """
update lender_decision d set jwk = k.jwk from lender_key k
where k.lender_id = d.lender_id and k.kid = d.kid
"""


def upgrade() -> None:
    op.add_column("lender_key", sa.Column("client_id", sa.String(), nullable=True))
    op.drop_constraint(op.f("fk_lender_key_lender_id"), "lender_key", type_="foreignkey")
    jwk = sa.Column("jwk", postgresql.JSONB(astext_type=sa.Text()), nullable=True)
    op.add_column("lender_decision", jwk)
    op.execute("alter table lender_decision disable trigger lender_decision_rows")
    op.execute(_FILL)
    op.execute("alter table lender_decision enable trigger lender_decision_rows")
    op.alter_column("lender_decision", "jwk", nullable=False)


def downgrade() -> None:
    op.drop_column("lender_decision", "jwk")
    # keys of lenders that were never listed stay: they open nothing
    op.create_foreign_key(
        op.f("fk_lender_key_lender_id"),
        "lender_key",
        "lender",
        ["lender_id"],
        ["id"],
        postgresql_not_valid=True,
    )
    op.drop_column("lender_key", "client_id")
