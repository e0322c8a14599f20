"""A reading of personal fields is written down in the transaction that answers it: an answer that
cannot be recorded is not given."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis import clock, trace
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.ids import new_id
from services.registry.accesses.models import Capacity, DataAccess, Operation
from services.registry.purposes import PurposeOfUse


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What an answer shows, of whom, to whom and why."""

    operation: Operation
    capacity: Capacity
    subjects: Sequence[UUID]
    fields: Sequence[str]
    is_whole: bool
    purpose: PurposeOfUse | None = None
    filing_id: UUID | None = None
    cooperative_id: UUID | None = None


def note(session: AsyncSession, caller: Caller, reading: Reading) -> None:
    """Remember it; one row, however many persons were seen."""
    if not reading.subjects:
        return
    session.add(
        DataAccess(
            id=new_id(),
            at=clock.now(),
            sub=caller.sub,
            client_id=caller.client_id,
            organisation_id=caller.organisation_id,
            capacity=reading.capacity,
            roles=sorted(caller.roles),
            operation=reading.operation,
            purpose=reading.purpose,
            fields=list(reading.fields),
            is_whole=reading.is_whole,
            subjects=list(reading.subjects),
            filing_id=reading.filing_id,
            cooperative_id=reading.cooperative_id,
            trace_id=trace.current(),
        )
    )
