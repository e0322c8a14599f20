"""The lines of the ledger that a filing leaves: its arrival, and what became of it."""

from datetime import date
from typing import Any

from chassis import clock
from chassis.db import AsyncSession
from chassis.ids import new_id
from services.registry.filings import dossiers
from services.registry.filings.models import Filing
from services.registry.filings.states import FilingStatus
from services.registry.law.service import known_seat, seat
from services.registry.ledger.models import EntryKind, LedgerEntry
from services.registry.ledger.repository import Ledger, grounds_of, next_number


async def authority_for(session: AsyncSession, filing: Filing, declaration: Any) -> str:
    """The authority that will number the arrival: of the record, else of the declared seat."""
    cooperative = await dossiers.about(session, filing)
    if cooperative is not None:
        return cooperative.authority_code
    commune = await seat(session, declaration)
    return commune.authority_code if commune else "-"


async def arrive(
    session: AsyncSession, filing: Filing, declaration: Any, *, status: FilingStatus
) -> str:
    """Give the filing its place in the arrival register (AUSCOOP art. 71); the name it arrives
    with."""
    today, cooperative = clock.today(), await dossiers.about(session, filing)
    if cooperative is not None:
        filing.path, filing.authority_code = cooperative.path, cooperative.authority_code
        subject = cooperative.name
    else:
        commune = await known_seat(session, declaration)
        filing.path, filing.authority_code = commune.path, commune.authority_code
        subject = declaration.name
    number = await next_number(session, f"arrival/{filing.authority_code}/{today.year}")
    filing.arrival_number = f"{filing.authority_code}/{today.year}/{number:06d}"
    filing.status, filing.submitted_at = status, clock.now()
    await record(session, filing, EntryKind.ARRIVAL, on=today, number=number, subject=subject)
    return subject


async def record(
    session: AsyncSession,
    filing: Filing,
    kind: EntryKind,
    *,
    on: date,
    number: int | None = None,
    subject: str = "",
) -> None:
    """Write a line of the ledger about a filing that has arrived, under the name it arrived with:
    what a filer writes later was read by nobody and would stay for ever."""
    ledger, grounds = Ledger(session), None
    if kind in (EntryKind.APPROVAL, EntryKind.REJECTION):
        await session.flush()
        grounds = (await grounds_of(session, [filing.id]))[filing.id]
    # the number just given is the proof that there is none yet
    arrived = None if kind == EntryKind.ARRIVAL else await ledger.arrival_of(filing.id)
    await ledger.write(
        LedgerEntry(
            id=new_id(),
            authority_code=filing.authority_code or "",
            path=filing.path[-3:],
            year=on.year,
            number=number,
            kind=kind,
            filing_id=filing.id,
            arrival_number=filing.arrival_number or "",
            formality=filing.type,
            declarant=filing.organisation_id,
            subject=arrived.subject if arrived else subject,
            recorded_at=clock.now(),
            grounds_sha256=grounds,
        )
    )
