"""who sits for a legal person"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.imprints import imprint_anew

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Whoever came here before, and went back, left the names in what anyone may read alone.
_NAMED = """
update mandate m set representative = o -> 'representative'
from cooperative_version v, jsonb_array_elements(v.public -> 'officers') o
where v.cooperative_id = m.cooperative_id and v.valid && m.valid and v.recorded && m.recorded
  and o ->> 'mandate_id' = m.mandate_id::text and jsonb_typeof(o -> 'representative') = 'object'
"""


def upgrade() -> None:
    op.add_column("mandate", sa.Column("representative", postgresql.JSONB(), nullable=True))
    op.execute("alter table mandate disable trigger user")
    op.execute(_NAMED)
    op.execute("alter table mandate enable trigger user")
    imprint_anew(op, {"mandate": "id"})


def downgrade() -> None:
    op.drop_column("mandate", "representative")
    imprint_anew(op, {"mandate": "id"})
