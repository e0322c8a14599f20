"""apex bodies, RSC numbers, legal persons"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "affiliation",
        sa.Column("apex_id", sa.Uuid(), nullable=False),
        sa.Column("cooperative_id", sa.Uuid(), nullable=False),
        sa.Column("vocation", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["apex_id"], ["cooperative.id"], name=op.f("fk_affiliation_apex_id")
        ),
        sa.ForeignKeyConstraint(
            ["cooperative_id"], ["cooperative.id"], name=op.f("fk_affiliation_cooperative_id")
        ),
        sa.PrimaryKeyConstraint("apex_id", "cooperative_id", name=op.f("pk_affiliation")),
    )
    op.create_index(
        "uq_affiliation_vocation",
        "affiliation",
        ["cooperative_id", "vocation"],
        unique=True,
        postgresql_where=sa.text("vocation is not null"),
    )
    op.add_column("cooperative", sa.Column("rsc_key", sa.String(), nullable=True))
    op.create_index(
        "uq_cooperative_rsc",
        "cooperative",
        ["rsc_key"],
        unique=True,
        postgresql_where=sa.text("life in ('REGISTERED', 'IN_LIQUIDATION')"),
    )
    op.add_column(
        "member",
        sa.Column(
            "kind",
            sa.Enum(
                "NATURAL",
                "LEGAL",
                name="member_kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="NATURAL",
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("member", "kind")
    op.drop_index("uq_cooperative_rsc", table_name="cooperative")
    op.drop_column("cooperative", "rsc_key")
    op.drop_table("affiliation")
