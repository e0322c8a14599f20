"""Find what the register says about a cooperative without a walk through the exclusion index."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index(
        "ix_cooperative_version_cooperative_id", "cooperative_version", ["cooperative_id"]
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_cooperative_version_cooperative_id", "cooperative_version")
