"""A filing is decided: by somebody else than who filed or reviewed it, once."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession, hold
from chassis.errors import ValidationFailed
from chassis.holds import hold_settled
from chassis.ids import new_id
from chassis.jose import Signer
from chassis.vault import Vault
from chassis.versions import expect
from services.registry.code_lists.repository import Codes, Divisions
from services.registry.cooperatives.models import Certificate, Cooperative
from services.registry.cooperatives.repository import Cooperatives
from services.registry.cooperatives.service import Entered, change, register
from services.registry.decisions.models import Decision
from services.registry.decisions.rules import REASONS, faults
from services.registry.decisions.schemas import DecisionOutcome, DecisionWrite
from services.registry.desk import records as desk
from services.registry.desk.acts import follow
from services.registry.events import FilingRejected, outbox
from services.registry.fields import FilingType
from services.registry.filings.dossiers import declared, examined
from services.registry.filings.errors import FourEyes
from services.registry.filings.models import Filing
from services.registry.filings.records import record
from services.registry.filings.repository import Filings
from services.registry.filings.states import LIFE, FilingAction
from services.registry.formalities import FORMALITIES
from services.registry.initiatives.repository import Initiatives
from services.registry.law.repository import law_on
from services.registry.law.service import known_seat, seat
from services.registry.ledger.models import EntryKind
from services.registry.proofs.service import CERTIFIED, issue
from services.registry.registrations.schemas import CompleteRegistration
from services.registry.reviews.repository import Reviews


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
    await desk.refuse_held(session, id, by=by)
    if by.sub in {*filing.filers, *await Reviews(session).reviewers(id)}:
        raise FourEyes()
    await _check(session, said)
    decision = _decision(session, id, said, by=by)
    decision.appeal_days = None if is_approval else await _appeal_days(session)
    outcome = Outcome(filing, decision)
    if is_approval:
        await _approve(session, outcome, cooperative_id, by=by, using=using)
    else:
        outbox.publish(session, id, _rejected(filing, decision))
    filing.status = status
    if outcome.cooperative is not None:
        filing.cooperative_id = outcome.cooperative.id
    filing.version += 1
    await session.flush()
    kind = EntryKind.APPROVAL if is_approval else EntryKind.REJECTION
    await record(session, filing, kind, on=clock.today())
    await desk.ended(session, filing, by=by)
    return outcome


async def _begin(session: AsyncSession, id: UUID) -> tuple[Filing, UUID]:
    # What else to hold is read from the filing, so the filing comes first: also in `submit`.
    await _hold_followers(session, await Filings(session).get(id))
    filing = await Filings(session).alone(id)
    cooperative_id = filing.cooperative_id or new_id()
    await hold(session, f"cooperative/{cooperative_id}")
    await hold(
        session,
        f"authority/{filing.authority_code}",
        *([f"region/{filing.path[-2]}"] if len(filing.path) > 1 else []),
        *([f"initiative/{filing.initiative_id}"] if filing.initiative_id else []),
    )
    return filing, cooperative_id


async def _hold_followers(session: AsyncSession, filing: Filing) -> None:
    """Hold the files that go where this one takes the record: before the record, as whoever
    submits or decides one of them does, and all of them in one order. Who drafts another one
    holds the record, so that there is none that we do not hold."""
    if not FORMALITIES[FilingType(filing.type)].moves or filing.cooperative_id is None:
        return
    about, own = filing.cooperative_id, filing.id

    async def followers() -> set[str]:
        return {f"filing/{one}" for one in {own, *await Filings(session).open_about(about)}}

    await hold_settled(session, followers, f"cooperative/{about}")


def _decision(session: AsyncSession, id: UUID, said: DecisionWrite, *, by: Caller) -> Decision:
    made = Decision(
        id=new_id(),
        filing_id=id,
        outcome=said.outcome,
        reason_code=said.reason_code,
        reason=said.reason,
        law_ref=said.law_ref,
        by_sub=by.sub,
        at=clock.now(),
    )
    session.add(made)
    return made


def _rejected(filing: Filing, decision: Decision) -> FilingRejected:
    return FilingRejected(
        filing_id=filing.id,
        organisation_id=filing.organisation_id,
        cooperative_id=filing.cooperative_id,
        formality=filing.type,
        arrival_number=filing.arrival_number or "",
        decision_id=decision.id,
        reason_code=decision.reason_code or "",
        law_ref=decision.law_ref,
    )


async def _check(session: AsyncSession, said: DecisionWrite) -> None:
    entry = await Codes(session).entry(REASONS, said.reason_code or "")
    found = list(faults(said, entry.parent_code if entry else None, is_known=entry is not None))
    if found:
        raise ValidationFailed(findings=found)


async def _appeal_days(session: AsyncSession) -> int | None:
    norm = (await law_on(session, clock.today(), None)).norm("APPEAL_PERIOD")
    return norm.numbers[0] if norm is not None and norm.value else None


async def _approve(
    session: AsyncSession,
    outcome: Outcome,
    cooperative_id: UUID,
    *,
    by: Caller,
    using: Instruments,
) -> None:
    filing = outcome.filing
    declaration = await declared(session, filing, using.vault)
    # register and law may have moved since
    await examined(session, filing, declaration, using.vault)
    if FORMALITIES[FilingType(filing.type)].begins:
        entered = await _begin_record(session, filing, declaration, cooperative_id, using=using)
    else:
        about = await Cooperatives(session).alone(cooperative_id)
        left = about.authority_code
        entered = await _change_record(session, filing, declaration, about, using=using)
        if FORMALITIES[FilingType(filing.type)].moves:
            await follow(session, by, about, left=left, approved=filing)
    outcome.cooperative = entered.cooperative
    await session.flush()
    outcome.certificate = await _certificate(session, filing, entered, using)
    outbox.publish(session, cooperative_id, entered.event)


async def _begin_record(
    session: AsyncSession, filing: Filing, declaration: Any, id: UUID, *, using: Instruments
) -> Entered:
    payload = declaration.model_dump(mode="json", exclude_unset=True)
    complete = check(CompleteRegistration, payload, ("payload",))
    commune = await known_seat(session, declaration)
    entered = await register(session, filing, complete, id=id, commune=commune, vault=using.vault)
    await _tell_initiative(session, filing, id)
    return entered


async def _change_record(
    session: AsyncSession,
    filing: Filing,
    declaration: Any,
    cooperative: Cooperative,
    *,
    using: Instruments,
) -> Entered:
    commune = await seat(session, declaration)
    return await change(
        session, filing, declaration, cooperative, commune=commune, vault=using.vault
    )


async def _certificate(
    session: AsyncSession, filing: Filing, entered: Entered, using: Instruments
) -> Certificate | None:
    # a new one where the facts that it certifies are new: the one before is superseded
    said = entered.effect_fields
    if not said & CERTIFIED:
        return None
    seat_code = entered.cooperative.commune_code
    if seat_code is None:  # nothing is certified of a record whose seat nobody stated
        return None
    commune = await Divisions(session).commune(seat_code)
    name = commune.name if commune else seat_code
    made = issue(entered.cooperative, name, using.signer, using.public_base, filing_id=filing.id)
    session.add(made)
    return made


async def _tell_initiative(session: AsyncSession, filing: Filing, cooperative_id: UUID) -> None:
    if filing.initiative_id is not None:
        initiative = await Initiatives(session).lock(filing.initiative_id)
        initiative.cooperative_id = cooperative_id
        initiative.version += 1
