"""what rows were before they were written, where imprints were made without"""

from alembic import op

from chassis.imprints import note_befores
from services.registry.tables import IMPRINTED

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # 0020 makes the column itself since; for some hours it did not
    note_befores(op, IMPRINTED)


def downgrade() -> None:
    """The column belongs to the table of 0020."""
