"""what every row was when it was written"""

import sqlalchemy as sa
from alembic import op

from chassis.imprints import drop_imprints, imprint
from chassis.migrations import make_append_only
from chassis.tables import Xid8

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BY_ID = (
    "alert", "certificate", "cooperative", "cooperative_identifier", "cooperative_version",
    "data_access", "data_request", "decision", "filing", "import", "initiative", "mandate",
    "member", "member_link", "membership", "message", "operation", "person_key", "privacy_act",
    "remark_answer", "review",
)  # fmt: skip
_TABLES = {
    **dict.fromkeys(_BY_ID, "id"),
    "activity": "cooperative_id",
    "affiliation": "apex_id,cooperative_id",
    "agent": "sub",
    "code_entry": "list_name,code",
    "division": "code",
    "holiday": "on",
    "import_piece": "import_id,number",
    "import_row": "import_id,number",
    "imported_row": "source,key",
    "law_rule": "rule,legal_form,valid_from",
    "read_mark": "filing_id,reader_sub",
    "retention_rule": "code",
    "review_snapshot": "review_id",
    "service_target": "code,valid_from",
    "work_item": "filing_id",
}


def upgrade() -> None:
    op.create_table(
        "imprint",
        sa.Column("id", sa.Uuid(), server_default=sa.text("uuidv7()"), nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("pos", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("of_table", sa.Text(), nullable=False),
        sa.Column("keys", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("digests", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("befores", sa.ARRAY(sa.Text()), nullable=True),
        sa.Column("by_role", sa.Text(), server_default=sa.text("session_user"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imprint")),
    )
    op.create_index("ix_imprint_xid_pos", "imprint", ["xid", "pos"])
    make_append_only(op, ["imprint"])
    _blur_members()
    imprint(op, _TABLES)


def _blur_members() -> None:
    # what was noted of a person can be guessed by nobody once this is gone with what was sealed
    blur = sa.Column("blur", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=True)
    op.add_column("member", blur)


def downgrade() -> None:
    drop_imprints(op, _TABLES)
    op.drop_column("member", "blur")
    op.drop_table("imprint")
    for table in ("chain_link", "chain_head", "chain_checkpoint"):
        op.execute(f"alter table {table} disable trigger user")
        op.execute(f"delete from {table} where chain = 'imprints'")  # noqa: S608 - constants
        op.execute(f"alter table {table} enable trigger user")
