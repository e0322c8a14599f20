"""Lists of things with opaque names: in the order in which they were made."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, tuple_

Place = tuple[datetime, str]


def place(after: list[Any] | None) -> Place | None:
    """Where a page begins, from what its cursor says."""
    return (datetime.fromisoformat(after[0]), str(after[1])) if after else None


def key(row: Any) -> Sequence[str]:
    """What the next cursor says."""
    return [row.created_at.isoformat(), row.id]


def following(model: Any, query: Any, after: Place | None, limit: int) -> Any:
    """`query` from `after` on, oldest first; one row more than `limit`."""
    order = (col(model.created_at), col(model.id))
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after))
    return query.order_by(*order).limit(limit + 1)
