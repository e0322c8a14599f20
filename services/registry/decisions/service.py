"""A filing is decided: by somebody else than who filed or reviewed it, once."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import hold
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from chassis.jose import Signer
from chassis.vault import Vault
from chassis.versions import expect
from services.registry.code_lists.repository import Divisions
from services.registry.cooperatives.models import Certificate, Cooperative
from services.registry.cooperatives.service import register
from services.registry.events import outbox
from services.registry.filings.errors import FourEyes
from services.registry.filings.models import Decision, Filing
from services.registry.filings.repository import Filings
from services.registry.filings.schemas import (
    CompleteRegistration,
    DecisionOutcome,
    DecisionWrite,
)
from services.registry.filings.service import declared, record
from services.registry.filings.states import LIFE, FilingAction
from services.registry.initiatives.repository import Initiatives
from services.registry.law.service import examine
from services.registry.ledger.models import EntryKind
from services.registry.persons import service as persons
from services.registry.proofs.service import issue


@dataclass
class Outcome:
    """A decision and what it brought into being."""

    filing: Filing
    decision: Decision
    cooperative: Cooperative | None = None
    certificate: Certificate | None = None


@dataclass(frozen=True)
class Instruments:
    """What an approval needs to open, sign and address."""

    vault: Vault
    signer: Signer
    public_base: str


async def decide(
    session: AsyncSession,
    id: UUID,
    said: DecisionWrite,
    *,
    version: int,
    by: Caller,
    using: Instruments,
) -> Outcome:
    """Approve, and the cooperative exists; or reject, with the reason. Nobody decides alone."""
    filing, cooperative_id = await _begin(session, id)
    expect(version, filing.version)
    is_approval = said.outcome == DecisionOutcome.APPROVED
    status = LIFE.move(filing.status, FilingAction.APPROVE if is_approval else FilingAction.REJECT)
    if by.sub in await Filings(session).reviewers(id) | {filing.created_by}:
        raise FourEyes()
    if not is_approval and not said.reason:
        raise ValidationFailed(findings=[Finding(code="REASON_REQUIRED", pointer="/reason")])
    outcome = Outcome(filing, _decision(session, id, said, by=by))
    if is_approval:
        await _approve(session, outcome, cooperative_id, using=using)
    filing.status = status
    filing.cooperative_id = outcome.cooperative.id if outcome.cooperative else None
    filing.version += 1
    await session.flush()
    kind = EntryKind.APPROVAL if is_approval else EntryKind.REJECTION
    record(session, filing, kind, by=by, subject=filing.payload.get("name"))
    return outcome


async def _begin(session: AsyncSession, id: UUID) -> tuple[Filing, UUID]:
    filing = await Filings(session).get(id)
    cooperative_id = new_id()
    region = filing.path[-2] if filing.path else "-"
    await hold(
        session,
        f"filing/{id}",
        f"cooperative/{cooperative_id}",
        f"authority/{filing.authority_code}",
        f"region/{region}",
        *([f"initiative/{filing.initiative_id}"] if filing.initiative_id else []),
    )
    return await Filings(session).lock(id), cooperative_id


def _decision(session: AsyncSession, id: UUID, said: DecisionWrite, *, by: Caller) -> Decision:
    made = Decision(
        id=new_id(),
        filing_id=id,
        outcome=said.outcome,
        reason_code=said.reason_code,
        reason=said.reason,
        by_sub=by.sub,
        at=clock.now(),
    )
    session.add(made)
    return made


async def _approve(
    session: AsyncSession, outcome: Outcome, cooperative_id: UUID, *, using: Instruments
) -> None:
    filing = outcome.filing
    found = await examine(session, declared(filing, using.vault))
    if any(finding.severity == "BLOCK" for finding in found):
        raise ValidationFailed(findings=found)  # the register may have moved since the submission
    payload = persons.reveal(filing.payload, filing.id, using.vault)
    complete = check(CompleteRegistration, payload, ("payload",))
    commune = await Divisions(session).commune(complete.seat.commune_code)
    if commune is None:
        raise ValidationFailed(findings=found)
    cooperative, event = await register(
        session, filing, complete, id=cooperative_id, commune=commune, vault=using.vault
    )
    outcome.cooperative = cooperative
    outcome.certificate = issue(cooperative, commune.name, using.signer, using.public_base)
    session.add(outcome.certificate)
    await _tell_initiative(session, filing, cooperative.id)
    outbox.publish(session, cooperative.id, event)


async def _tell_initiative(session: AsyncSession, filing: Filing, cooperative_id: UUID) -> None:
    if filing.initiative_id is not None:
        initiative = await Initiatives(session).get(filing.initiative_id)
        initiative.cooperative_id = cooperative_id
        initiative.version += 1
