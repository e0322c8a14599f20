"""on what a decision stands, bound to its line in the ledger"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


_FUNCTION = """
create function demand_grounds() returns trigger language plpgsql as $$
begin
  raise exception 'an approval or a rejection says on what it stands'
    using errcode = 'check_violation', constraint = 'ck_ledger_grounds';
end $$
"""
# Lines from before stay as they are, without: they are never rewritten.
_TRIGGER = """
create trigger ledger_grounds before insert on ledger for each row
when (new.kind in ('APPROVAL', 'REJECTION') and new.grounds_sha256 is null)
execute function demand_grounds()
"""


def upgrade() -> None:
    op.add_column("ledger", sa.Column("grounds_sha256", sa.String(), nullable=True))
    op.execute(_FUNCTION)
    op.execute(_TRIGGER)


def downgrade() -> None:
    op.execute("drop trigger ledger_grounds on ledger")
    op.execute("drop function demand_grounds")
    op.drop_column("ledger", "grounds_sha256")
