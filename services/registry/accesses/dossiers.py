"""What of a person is shown to whom: masked by scope, whole for agents who say why."""

from collections.abc import Sequence
from typing import Any

from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.vault import Vault
from services.registry.accesses.models import Capacity, Operation
from services.registry.accesses.service import Reading, note
from services.registry.cooperatives.models import Cooperative
from services.registry.cooperatives.schemas import Masked, MemberRead
from services.registry.filings.dossiers import is_filer
from services.registry.filings.models import Filing
from services.registry.history.repository import Held
from services.registry.persons import service as persons
from services.registry.persons.schemas import Revealed
from services.registry.purposes import PurposeOfUse
from services.registry.scopes import AGENT_SCOPES, PROTECT

_SHOWN_OF_MEMBER = {
    "id", "family_name", "given_names", "sex", "birth_year",
}  # fmt: skip
_NAMES = ["family_name", "given_names", "birth_year"]
_OFFICIALS = (Capacity.AGENT, Capacity.DATA_PROTECTION)


def capacity_for(caller: Caller, organisation_id: str, path: Sequence[str]) -> Capacity:
    """As what somebody sees the persons of a cooperative at `path`."""
    if caller.covers(path):
        if caller.has(*AGENT_SCOPES):
            return Capacity.AGENT
        if caller.has(PROTECT):
            return Capacity.DATA_PROTECTION
    is_own = caller.organisation_id == organisation_id
    return Capacity.COOPERATIVE if is_own else Capacity.CLIENT


async def filing_for(
    session: AsyncSession,
    filing: Filing,
    caller: Caller,
    *,
    purpose: PurposeOfUse | None,
    vault: Vault,
    is_echo: bool = False,
) -> dict[str, Any]:
    """The payload of a filing as this caller may see it. The answer to a change of it (`is_echo`)
    shows no number to anybody."""
    capacity = Capacity.FILER
    if not is_filer(filing, caller):
        found = capacity_for(caller, filing.organisation_id, filing.path)
        capacity = Capacity.AGENT if found == Capacity.AGENT else Capacity.CLIENT
    is_whole = not is_echo and sees_whole(capacity, purpose)
    reading = Reading(
        operation=Operation.FILING,
        capacity=capacity,
        subjects=persons.subjects_of(filing.payload),
        fields=persons.fields_of(filing.payload),
        is_whole=is_whole,
        purpose=purpose,
        filing_id=filing.id,
        cooperative_id=filing.cooperative_id,
    )
    note(session, caller, reading)
    opened = await persons.show(session, filing.payload, filing.id, vault)
    return opened if is_whole else persons.mask(opened)


def sees_whole(capacity: Capacity, purpose: PurposeOfUse | None) -> bool:
    """Whether nothing is masked: their own to persons and filers, to officials who say why."""
    if capacity in (Capacity.FILER, Capacity.SUBJECT):
        return True
    return capacity in _OFFICIALS and purpose is not None


async def members_for(
    session: AsyncSession,
    cooperative: Cooperative,
    rows: Sequence[Held],
    caller: Caller,
    *,
    purpose: PurposeOfUse | None,
    vault: Vault,
) -> list[MemberRead]:
    """Members of one cooperative as this caller may see them; one record for all of them."""
    capacity = capacity_for(caller, cooperative.organisation_id, cooperative.path)
    return await shown(session, rows, caller, (capacity, purpose), vault=vault)


async def shown(
    session: AsyncSession,
    rows: Sequence[Held],
    caller: Caller,
    why: tuple[Capacity, PurposeOfUse | None],
    *,
    vault: Vault,
    operation: Operation = Operation.MEMBERS,
) -> list[MemberRead]:
    """Members as somebody sees them in a capacity, for a purpose; one record for those of each
    cooperative, whose data protection looks for it there."""
    capacity, purpose = why
    is_whole = sees_whole(capacity, purpose)
    sees_end = capacity != Capacity.CLIENT
    numbers = [name for name in persons.NUMBERS if is_whole or (name == "nin" and sees_end)]
    for cooperative_id in sorted({row.cooperative_id for row, *_ in rows}):
        reading = Reading(
            operation=operation,
            capacity=capacity,
            subjects=[row.id for row, *_ in rows if row.cooperative_id == cooperative_id],
            fields=[*_NAMES, *numbers],
            is_whole=is_whole,
            purpose=purpose,
            cooperative_id=cooperative_id,
        )
        note(session, caller, reading)
    opened = await persons.open_numbers(session, [row for row, *_ in rows], vault, numbers)
    return [_read(one, opened[one[0].id], is_whole=is_whole) for one in rows]


def _read(one: Held, opened: dict[str, str], *, is_whole: bool) -> MemberRead:
    row, held, left_on = one
    nin = opened.get("nin")
    return MemberRead(
        **row.model_dump(include=_SHOWN_OF_MEMBER),
        shares=held.shares,
        admitted_on=held.admitted_on,
        left_on=left_on,
        nin=Masked() if row.nin_sealed else None,
        phone=Masked() if row.phone_sealed else None,
        nin_last3=nin[-3:] if nin else None,
        revealed=Revealed(**opened) if is_whole else None,
    )
