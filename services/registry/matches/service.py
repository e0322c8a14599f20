"""Is a person of this filing a member elsewhere? For agents alone, and never whose the other record
is, when it lies outside of their territory."""

from collections.abc import Mapping
from typing import Any

from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.vault import Vault
from services.registry.accesses.models import Capacity, Operation
from services.registry.accesses.service import Reading, note
from services.registry.filings.models import Filing
from services.registry.matches.repository import elsewhere
from services.registry.matches.schemas import Elsewhere, PersonMatch
from services.registry.persons import service as persons
from services.registry.persons.rules import digits
from services.registry.purposes import PurposeOfUse


async def matches(
    session: AsyncSession,
    filing: Filing,
    *,
    by: Caller,
    purpose: PurposeOfUse | None,
    vault: Vault,
) -> list[PersonMatch]:
    """Every sign, in the order of the filing; that numbers were compared is recorded for
    everyone who bears one, also where the other record is not named."""
    payload = await persons.show(session, filing.payload, filing.id, vault)
    numbered = {at: one for at, one in persons.located(payload) if isinstance(one.get("nin"), str)}
    by_blind = {
        blind: at for at, one in numbered.items() for blind in vault.blinds(digits(one["nin"]))
    }
    rows = await elsewhere(
        session, list(by_blind), own=filing.cooperative_id, territories=by.territories
    )
    reading = Reading(
        operation=Operation.PERSON_MATCHES,
        capacity=Capacity.AGENT,
        subjects=[*persons.subjects_of(filing.payload), *(row.member for row in rows)],
        fields=["nin"],
        is_whole=False,
        purpose=purpose,
        filing_id=filing.id,
        cooperative_id=filing.cooperative_id,
    )
    note(session, by, reading)
    presidents = _presidents(payload)
    found = [(by_blind[row.blind], row) for row in rows]
    return [_match(at, row, numbered[at].get("id") in presidents) for at, row in sorted_by(found)]


def sorted_by(found: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """In the order of the pointers, numbers as numbers."""
    return sorted(found, key=lambda one: [part.zfill(6) for part in one[0].split("/")])


def _presidents(payload: Mapping[str, Any]) -> set[str]:
    officers = payload.get("officers") or []
    return {one["member_id"] for one in officers if one.get("function") == "PRESIDENT"}


def _match(at: str, row: Any, is_president: bool) -> PersonMatch:
    other = Elsewhere(id=row.id, registration_number=row.registration_number, name=row.name)
    return PersonMatch(
        pointer=f"/payload{at}",
        code="MULTI_PRESIDENT" if is_president and row.is_president else "MEMBER_ELSEWHERE",
        cooperative=other if row.is_near else None,
    )
