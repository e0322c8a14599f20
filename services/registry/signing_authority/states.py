"""What may be answered to: may these persons bind this cooperative?"""

from enum import StrEnum


class Binding(StrEnum):
    """Nothing is invented: where the statutes on record state no rule, the answer is that."""

    MAY_BIND = "MAY_BIND"
    MAY_NOT_BIND = "MAY_NOT_BIND"
    NOT_STATED = "NOT_STATED"
