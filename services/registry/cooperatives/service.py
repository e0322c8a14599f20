"""How a cooperative comes into the register."""

from typing import Any
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from chassis.ids import new_id
from chassis.phones import normal_phone
from chassis.vault import Vault
from services.registry.code_lists.models import Division
from services.registry.cooperatives.models import Cooperative, Member, Officer
from services.registry.cooperatives.repository import first_version
from services.registry.events import CooperativeRegistered
from services.registry.filings.models import Filing
from services.registry.filings.schemas import (
    CompleteMember,
    CompleteOfficer,
    CompleteRegistration,
    Organ,
    Sex,
)
from services.registry.ledger.repository import next_number
from services.registry.names import name_key
from services.registry.numbers import registration_number
from services.registry.organs.rules import persons_in, presidents_of
from services.registry.persons.repository import PersonKeys
from services.registry.persons.rules import birth_year, digits


async def register(
    session: AsyncSession,
    filing: Filing,
    declared: CompleteRegistration,
    *,
    id: UUID,
    commune: Division,
    vault: Vault,
) -> tuple[Cooperative, CooperativeRegistered]:
    """Enter an approved registration: the cooperative, its people, its first version."""
    cooperative = await _enter(session, filing, declared, id=id, commune=commune)
    keys = PersonKeys(session, vault)
    members = {m.id: _member(cooperative, m, keys) for m in declared.members}
    officers = [_officer(cooperative, members[o.member_id], o, filing) for o in declared.officers]
    session.add(cooperative)
    await session.flush()
    session.add_all(members.values())
    await keys.bind(filing.id, cooperative.id)
    session.add_all(officers)
    people = [_public_officer(o, members[r.member_id]) for o, r in _pairs(officers, declared)]
    valid_from = filing.effective_on or cooperative.registered_on
    public = public_view(cooperative, people)
    session.add(first_version(cooperative, filing.id, public, valid_from=valid_from))
    return cooperative, _registered(cooperative, declared, commune)


def _pairs(
    officers: list[Officer], declared: CompleteRegistration
) -> list[tuple[Officer, CompleteOfficer]]:
    return list(zip(officers, declared.officers, strict=True))


async def _enter(
    session: AsyncSession,
    filing: Filing,
    declared: CompleteRegistration,
    *,
    id: UUID,
    commune: Division,
) -> Cooperative:
    region, today = commune.region_code, clock.today()
    order = await next_number(session, f"registration/{region}/{today.year}")
    sexes = [member.sex for member in declared.members]
    return Cooperative(
        id=id,
        registration_number=registration_number(region, today.year, order),
        organisation_id=filing.organisation_id,
        initiative_id=filing.initiative_id,
        name=declared.name,
        name_key=name_key(declared.name),
        legal_form=declared.legal_form,
        commune_code=commune.code,
        path=commune.path,
        authority_code=commune.authority_code,
        object=declared.object,
        common_bond=declared.common_bond,
        sector_codes=declared.sector_codes,
        cps_tags=declared.cps_tags or [],
        share_value_xof=declared.share_value_xof,
        capital_xof=declared.capital_xof,
        members_count=len(sexes),
        women_count=sexes.count(Sex.F),
        men_count=sexes.count(Sex.M),
        registered_on=today,
    )


def _member(cooperative: Cooperative, m: CompleteMember, keys: PersonKeys) -> Member:
    id = new_id()
    key = keys.for_member(id)
    phone = normal_phone(m.phone) if m.phone else None
    nin = digits(m.nin) if m.nin else None
    born = m.birth_date.isoformat() if m.birth_date else None
    return Member(
        id=id,
        cooperative_id=cooperative.id,
        client_ref=m.id,
        family_name=m.family_name,
        given_names=m.given_names,
        sex=m.sex,
        birth_year=birth_year(m),
        birth_date_sealed=key.seal(born, f"member/{id}/birth_date") if born else None,
        nin_sealed=key.seal(nin, f"member/{id}/nin") if nin else None,
        nin_blind=keys.vault.blind(nin) if nin else None,
        phone_sealed=key.seal(phone, f"member/{id}/phone") if phone else None,
        shares=m.shares or 0,
        admitted_on=cooperative.registered_on,
    )


def _officer(
    cooperative: Cooperative, member: Member, o: CompleteOfficer, filing: Filing
) -> Officer:
    return Officer(
        id=new_id(),
        cooperative_id=cooperative.id,
        member_id=member.id,
        organ=o.organ,
        function=o.function,
        from_on=o.from_on,
        to_on=o.to_on,
        filing_id=filing.id,
    )


def _public_officer(officer: Officer, member: Member) -> dict[str, Any]:
    # names and functions are public (AUSCOOP art. 70); nothing else about a person is
    return {
        "family_name": member.family_name,
        "given_names": member.given_names,
        "organ": officer.organ.value,
        "function": officer.function,
        "from_on": officer.from_on.isoformat(),
        "to_on": officer.to_on.isoformat() if officer.to_on else None,
    }


def public_view(c: Cooperative, officers: list[dict[str, Any]]) -> dict[str, Any]:
    """What anyone may read about a cooperative."""
    fields = (
        "registration_number", "name", "legal_form", "life", "legal_registration", "cps_status",
        "ess_status", "commune_code", "object", "common_bond", "sector_codes", "cps_tags",
        "share_value_xof", "capital_xof", "members_count", "women_count", "men_count",
    )  # fmt: skip
    return {
        "id": str(c.id),
        **{name: getattr(c, name) for name in fields},
        "sex_not_stated_count": c.members_count - c.women_count - c.men_count,
        "region_code": c.path[-2],
        "authority_code": c.authority_code,
        "registered_on": c.registered_on.isoformat(),
        "officers": officers,
    }


def _registered(
    c: Cooperative, r: CompleteRegistration, commune: Division
) -> CooperativeRegistered:
    years = [birth_year(m) for m in r.members]
    known = [clock.today().year - year for year in years if year is not None]
    presidents = presidents_of(r)
    sexes = {m.sex for m in r.members if m.id in presidents}
    is_stated = len(sexes) == 1 and Sex.NOT_STATED not in sexes
    return CooperativeRegistered(
        cooperative_id=c.id,
        registration_number=c.registration_number,
        organisation_id=c.organisation_id,
        initiative_id=c.initiative_id,
        name=c.name,
        legal_form=c.legal_form.value,
        commune_code=c.commune_code,
        department_code=commune.authority_code,
        region_code=commune.region_code,
        sector_codes=c.sector_codes,
        cps_tags=c.cps_tags,
        members_count=c.members_count,
        women_count=c.women_count,
        men_count=c.men_count,
        sex_not_stated_count=c.members_count - c.women_count - c.men_count,
        youth_count=sum(15 <= age <= 35 for age in known),
        age_not_stated_count=len(years) - len(known),
        has_woman_president=Sex.F in sexes if is_stated else None,
        organs_complete=_are_organs_complete(r),
        registered_on=c.registered_on,
        status=c.life.value,
    )


def _are_organs_complete(r: CompleteRegistration) -> bool:
    managers, supervisors = persons_in(r, Organ.MANAGING), persons_in(r, Organ.SUPERVISORY)
    # with too few members left for three supervisors, the missing commission is lawful (R14)
    return bool(supervisors) or len(r.members) - len(managers) < 3
