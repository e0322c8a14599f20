"""Long work begins, proceeds and ends."""

from datetime import timedelta
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from chassis.ids import new_id
from services.registry.operations.models import Operation
from services.registry.operations.repository import Operations
from services.registry.operations.states import LIFE, OperationAction, OperationStatus

SOON = timedelta(seconds=1)  # when to ask again


def begin(
    session: AsyncSession, kind: str, resource: str, *, created_by: str, path: list[str]
) -> Operation:
    """Somebody asked for long work."""
    now = clock.now()
    made = Operation(
        id=new_id(),
        kind=kind,
        resource=resource,
        created_by=created_by,
        path=path,
        created_at=now,
        updated_at=now,
    )
    return Operations(session).add(made)


async def proceed(session: AsyncSession, id: UUID, done: int, total: int | None = None) -> None:
    """So much is done."""
    operation = await Operations(session).row(id)
    operation.status = LIFE.move(operation.status, OperationAction.PROCEED)
    operation.done, operation.updated_at = done, clock.now()
    operation.total = operation.total if total is None else total
    if operation.total is not None:
        operation.total = max(operation.total, done)


async def end(session: AsyncSession, id: UUID, *, failure: str | None = None) -> None:
    """It is over; `failure` is the code of why it did not succeed."""
    operation = await Operations(session).row(id)
    action = OperationAction.FAIL if failure else OperationAction.SUCCEED
    operation.status = LIFE.move(operation.status, action)
    operation.failure = failure
    operation.ended_at = operation.updated_at = clock.now()
    if operation.status is OperationStatus.SUCCEEDED:
        operation.total = operation.done
