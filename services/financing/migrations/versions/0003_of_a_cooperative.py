"""Lists are asked for one cooperative."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_application_cooperative_id"), "application", ["cooperative_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_application_cooperative_id"), table_name="application")
