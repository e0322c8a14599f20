"""What happens to a filing: drafted, changed, submitted, taken back. Reads like minutes."""

from datetime import date
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, NotFound, ValidationFailed
from chassis.ids import new_id
from chassis.patches import merged
from chassis.vault import Vault
from chassis.versions import demand, expect
from services.registry.code_lists.models import Division
from services.registry.desk import records as desk
from services.registry.filings.models import Filing
from services.registry.filings.repository import Filings
from services.registry.filings.schemas import (
    FilingPatch,
    FilingWrite,
    Registration,
    WithdrawalWrite,
)
from services.registry.filings.states import LIFE, FilingAction, FilingStatus
from services.registry.initiatives.repository import Initiatives
from services.registry.law.service import examine, known_seat, seat
from services.registry.ledger.models import EntryKind, LedgerEntry
from services.registry.ledger.repository import Ledger, next_number
from services.registry.persons import service as persons


async def owner_of(session: AsyncSession, wish: FilingWrite, by: Caller) -> str:
    """The organisation that will own the cooperative: the group's, the one named, or the
    caller's; only who has a territory may name another's. Refuses what the wish must not name."""
    if wish.cooperative_id is not None:
        raise _refused("COOPERATIVE_NOT_EXPECTED", "/cooperative_id")
    if wish.initiative_id is not None:
        return await _owner_of_group(session, wish, wish.initiative_id, by)
    owner = wish.organisation_id or by.organisation_id
    if owner != by.organisation_id and not by.territories:
        raise _refused("ORGANISATION_NOT_YOURS", "/organisation_id")
    return owner


async def _owner_of_group(session: AsyncSession, wish: FilingWrite, id: UUID, by: Caller) -> str:
    try:
        group = await Initiatives(session).one_in_view(id, by)
    except NotFound as absent:
        raise _refused("INITIATIVE_UNKNOWN", "/initiative_id") from absent
    if group.cooperative_id is not None:
        raise _refused("INITIATIVE_ALREADY_REGISTERED", "/initiative_id")
    if wish.organisation_id not in (None, group.organisation_id):
        raise _refused("ORGANISATION_MISMATCH", "/organisation_id")
    return group.organisation_id


async def place_of(session: AsyncSession, declared: Registration, by: Caller) -> Division | None:
    """The commune of the seat, if it is one; refused outside the territory of who has one."""
    commune = await seat(session, declared)
    if commune is not None and not by.acts_in(commune.path):
        raise _refused("COMMUNE_OUTSIDE_TERRITORY", "/payload/seat/commune_code")
    return commune


def _refused(code: str, pointer: str) -> ValidationFailed:
    return ValidationFailed(findings=[Finding(code=code, pointer=pointer)])


async def draft(session: AsyncSession, wish: FilingWrite, *, by: Caller, vault: Vault) -> Filing:
    """A filing begins; it may be partial."""
    organisation = await owner_of(session, wish, by)
    commune = await place_of(session, wish.payload, by)
    id = new_id()
    payload = wish.payload.model_dump(mode="json", exclude_unset=True)
    filing = Filing(
        id=id,
        type=wish.type,
        organisation_id=organisation,
        initiative_id=wish.initiative_id,
        effective_on=wish.effective_on,
        payload=await persons.seal(session, payload, id, vault),
        path=commune.path if commune else [],
        created_by=by.sub,
        filers=[by.sub],
        created_at=clock.now(),
    )
    return Filings(session).add(filing)


async def edit(
    session: AsyncSession,
    id: UUID,
    patch: dict[str, Any],
    *,
    version: int | None,
    by: Caller,
    vault: Vault,
) -> Filing:
    """Change a draft, or a file that came back; RFC 7396 merge patch over `effective_on` and
    `payload`."""
    filing = await Filings(session).lock(id)
    now = {
        "effective_on": filing.effective_on.isoformat() if filing.effective_on else None,
        "payload": await persons.reveal(session, filing.payload, id, vault),
    }
    wish = check(FilingPatch, merged(now, patch))
    demand(version, filing.version)
    is_back = filing.status == FilingStatus.CHANGES_REQUESTED
    filing.status = LIFE.move(filing.status, FilingAction.CORRECT if is_back else FilingAction.EDIT)
    commune = await place_of(session, wish.payload, by)
    filing.effective_on = wish.effective_on
    payload = wish.payload.model_dump(mode="json", exclude_unset=True)
    filing.payload = await persons.seal(session, payload, id, vault)
    if filing.submitted_at is None:  # the authority stays the one that numbered the arrival
        filing.path = commune.path if commune else []
    _touch(filing, by)
    return filing


def _touch(filing: Filing, by: Caller) -> None:
    filing.filers = sorted({*filing.filers, by.sub})
    filing.version += 1


async def declared(session: AsyncSession, filing: Filing, vault: Vault) -> Registration:
    """What the filing declares, with its personal fields open, for the rules."""
    return check(Registration, await persons.reveal(session, filing.payload, filing.id, vault))


async def examine_filing(
    session: AsyncSession, filing: Filing, declaration: Registration
) -> list[Finding]:
    """Every finding about a filing, today."""
    return await examine(
        session,
        declaration,
        effective_on=filing.effective_on,
        initiative_id=filing.initiative_id,
        arrived_at=filing.authority_code,
    )


async def examined(
    session: AsyncSession, filing: Filing, declaration: Registration
) -> list[Finding]:
    """The warnings about a filing; `ValidationFailed` with every finding when one blocks."""
    findings = await examine_filing(session, filing, declaration)
    if any(finding.severity == "BLOCK" for finding in findings):
        raise ValidationFailed(findings=findings)
    return findings


async def check_only(
    session: AsyncSession, filing: Filing, vault: Vault, *, by: Caller
) -> list[Finding]:
    """What a submission would find now; a state that allows none is refused as the act would be."""
    LIFE.move(filing.status, FilingAction.SUBMIT)
    declaration = await declared(session, filing, vault)
    await place_of(session, declaration, by)
    return await examine_filing(session, filing, declaration)


async def submit(
    session: AsyncSession, id: UUID, *, version: int | None, by: Caller, vault: Vault
) -> tuple[Filing, list[Finding]]:
    """File it: every blocking rule holds, and it takes its place in the arrival register.

    Returns the warnings beside the filing. A file that was sent back keeps its arrival number.
    """
    filing = await Filings(session).alone(id)
    expect(version, filing.version)
    declaration = await declared(session, filing, vault)
    commune = await seat(session, declaration)
    authority = filing.authority_code or (commune.authority_code if commune else "-")
    await hold(session, f"authority/{authority}")
    status = LIFE.move(filing.status, FilingAction.SUBMIT)
    await place_of(session, declaration, by)
    warnings = await examined(session, filing, declaration)
    filing.status = status
    _touch(filing, by)
    if filing.arrival_number is None:
        await _arrive(session, filing, declaration)
    await desk.submitted(session, filing, by=by)
    return filing, warnings


async def _arrive(session: AsyncSession, filing: Filing, declaration: Registration) -> None:
    commune, today = await known_seat(session, declaration), clock.today()
    filing.path, filing.authority_code = commune.path, commune.authority_code
    number = await next_number(session, f"arrival/{filing.authority_code}/{today.year}")
    filing.arrival_number = f"{filing.authority_code}/{today.year}/{number:06d}"
    filing.submitted_at = clock.now()
    await session.flush()
    await record(session, filing, EntryKind.ARRIVAL, on=today, number=number)


async def record(
    session: AsyncSession, filing: Filing, kind: EntryKind, *, on: date, number: int | None = None
) -> None:
    """Write a line of the ledger about a filing that has arrived, under the name it arrived with:
    what a filer writes later was read by nobody and would stay for ever."""
    ledger = Ledger(session)
    arrived = await ledger.arrival_of(filing.id)
    ledger.write(
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
            subject=arrived.subject if arrived else filing.payload["name"],
            recorded_at=clock.now(),
        )
    )


async def withdraw(
    session: AsyncSession, id: UUID, said: WithdrawalWrite, *, version: int | None, by: Caller
) -> Filing:
    """The filer takes it back; if it had arrived, the ledger says so."""
    filing = await Filings(session).lock(id)
    expect(version, filing.version)
    filing.status = LIFE.move(filing.status, FilingAction.WITHDRAW)
    filing.withdrawal_reason = said.reason or None
    _touch(filing, by)
    if filing.arrival_number is not None:
        await record(session, filing, EntryKind.WITHDRAWAL, on=clock.today())
        await desk.ended(session, filing, by=by)
    return filing


def is_filer(filing: Filing, caller: Caller) -> bool:
    """Whether the filing is the caller's own, or their organisation's: they know its persons."""
    return caller.sub == filing.created_by or caller.organisation_id == filing.organisation_id
