"""what a file was at each of its steps, and the steps in a chain"""

import sqlalchemy as sa
from alembic import op

from chassis.tables import Xid8

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_COLUMNS = ("status", "filers", "file_sha256", "review_id", "review_sha256")
_FUNCTION = """
create function demand_step_state() returns trigger language plpgsql as $$
begin
  raise exception 'a step says what its file was'
    using errcode = 'check_violation', constraint = 'ck_desk_step_state';
end $$
"""
# Steps from before stay as they are, without: they are never rewritten, and linked as they lie.
_TRIGGER = """
create trigger desk_step_state before insert on desk_step for each row
when (new.status is null or new.filers is null
  or (new.kind in ('RETURNED', 'RESUBMITTED', 'FOUND_COMPLETE') and new.review_sha256 is null))
execute function demand_step_state()
"""


def upgrade() -> None:
    xid = sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False)
    op.add_column("desk_step", xid)
    op.create_index("ix_desk_step_xid_pos", "desk_step", ["xid", "pos"])
    op.add_column("desk_step", _status())
    op.add_column("desk_step", sa.Column("filers", sa.ARRAY(sa.Text()), nullable=True))
    op.add_column("desk_step", sa.Column("file_sha256", sa.String(), nullable=True))
    review = sa.ForeignKey("review.id", name=op.f("fk_desk_step_review_id"))
    op.add_column("desk_step", sa.Column("review_id", sa.Uuid(), review, nullable=True))
    op.add_column("desk_step", sa.Column("review_sha256", sa.String(), nullable=True))
    op.create_index(op.f("ix_desk_step_review_id"), "desk_step", ["review_id"])
    op.execute(_FUNCTION)
    op.execute(_TRIGGER)


def _status() -> "sa.Column[str]":
    words = ("DRAFT", "SUBMITTED", "UNDER_REVIEW", "CHANGES_REQUESTED", "APPROVED", "REJECTED")
    kind = sa.Enum(
        *words, "WITHDRAWN", name="filing_status", native_enum=False, create_constraint=True,
        length=40,
    )  # fmt: skip
    return sa.Column("status", kind, nullable=True)


def downgrade() -> None:
    op.execute("drop trigger desk_step_state on desk_step")
    op.execute("drop function demand_step_state")
    for table in ("chain_link", "chain_head", "chain_checkpoint"):
        op.execute(f"alter table {table} disable trigger user")
        op.execute(f"delete from {table} where chain = 'steps'")  # noqa: S608 - constants
        op.execute(f"alter table {table} enable trigger user")
    for name in (*_COLUMNS, "xid"):
        op.drop_column("desk_step", name)
