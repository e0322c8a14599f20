"""Whose things a query may find: conditions over the caller's organisation, grants and territory.

They stand in the query that finds a thing, alone or in a list, so that nothing foreign is ever
read: what is not found and what is not yours are one answer.
"""

from typing import Any

from sqlalchemy import ColumnElement, or_, tuple_

from chassis.auth import Caller


def owned(caller: Caller, organisation: Any, subject: Any, *scopes: str) -> ColumnElement[bool]:
    """Rows of the caller's own organisation, and those about a subject lent with any of `scopes`.

    `organisation` and `subject` are the columns that name them.
    """
    mine: ColumnElement[bool] = organisation == caller.organisation_id
    lent = sorted(caller.lent(*scopes))
    return or_(mine, tuple_(organisation, subject).in_(lent)) if lent else mine


def nearby(caller: Caller, path: Any) -> ColumnElement[bool]:
    """Rows in the caller's territory; `path` is the column with a place and all above it."""
    within: ColumnElement[bool] = path.op("&&")(sorted(caller.territories))
    return within
