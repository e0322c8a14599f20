"""What somebody wishes to file: who may, about what, in whose name, and what it takes up again."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chassis.auth import Caller
from chassis.bodies import check
from chassis.db import AsyncSession
from chassis.errors import Finding, InsufficientScope, NotFound, ValidationFailed
from services.registry.code_lists.models import Division
from services.registry.cooperatives.models import Cooperative
from services.registry.cooperatives.repository import Cooperatives
from services.registry.cooperatives.service import refuse_if_closed
from services.registry.filings.repository import Filings
from services.registry.filings.schemas import FilingWrite
from services.registry.filings.states import FilingStatus
from services.registry.formalities import FORMALITIES
from services.registry.formality import Formality
from services.registry.initiatives.repository import Initiatives
from services.registry.law.service import seat
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
        draft = Draft(formality, declared, owner, commune.path if commune else [])
        await _refuse_false_former(session, wish, draft, by)
        return draft
    about = await subject_of(session, wish, by, scope=formality.scope)
    refuse_if_closed(about.life, wish.type)
    is_own = formality.scope == FILE
    owner = about.organisation_id if is_own else by.organisation_id
    if wish.organisation_id not in (None, owner):
        raise _refused("ORGANISATION_MISMATCH", "/organisation_id")
    draft = Draft(formality, declared, owner, about.path, about)
    await _refuse_false_former(session, wish, draft, by)
    return draft


async def _refuse_false_former(
    session: AsyncSession, wish: FilingWrite, draft: Draft, by: Caller
) -> None:
    """What a filing takes up again is a rejected one of the same organisation, type and
    cooperative. A rejection is final, so that nothing needs to be held."""
    if wish.former_filing_id is None:
        return
    try:
        former = await Filings(session).one_filed_by(wish.former_filing_id, by)
    except NotFound as absent:
        raise _refused("FORMER_FILING_UNKNOWN", "/former_filing_id") from absent
    if former.organisation_id != draft.organisation_id:
        raise _refused("FORMER_FILING_UNKNOWN", "/former_filing_id")
    if (former.type, former.cooperative_id) != (wish.type, wish.cooperative_id):
        raise _refused("FORMER_FILING_DIFFERS", "/former_filing_id")
    if former.status != FilingStatus.REJECTED:
        raise _refused("FORMER_FILING_NOT_REJECTED", "/former_filing_id")


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
