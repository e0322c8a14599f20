"""checkpoints"""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import make_append_only

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# The arrival register is hashed row by row with every column now, which the links from before are
# not: they are made anew from the rows themselves. No checkpoint was signed before this.
_ANEW = (
    "alter table chain_link disable trigger user",
    "delete from chain_link where chain = 'ledger'",
    "delete from chain_head where chain = 'ledger'",
    "alter table chain_link enable trigger user",
)


def upgrade() -> None:
    op.create_table(
        "chain_checkpoint",
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("chain", "sequence", name=op.f("pk_chain_checkpoint")),
        sa.UniqueConstraint("number", name=op.f("uq_chain_checkpoint_number")),
    )
    make_append_only(op, ["chain_checkpoint"])
    for sql in _ANEW:
        op.execute(sql)


def downgrade() -> None:
    op.drop_table("chain_checkpoint")
