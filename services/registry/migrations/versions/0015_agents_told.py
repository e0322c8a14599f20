"""agents, as the gateway tells of them; files that are freed"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_BEFORE = (
    "ARRIVED", "TAKEN", "ASSIGNED", "RELEASED", "RETURNED", "RESUBMITTED", "FOUND_COMPLETE",
    "TRANSFERRED", "APPROVED", "REJECTED", "WITHDRAWN",
)  # fmt: skip


def _steps(*kinds: str) -> None:
    name = op.f("ck_desk_step_step_kind")
    op.drop_constraint(name, "desk_step", type_="check")
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(name, "desk_step", f"kind in ({listed})")


def upgrade() -> None:
    op.add_column("agent", sa.Column("told_at", sa.DateTime(timezone=True), nullable=True))
    _steps(*_BEFORE, "FREED")


def downgrade() -> None:
    _steps(*_BEFORE)
    op.drop_column("agent", "told_at")
