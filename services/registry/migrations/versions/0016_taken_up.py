"""filings that take up a rejected one again"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("filing", sa.Column("former_filing_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_filing_former_filing_id"), "filing", "filing", ["former_filing_id"], ["id"]
    )
    op.create_index("ix_filing_former_filing_id", "filing", ["former_filing_id"])


def downgrade() -> None:
    op.drop_index("ix_filing_former_filing_id", table_name="filing")
    op.drop_constraint(op.f("fk_filing_former_filing_id"), "filing", type_="foreignkey")
    op.drop_column("filing", "former_filing_id")
