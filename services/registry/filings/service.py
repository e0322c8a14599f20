"""What happens to a filing: drafted, changed, submitted, taken back. Reads like minutes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, InsufficientScope
from chassis.ids import new_id
from chassis.patches import merged, refuse_surplus
from chassis.vault import Vault
from chassis.versions import demand, expect
from services.registry.cooperatives.repository import Cooperatives
from services.registry.cooperatives.service import blinds_of
from services.registry.desk import records as desk
from services.registry.fields import FilingType
from services.registry.filings import dossiers, records
from services.registry.filings.judging import place_of, read_wish
from services.registry.filings.models import Filing
from services.registry.filings.repository import Filings
from services.registry.filings.schemas import FilingPatch, FilingWrite, WithdrawalWrite
from services.registry.filings.states import LIFE, FilingAction, FilingStatus
from services.registry.formalities import FORMALITIES
from services.registry.law.service import Subject, examine
from services.registry.ledger.models import EntryKind
from services.registry.persons import service as persons
from services.registry.persons.repository import PersonKeys
from services.registry.remarks import service as remarks
from services.registry.remarks.schemas import AnswerWrite
from services.registry.scopes import FILE


async def draft(session: AsyncSession, wish: FilingWrite, *, by: Caller, vault: Vault) -> Filing:
    """A filing begins; it may be partial."""
    if wish.cooperative_id is not None:  # which may be moving, and takes along what is about it
        await hold(session, f"cooperative/{wish.cooperative_id}")
    read = await read_wish(session, wish, by)
    id = new_id()
    payload = read.declared.model_dump(mode="json", exclude_unset=True)
    filing = Filing(
        id=id,
        type=wish.type,
        organisation_id=read.organisation_id,
        initiative_id=wish.initiative_id,
        cooperative_id=wish.cooperative_id,
        former_filing_id=wish.former_filing_id,
        effective_on=wish.effective_on,
        payload=await persons.seal_first(session, payload, id, vault),
        path=read.path,
        created_by=by.sub,
        filers=[by.sub],
        created_at=clock.now(),
    )
    await Filings(session).write(filing)
    return filing


async def check_wish(
    session: AsyncSession, wish: FilingWrite, *, by: Caller, vault: Vault
) -> list[Finding]:
    """Every finding about a wish; nothing is stored."""
    read = await read_wish(session, wish, by)
    subject = Subject(
        wish.type,
        wish.effective_on,
        wish.initiative_id,
        cooperative=read.cooperative,
        blinds=blinds_of(wish.type, read.declared, vault),
    )
    return await examine(session, read.declared, subject)


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
    formality = FORMALITIES[FilingType(filing.type)]
    wish = check(FilingPatch, merged(now, patch))
    refuse_surplus(formality.payload, patch.get("payload"), "payload")
    said = check(formality.payload, wish.payload, ("payload",))
    demand(version, filing.version)
    is_back = filing.status == FilingStatus.CHANGES_REQUESTED
    filing.status = LIFE.move(filing.status, FilingAction.CORRECT if is_back else FilingAction.EDIT)
    commune = await place_of(session, said, by) if formality.begins else None
    filing.effective_on = wish.effective_on
    payload = said.model_dump(mode="json", exclude_unset=True)
    filing.payload = await persons.seal(session, payload, id, vault)
    # the authority stays the one that numbered the arrival
    if filing.submitted_at is None and formality.begins:
        filing.path = commune.path if commune else []
    _touch(filing, by)
    return filing


def _touch(filing: Filing, by: Caller) -> None:
    filing.filers = sorted({*filing.filers, by.sub})
    filing.version += 1


async def check_only(
    session: AsyncSession,
    filing: Filing,
    vault: Vault,
    *,
    by: Caller,
    answers: Sequence[AnswerWrite] = (),
) -> list[Finding]:
    """What a submission would find now; a state that allows none is refused as the act would be."""
    LIFE.move(filing.status, FilingAction.SUBMIT)
    declaration = await dossiers.declared(session, filing, vault)
    await _stays_in_place(session, filing, declaration, by)
    unanswered = await remarks.open_points(session, filing, answers, vault)
    return [*await dossiers.examine_filing(session, filing, declaration, vault), *unanswered]


async def _stays_in_place(
    session: AsyncSession, filing: Filing, declaration: Any, by: Caller
) -> None:
    formality = FORMALITIES[FilingType(filing.type)]
    if formality.begins:
        await place_of(session, declaration, by)
    elif formality.scope != FILE and filing.cooperative_id is not None:
        # the record may have moved out of the territory of who drafted it
        await Cooperatives(session).one_to_file_about(filing.cooperative_id, by, formality.scope)


async def submit(
    session: AsyncSession,
    id: UUID,
    *,
    version: int | None,
    by: Caller,
    vault: Vault,
    answers: Sequence[AnswerWrite] = (),
) -> tuple[Filing, list[Finding]]:
    """File it: every blocking rule holds, and it takes its place in the arrival register.

    Returns the warnings beside the filing. A file that was sent back keeps its arrival number.
    """
    filing = await Filings(session).alone(id)
    expect(version, filing.version)
    if filing.cooperative_id is not None:  # which may be moving to another authority
        await hold(session, f"cooperative/{filing.cooperative_id}")
    declaration = await dossiers.declared(session, filing, vault)
    authority = filing.authority_code or await records.authority_for(session, filing, declaration)
    await hold(session, f"authority/{authority}")
    status = LIFE.move(filing.status, FilingAction.SUBMIT)
    await _stays_in_place(session, filing, declaration, by)
    unanswered = await remarks.open_points(session, filing, answers, vault)
    warnings = await dossiers.examined(session, filing, declaration, vault, unanswered)
    await remarks.answer(session, filing, answers, vault, by=by)
    _touch(filing, by)
    if filing.arrival_number is None:
        subject = await records.arrive(session, filing, declaration, status=status)
        await desk.arrived(session, filing, subject, by=by)
    else:
        filing.status = status
        await desk.resubmitted(session, filing, by=by)
    return filing, warnings


async def withdraw(
    session: AsyncSession,
    id: UUID,
    said: WithdrawalWrite,
    *,
    version: int | None,
    by: Caller,
    vault: Vault,
) -> Filing:
    """The filer takes it back; if it had arrived, the ledger says so."""
    filing = await Filings(session).lock(id)
    expect(version, filing.version)
    filing.status = LIFE.move(filing.status, FilingAction.WITHDRAW)
    filing.withdrawal_reason = said.reason or None
    await PersonKeys(session, vault).touched(id)  # the time of its persons runs from now
    _touch(filing, by)
    if filing.arrival_number is not None:
        await records.record(session, filing, EntryKind.WITHDRAWAL, on=clock.today())
        await desk.ended(session, filing, by=by)
    return filing


def refuse_other_hands(filing: Filing, caller: Caller) -> None:
    """Who may not begin a filing of that type does not go on with one either."""
    scope = FORMALITIES[FilingType(filing.type)].scope
    if not caller.has(scope):
        raise InsufficientScope(required_scopes=scope)
