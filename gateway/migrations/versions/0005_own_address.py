"""own address: confirmed by a code, and letters about what persons change themselves"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KINDS = ("INVITATION", "PASSWORD_RESET", "ADDRESS_CHANGED", "SECOND_FACTOR_RESET", "KEY_ADDED")
_NEW_KINDS = (
    "ADDRESS_CONFIRMATION",
    "OWN_ADDRESS_CHANGED",
    "PASSWORD_CHANGED",
    "SECOND_FACTOR_ON",
    "SECOND_FACTOR_OFF",
    "RECOVERY_CODES_RENEWED",
)
_PURPOSES = ("INVITATION", "PASSWORD_RESET")
_CHECKS = (
    ("notice", "ck_notice_notice_kind", "kind", _KINDS, _NEW_KINDS),
    ("one_time_code", "ck_one_time_code_code_purpose", "purpose", _PURPOSES, ("ADDRESS_CHANGE",)),
)


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def upgrade() -> None:
    op.add_column("account", sa.Column("email_pending", sa.String(), nullable=True))
    for table, name, column, old, new in _CHECKS:
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"{column} in ({_listed(old + new)})")


def downgrade() -> None:
    for table, name, column, old, new in _CHECKS:
        op.execute(f"delete from {table} where {column} in ({_listed(new)})")  # noqa: S608
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, f"{column} in ({_listed(old)})")
    op.drop_column("account", "email_pending")
