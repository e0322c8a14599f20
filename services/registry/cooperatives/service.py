"""How an approved filing enters the register: a cooperative begins, or its record changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from chassis.events import Event
from chassis.ids import new_id
from chassis.phones import normal_phone
from chassis.vault import Vault
from services.registry.acts import Case, as_registration
from services.registry.affiliations.repository import Affiliations
from services.registry.apexes.rules import affiliates_of, is_apex, vocation_of
from services.registry.code_lists.models import Division
from services.registry.cooperatives.errors import RecordClosed
from services.registry.cooperatives.models import Cooperative, Member
from services.registry.cooperatives.records import changed, present, registered
from services.registry.cooperatives.repository import Members
from services.registry.cooperatives.states import CLOSED, Life
from services.registry.fields import FilingType, MemberKind, Sex
from services.registry.filings.models import Filing
from services.registry.formalities import FORMALITIES
from services.registry.history import service as history
from services.registry.history.models import Effect
from services.registry.history.repository import effects_of, happening, holders
from services.registry.history.rules import Change, Part, State, state_on
from services.registry.law.repository import law_on
from services.registry.law.service import effective_day
from services.registry.ledger.repository import next_number
from services.registry.numbers import registration_number
from services.registry.organs.rules import organs_are_held
from services.registry.persons.repository import PersonKeys
from services.registry.persons.rules import birth_year, digits
from services.registry.registrations.schemas import MemberWrite


@dataclass(frozen=True)
class Entered:
    """What an approval brought about."""

    cooperative: Cooperative
    event: Event
    effect_fields: frozenset[str]  # which fields of the record the filing assigned


async def register(
    session: AsyncSession,
    filing: Filing,
    declared: Any,
    *,
    id: UUID,
    commune: Division,
    vault: Vault,
) -> Entered:
    """Enter an approved registration: the cooperative, its people, its first version."""
    today = clock.today()
    order = await next_number(session, f"registration/{commune.region_code}/{today.year}")
    given = {
        "registration_number": registration_number(commune.region_code, today.year, order),
        "registered_on": today.isoformat(),
    }
    day = filing.effective_on or today
    keys = PersonKeys(session, vault)
    people = people_of(filing, declared, id, keys=keys)
    case = Case(State(), _refs(people), day.isoformat(), given, place(commune))
    changes = FORMALITIES[FilingType(filing.type)].changes(declared, case)
    state = State().after(changes)
    cooperative = Cooperative(
        id=id,
        organisation_id=filing.organisation_id,
        initiative_id=filing.initiative_id,
        **present(state),
    )
    session.add(cooperative)
    await session.flush()
    session.add_all(people)
    await keys.bind(filing.id, _refs(people))
    effect = await history.enter(session, filing, id, changes, effective_on=day)
    await _draw(session, cooperative, effect)
    await _affiliate(session, id, state)
    born, are_held = await _born(session, state), await _are_organs_held(session, state, changes)
    event = registered(cooperative, state, born, are_held=are_held)
    return Entered(cooperative, event, _fields(changes))


async def change(
    session: AsyncSession,
    filing: Filing,
    declared: Any,
    cooperative: Cooperative,
    *,
    commune: Division | None,
    vault: Vault,
) -> Entered:
    """Enter any other approved filing: one effect on the record, and the record as it now is."""
    formality = FORMALITIES[FilingType(filing.type)]
    happenings = await history.happenings_of(session, cooperative.id)
    wrong = getattr(declared, "corrects_filing_id", None)
    corrected = next((one for one in happenings if one.filing_id == wrong), None)
    day = corrected.effective_on if corrected else effective_day(filing.effective_on, declared)
    case = Case(
        state_on(happenings, day),
        await _bring(session, filing, declared, cooperative.id, vault=vault),
        day.isoformat(),
        place=place(commune) if commune else {},
        wrong=corrected.changes if corrected else (),
    )
    changes = formality.changes(declared, case)
    life = formality.leads(cooperative.life)
    changes += [Change(Part.FIELD, "life", life.value)] if life != cooperative.life else []
    effect = await history.enter(
        session,
        filing,
        cooperative.id,
        changes,
        effective_on=day,
        corrects=corrected.revision if corrected else None,
    )
    state = await _renew(session, cooperative, effect)
    await Members(session).leave(cooperative.id, state.members.keys(), day)
    born = await _born(session, state)
    said = [*chain.from_iterable(one.changes for one in happenings), *changes]
    are_held = await _are_organs_held(session, state, said)
    event = changed(cooperative, state, born, effect, are_held=are_held)
    return Entered(cooperative, event, _fields(changes))


async def _bring(
    session: AsyncSession, filing: Filing, declared: Any, id: UUID, *, vault: Vault
) -> dict[str, str]:
    """Add the persons that a filing brings; the ids under which each of them is entered."""
    keys = PersonKeys(session, vault)
    people = people_of(filing, declared, id, keys=keys)
    session.add_all(people)
    await keys.bind(filing.id, _refs(people))
    return _refs(people)


async def _renew(session: AsyncSession, cooperative: Cooperative, effect: Effect) -> State:
    """The record as it now is, in every table that is drawn from it."""
    state = await _draw(session, cooperative, effect)
    for name, value in present(state).items():
        setattr(cooperative, name, value)
    cooperative.version = effect.revision
    await _affiliate(session, cooperative.id, state)
    return state


def _fields(changes: Sequence[Change]) -> frozenset[str]:
    return frozenset(change.key for change in changes if change.part == Part.FIELD)


def refuse_if_closed(life: Life, type: FilingType) -> None:
    """A record that is closed takes nothing but corrections and notes (R48)."""
    if FORMALITIES[type].life is not None and life in CLOSED:
        raise RecordClosed(life=life.value)
    FORMALITIES[type].leads(life)


async def _draw(session: AsyncSession, cooperative: Cooperative, effect: Effect) -> State:
    effects = await effects_of(session, cooperative.id)
    names = await holders(session, effects)
    return await history.draw(session, [happening(one) for one in effects], names, by=effect)


async def _affiliate(session: AsyncSession, apex_id: UUID, state: State) -> None:
    # who belongs to an apex body that lives; only unions exclude one another (R7)
    if not is_apex(state.fields["legal_form"]):
        return
    lives = state.fields["life"] not in CLOSED
    members = [UUID(one["cooperative_id"]) for one in affiliates_of(state)] if lives else []
    await Affiliations(session).redraw(apex_id, members, vocation_of(state.fields))


async def _are_organs_held(session: AsyncSession, state: State, said: Iterable[Change]) -> bool:
    # a list names no officers: of whom nobody ever named, nothing is known to be missing
    if all(one.part != Part.MANDATE for one in said):
        return True
    law = await law_on(session, clock.today(), str(state.fields["legal_form"]))
    return organs_are_held(as_registration(state), law, clock.today())


async def _born(session: AsyncSession, state: State) -> Mapping[str, int | None]:
    return await Members(session).birth_years(state.members.keys())


def place(commune: Division) -> dict[str, Any]:
    """A seat, whole: the commune, its region, its authority, and everything above."""
    return {
        "commune_code": commune.code,
        "region_code": commune.region_code,
        "authority_code": commune.authority_code,
        "path": commune.path,
    }


def people_of(
    filing: Filing, declared: Any, cooperative_id: UUID, *, keys: PersonKeys
) -> list[Member]:
    """The persons that a filing brings, sealed, each under an id of its own."""
    brought = FORMALITIES[FilingType(filing.type)].people(declared)
    return [_member(one, cooperative_id, keys) for one in brought]


def _refs(people: Sequence[Member]) -> dict[str, str]:
    return {person.client_ref: str(person.id) for person in people}


def _member(m: MemberWrite, cooperative_id: UUID, keys: PersonKeys) -> Member:
    id = new_id()
    key = keys.for_member(id)
    phone = normal_phone(m.phone) if m.phone else None
    nin = digits(m.nin) if m.nin else None
    born = m.birth_date.isoformat() if m.birth_date else None
    return Member(
        id=id,
        cooperative_id=cooperative_id,
        client_ref=m.id,
        kind=m.kind or MemberKind.NATURAL,
        family_name=m.family_name or "",
        given_names=m.given_names or "",
        sex=m.sex or Sex.NOT_STATED,
        birth_year=birth_year(m),
        birth_date_sealed=key.seal(born, f"member/{id}/birth_date") if born else None,
        nin_sealed=key.seal(nin, f"member/{id}/nin") if nin else None,
        nin_blind=keys.vault.blind(nin) if nin else None,
        phone_sealed=key.seal(phone, f"member/{id}/phone") if phone else None,
    )


def blinds_of(type: FilingType, declared: Any, vault: Vault) -> tuple[tuple[str, ...], ...]:
    """The keyed hashes (one for each index key in use) of the number of each person that a filing
    brings; none where no number is stated."""
    people = FORMALITIES[type].people(declared)
    return tuple(vault.blinds(digits(one.nin)) if one.nin else () for one in people)
