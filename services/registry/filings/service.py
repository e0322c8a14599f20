"""What happens to a filing: drafted, submitted, reviewed, decided. Reads like minutes."""

from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import hold
from chassis.errors import Finding, NotFound, ValidationFailed
from chassis.ids import new_id
from chassis.vault import Vault
from chassis.versions import expect
from services.registry.filings.errors import FourEyes
from services.registry.filings.models import Filing, Review
from services.registry.filings.repository import Filings
from services.registry.filings.schemas import (
    FilingPatch,
    FilingWrite,
    Registration,
    ReviewOutcome,
    ReviewWrite,
)
from services.registry.filings.states import LIFE, FilingAction, FilingStatus
from services.registry.initiatives.repository import Initiatives
from services.registry.law.service import examine, seat
from services.registry.ledger.models import EntryKind, LedgerEntry
from services.registry.ledger.repository import Ledger, next_number
from services.registry.persons import service as persons
from services.registry.scopes import AGENT_SCOPES


async def owner_of(session: AsyncSession, wish: FilingWrite, by: Caller) -> str:
    """The organisation that will own the cooperative: named, the group's, or the caller's."""
    organisation = wish.organisation_id or by.organisation_id
    if wish.initiative_id is None:
        return organisation
    initiative = await Initiatives(session).find(wish.initiative_id)
    if initiative is None:
        raise ValidationFailed(
            findings=[Finding(code="INITIATIVE_UNKNOWN", pointer="/initiative_id")]
        )
    if wish.organisation_id not in (None, initiative.organisation_id):
        raise ValidationFailed(
            findings=[Finding(code="ORGANISATION_MISMATCH", pointer="/organisation_id")]
        )
    return initiative.organisation_id


async def draft(session: AsyncSession, wish: FilingWrite, *, by: Caller, vault: Vault) -> Filing:
    """A filing begins; it may be partial."""
    organisation = await owner_of(session, wish, by)
    commune = await seat(session, wish.payload)
    id = new_id()
    payload = wish.payload.model_dump(mode="json", exclude_unset=True)
    filing = Filing(
        id=id,
        type=wish.type,
        organisation_id=organisation,
        initiative_id=wish.initiative_id,
        effective_on=wish.effective_on,
        payload=persons.seal(payload, id, vault),
        path=commune.path if commune else [],
        created_by=by.sub,
        created_at=clock.now(),
    )
    return Filings(session).add(filing)


async def edit(
    session: AsyncSession, id: UUID, patch: dict[str, Any], *, version: int, vault: Vault
) -> Filing:
    """Change a draft, or a file that came back; RFC 7396 merge patch over `effective_on` and
    `payload`."""
    filing = await Filings(session).lock(id)
    expect(version, filing.version)
    is_back = filing.status == FilingStatus.CHANGES_REQUESTED
    filing.status = LIFE.move(filing.status, FilingAction.CORRECT if is_back else FilingAction.EDIT)
    now = {
        "effective_on": filing.effective_on.isoformat() if filing.effective_on else None,
        "payload": persons.reveal(filing.payload, id, vault),
    }
    wish = check(FilingPatch, _merged(now, patch))
    commune = await seat(session, wish.payload)
    filing.effective_on = wish.effective_on
    payload = wish.payload.model_dump(mode="json", exclude_unset=True)
    filing.payload = persons.seal(payload, id, vault)
    if filing.submitted_at is None:  # the authority stays the one that numbered the arrival
        filing.path = commune.path if commune else []
    filing.version += 1
    return filing


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def declared(filing: Filing, vault: Vault) -> Registration:
    """What the filing declares, with its personal fields open, for the rules."""
    return check(Registration, persons.reveal(filing.payload, filing.id, vault))


async def submit(
    session: AsyncSession, id: UUID, *, by: Caller, vault: Vault
) -> tuple[Filing, list[Finding]]:
    """File it: every blocking rule holds, and it takes its place in the arrival register.

    Returns the warnings beside the filing. A file that was sent back keeps its arrival number.
    """
    filing = await Filings(session).get(id)
    commune = await seat(session, declared(filing, vault))
    authority = commune.path[-3] if commune else "-"
    await hold(session, f"filing/{id}", f"authority/{authority}")
    filing = await Filings(session).lock(id)
    status = LIFE.move(filing.status, FilingAction.SUBMIT)
    findings = await examine(session, declared(filing, vault))
    if any(finding.severity == "BLOCK" for finding in findings):
        raise ValidationFailed(findings=findings)
    filing.status = status
    filing.version += 1
    if filing.arrival_number is None and commune is not None:
        filing.path, filing.authority_code = commune.path, authority
        await _arrive(session, filing, declared(filing, vault), by=by)
    return filing, findings


async def _arrive(
    session: AsyncSession, filing: Filing, declaration: Registration, *, by: Caller
) -> None:
    year = clock.today().year
    number = await next_number(session, f"arrival/{filing.authority_code}/{year}")
    filing.arrival_number = f"{filing.authority_code}/{year}/{number:06d}"
    filing.submitted_at = clock.now()
    await session.flush()
    record(session, filing, EntryKind.ARRIVAL, number=number, by=by, subject=declaration.name)


def record(
    session: AsyncSession,
    filing: Filing,
    kind: EntryKind,
    *,
    by: Caller,
    subject: str | None,
    number: int | None = None,
) -> None:
    """Write a line of the ledger about a filing that has arrived."""
    Ledger(session).write(
        LedgerEntry(
            id=new_id(),
            authority_code=filing.authority_code or "",
            path=filing.path[-3:],
            year=clock.today().year,
            number=number,
            kind=kind,
            filing_id=filing.id,
            arrival_number=filing.arrival_number or "",
            formality=filing.type,
            declarant=by.organisation_id,
            subject=subject or "",
            recorded_at=clock.now(),
        )
    )


async def review(
    session: AsyncSession, id: UUID, said: ReviewWrite, *, by: Caller
) -> tuple[Filing, Review]:
    """An instructor examines: complete, or sent back with what to change."""
    filing = await Filings(session).lock(id)
    is_complete = said.outcome == ReviewOutcome.COMPLETE
    action = FilingAction.ACCEPT_FOR_REVIEW if is_complete else FilingAction.REQUEST_CHANGES
    status = LIFE.move(filing.status, action)
    if by.sub == filing.created_by:
        raise FourEyes()
    if not is_complete and not said.remarks:
        raise ValidationFailed(findings=[Finding(code="REMARK_REQUIRED", pointer="/remarks")])
    filing.status = status
    filing.version += 1
    made = Review(
        id=new_id(),
        filing_id=id,
        outcome=said.outcome,
        remarks=[remark.model_dump(mode="json") for remark in said.remarks],
        by_sub=by.sub,
        at=clock.now(),
    )
    session.add(made)
    return filing, made


async def withdraw(session: AsyncSession, id: UUID, *, by: Caller) -> Filing:
    """The filer takes it back; if it had arrived, the ledger says so."""
    filing = await Filings(session).lock(id)
    filing.status = LIFE.move(filing.status, FilingAction.WITHDRAW)
    filing.version += 1
    if filing.arrival_number is not None:
        record(session, filing, EntryKind.WITHDRAWAL, by=by, subject=filing.payload.get("name"))
    return filing


def is_filer(filing: Filing, caller: Caller) -> bool:
    """Whether the filing is the caller's own, or their organisation's."""
    return caller.sub == filing.created_by or caller.organisation_id == filing.organisation_id


def in_view(filing: Filing, caller: Caller) -> Filing:
    """The filing, for its filers, and once submitted for the agents of its territory; else 404."""
    is_at_work = caller.has(*AGENT_SCOPES) and caller.covers(filing.path)
    if is_filer(filing, caller) or (is_at_work and filing.submitted_at is not None):
        return filing
    raise NotFound()
