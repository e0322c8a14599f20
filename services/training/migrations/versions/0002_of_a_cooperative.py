"""Lists are asked for one cooperative."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_delegation_group_id"), "delegation", ["group_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_delegation_group_id"), table_name="delegation")
