"""who sits for a legal person"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.imprints import imprint_anew

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mandate", sa.Column("representative", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("mandate", "representative")
    imprint_anew(op, {"mandate": "id"})
