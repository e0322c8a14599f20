"""A repository is a collection of rows; it returns rows or raises a refusal, never a query."""

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.db import hold
from chassis.errors import NotFound
from chassis.rows import Id, Query, by_id, load
from chassis.sql import write

M = TypeVar("M", bound=SQLModel)


@cache
def _alone(model: type[M]) -> Query[M]:
    return by_id(model, is_locked=True)


class Repository(Generic[M]):
    """Rows of `model`; `aggregate` is the word under which their life is locked and told."""

    model: type[M]
    aggregate: ClassVar[str]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, id: Id) -> M | None:
        """The row, or None."""
        return await self.session.get(self.model, id)

    async def get(self, id: Id) -> M:
        """The row, or `NotFound`."""
        found = await self.find(id)
        if found is None:
            raise NotFound()
        return found

    async def found(self, query: Query[M], id: Id) -> M:
        """The row with this id that a query finds, as it is now; `NotFound` as if it were not."""
        found = await load(self.session, query, id)
        if found is None:
            raise NotFound()
        return found

    async def seen(self, id: Id, *conditions: Any) -> M:
        """The row if it meets every condition of who may see it; `NotFound` as if it were not."""
        query = select(self.model).where(getattr(self.model, "id") == id, *conditions)  # noqa: B009
        found = (await self.session.exec(query)).one_or_none()
        if found is None:
            raise NotFound()
        return found

    async def lock(self, id: Id) -> M:
        """The row as it is now, alone: its aggregate is held before the row lock is taken."""
        await hold(self.session, f"{self.aggregate}/{id}")
        return await self.found(_alone(self.model), id)

    def add(self, row: M) -> M:
        """Remember a new row; it is written with the transaction."""
        self.session.add(row)
        return row

    async def write(self, row: M) -> None:
        """Write a new row at once, which this transaction will not change any more."""
        await write(self.session, row)

    async def all_where(self, *conditions: Any, order_by: Any = None) -> Sequence[M]:
        """Rows that meet every condition."""
        query = select(self.model).where(*conditions)
        if order_by is not None:
            query = query.order_by(order_by)
        return (await self.session.exec(query)).all()
