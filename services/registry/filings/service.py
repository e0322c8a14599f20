"""What happens to a filing: drafted, changed, submitted, taken back. Reads like minutes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession, hold
from chassis.errors import Finding, InsufficientScope, NotFound, ValidationFailed
from chassis.ids import new_id
from chassis.patches import merged, refuse_surplus
from chassis.vault import Vault
from chassis.versions import demand, expect
from services.registry.code_lists.models import Division
from services.registry.cooperatives.models import Cooperative
from services.registry.cooperatives.repository import Cooperatives
from services.registry.cooperatives.service import blinds_of, refuse_if_closed
from services.registry.desk import records as desk
from services.registry.fields import FilingType
from services.registry.filings import dossiers, records
from services.registry.filings.models import Filing
from services.registry.filings.repository import Filings
from services.registry.filings.schemas import FilingPatch, FilingWrite, WithdrawalWrite
from services.registry.filings.states import LIFE, FilingAction, FilingStatus
from services.registry.formalities import FORMALITIES
from services.registry.formality import Formality
from services.registry.initiatives.repository import Initiatives
from services.registry.law.service import Subject, examine, seat
from services.registry.ledger.models import EntryKind
from services.registry.persons import service as persons
from services.registry.remarks import service as remarks
from services.registry.remarks.schemas import AnswerWrite
from services.registry.scopes import FILE


@dataclass(frozen=True)
class Draft:
    """A wish that was read: what it declares, whose it is, and what it is about."""

    formality: Formality
    declared: Any
    organisation_id: str
    path: list[str]
    cooperative: Cooperative | None = None


async def read_wish(session: AsyncSession, wish: FilingWrite, by: Caller) -> Draft:
    """Who may file what, about what: refused before anything is looked at more closely."""
    formality = FORMALITIES[wish.type]
    if not by.has(formality.scope):
        raise InsufficientScope(required_scopes=formality.scope)
    declared = check(formality.payload, wish.payload, ("payload",))
    if formality.begins:
        owner = await owner_of(session, wish, by)
        commune = await place_of(session, declared, by)
        return Draft(formality, declared, owner, commune.path if commune else [])
    about = await subject_of(session, wish, by, scope=formality.scope)
    refuse_if_closed(about.life, wish.type)
    is_own = formality.scope == FILE
    owner = about.organisation_id if is_own else by.organisation_id
    if wish.organisation_id not in (None, owner):
        raise _refused("ORGANISATION_MISMATCH", "/organisation_id")
    return Draft(formality, declared, owner, about.path, about)


async def subject_of(
    session: AsyncSession, wish: FilingWrite, by: Caller, *, scope: str
) -> Cooperative:
    """The cooperative that a filing is about; one that is not the caller's looks like none."""
    if wish.initiative_id is not None:
        raise _refused("INITIATIVE_NOT_EXPECTED", "/initiative_id")
    if wish.cooperative_id is None:
        raise _refused("COOPERATIVE_REQUIRED", "/cooperative_id")
    try:
        return await Cooperatives(session).one_to_file_about(wish.cooperative_id, by, scope)
    except NotFound as absent:
        raise _refused("COOPERATIVE_UNKNOWN", "/cooperative_id") from absent


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


async def place_of(session: AsyncSession, declared: Any, by: Caller) -> Division | None:
    """The commune of the seat, if it is one; refused outside the territory of who has one."""
    commune = await seat(session, declared)
    if commune is not None and not by.acts_in(commune.path):
        raise _refused("COMMUNE_OUTSIDE_TERRITORY", "/payload/seat/commune_code")
    return commune


def _refused(code: str, pointer: str) -> ValidationFailed:
    return ValidationFailed(findings=[Finding(code=code, pointer=pointer)])


async def draft(session: AsyncSession, wish: FilingWrite, *, by: Caller, vault: Vault) -> Filing:
    """A filing begins; it may be partial."""
    read = await read_wish(session, wish, by)
    id = new_id()
    payload = read.declared.model_dump(mode="json", exclude_unset=True)
    filing = Filing(
        id=id,
        type=wish.type,
        organisation_id=read.organisation_id,
        initiative_id=wish.initiative_id,
        cooperative_id=wish.cooperative_id,
        effective_on=wish.effective_on,
        payload=await persons.seal(session, payload, id, vault),
        path=read.path,
        created_by=by.sub,
        filers=[by.sub],
        created_at=clock.now(),
    )
    return Filings(session).add(filing)


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
    if filing.arrival_number is None:
        await records.arrive(session, filing, declaration, status=status)
    filing.status = status
    _touch(filing, by)
    await desk.submitted(session, filing, by=by)
    return filing, warnings


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
        await records.record(session, filing, EntryKind.WITHDRAWAL, on=clock.today())
        await desk.ended(session, filing, by=by)
    return filing


def refuse_other_hands(filing: Filing, caller: Caller) -> None:
    """Who may not begin a filing of that type does not go on with one either."""
    scope = FORMALITIES[FilingType(filing.type)].scope
    if not caller.has(scope):
        raise InsufficientScope(required_scopes=scope)
