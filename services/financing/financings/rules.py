"""Whose money pays what: pure functions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_PARTS = ("fees_xof", "interest_xof", "principal_xof")


def allocate(
    installments: Iterable[Mapping[str, Any]], paid_before_xof: int, amount_xof: int
) -> list[dict[str, int]]:
    """What `amount_xof` pays once `paid_before_xof` has: oldest first; fees, interest, principal.

    Parts paid with nothing are left out; the parts add up to the amount if the schedule has room.
    """
    skip, left, found = paid_before_xof, amount_xof, []
    for row in installments:
        paid = {}
        for part in _PARTS:
            open_xof = max(row[part] - skip, 0)
            skip = max(skip - row[part], 0)
            paid[part] = min(open_xof, left)
            left -= paid[part]
        if any(paid.values()):
            found.append({"number": row["number"], **paid})
    return found


def total_due(installments: Iterable[Mapping[str, Any]]) -> int:
    """Everything that a schedule asks."""
    return sum(_totals(installments))


def _totals(installments: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    return (row["total_xof"] for row in installments)
