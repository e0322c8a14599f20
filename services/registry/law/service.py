"""A declaration, held against the law and against what the register knows."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from services.registry.affiliations.repository import Affiliations
from services.registry.apexes.rules import affiliates_of, vocation_of
from services.registry.code_lists.models import Division
from services.registry.code_lists.repository import Codes, Divisions
from services.registry.cooperatives.models import Cooperative
from services.registry.cooperatives.repository import members_with
from services.registry.fields import FilingType
from services.registry.filings.repository import names_like
from services.registry.formalities import FORMALITIES
from services.registry.history.rules import root, state_on
from services.registry.history.service import happenings_of
from services.registry.initiatives.repository import Initiatives
from services.registry.law.repository import (
    decided_on,
    holder_of_rsc,
    law_on,
    legal_persons,
    presidencies,
    was_seen,
)
from services.registry.law.rules import Facts, Law, Peer
from services.registry.names import name_key
from services.registry.organs.rules import presiding
from services.registry.programme.rules import rsc_key
from services.registry.programme.schemas import RscProof


@dataclass(frozen=True)
class Subject:
    """What a declaration is about, beside what it says."""

    type: FilingType
    effective_on: date | None = None
    initiative_id: UUID | None = None
    arrived_at: str | None = None  # the authority that already gave it an arrival number
    cooperative: Cooperative | None = None
    blinds: tuple[tuple[str, ...], ...] = ()  # keyed hashes of the numbers of the persons it brings
    arrived_on: date | None = None  # the day whose law it is held against; a draft: today


async def examine(session: AsyncSession, declared: Any, subject: Subject) -> list[Finding]:
    """Every finding about a declaration, today, in the order of the rules."""
    facts = await _facts(session, declared, subject)
    form = facts.state.fields.get("legal_form") or getattr(declared, "legal_form", None)
    day = subject.arrived_on or clock.today()
    law = await law_on(session, day, str(form) if form else None)
    facts = await _with_names(session, declared, facts, law, subject)
    facts = await _with_others(session, declared, facts, law, subject)
    rules = FORMALITIES[subject.type].asked
    return [finding for rule in rules for finding in rule(declared, law, facts)]


def seat_code(declared: Any) -> str | None:
    """The commune that a declaration names as the seat."""
    seat = getattr(declared, "seat", None) or getattr(
        getattr(declared, "fields", None), "seat", None
    )
    return seat.commune_code if seat else None


async def seat(session: AsyncSession, declared: Any) -> Division | None:
    """The commune of the seat, if it is one."""
    code = seat_code(declared)
    return await Divisions(session).commune(code) if code else None


async def known_seat(session: AsyncSession, declared: Any) -> Division:
    """The commune of the seat; refused without one, whatever the law in force asks: nobody could
    number or register the filing."""
    commune = await seat(session, declared)
    if commune is None:
        unknown = Finding(code="COMMUNE_UNKNOWN", pointer="/payload/seat/commune_code")
        raise ValidationFailed(findings=[unknown])
    return commune


def said_of(declared: Any, name: str) -> Any:
    """What a declaration says about a field of the record, a correction among its right values."""
    own = getattr(declared, name, None)
    return getattr(getattr(declared, "fields", None), name, None) if own is None else own


def effective_day(effective_on: date | None, declared: Any) -> date:
    """From when a filing is true: the day it states, else that of the decision, else today."""
    return effective_on or getattr(declared, "holds_from", None) or clock.today()


async def _facts(session: AsyncSession, declared: Any, subject: Subject) -> Facts:
    commune = await seat(session, declared)
    sectors = await Codes(session).known("sectors", said_of(declared, "sector_codes") or [])
    id = subject.initiative_id
    facts = Facts(
        today=clock.today(),
        effective_on=subject.effective_on,
        is_commune_known=commune is not None,
        seat_authority=commune.authority_code if commune else None,
        known_sectors=frozenset(sectors),
        is_initiative_free=id is None or not await Initiatives(session).is_registered(id),
        arrived_at=subject.arrived_at,
        arrived_on=subject.arrived_on,
    )
    return await _with_history(session, declared, facts, subject)


async def _with_history(
    session: AsyncSession, declared: Any, facts: Facts, subject: Subject
) -> Facts:
    if subject.cooperative is None:
        return facts
    happenings = await happenings_of(session, subject.cooperative.id)
    wrong = getattr(declared, "corrects_filing_id", None)
    revisions = {one.filing_id: one for one in happenings}
    corrected = revisions.get(wrong) if wrong else None
    day = effective_day(subject.effective_on, declared)
    first = root(corrected, {one.revision: one for one in happenings}) if corrected else None
    known = await members_with(session, subject.cooperative.id, sum(subject.blinds, ()), day)
    return replace(
        facts,
        effective_on=corrected.effective_on if corrected else day,
        happenings=happenings,
        state=state_on(happenings, corrected.effective_on if corrected else day),
        corrects=corrected.revision if corrected else None,
        wrong_decided_on=await decided_on(session, first.filing_id) if first else None,
        members_already=frozenset(n for n, b in enumerate(subject.blinds) if known & set(b)),
        owner=subject.cooperative.organisation_id,
    )


async def _with_names(
    session: AsyncSession, declared: Any, facts: Facts, law: Law, subject: Subject
) -> Facts:
    now = subject.cooperative
    name = said_of(declared, "name") or (now.name if now and facts.seat_authority else None)
    authority = facts.seat_authority or (now.authority_code if now else None)
    if authority is None or not name:
        return facts
    key, near = name_key(name), law.norm("NAME_SIMILAR")
    me = now.id if now else None
    least = float(near.value) if near else None
    taken_by, similar_to = await names_like(session, authority, key, least=least, but=me)
    return replace(facts, taken_by=taken_by, similar_to=similar_to)


async def _with_others(
    session: AsyncSession, declared: Any, facts: Facts, law: Law, subject: Subject
) -> Facts:
    me = subject.cooperative.id if subject.cooperative else None
    rsc = getattr(declared, "rsc", declared)
    key = (
        rsc_key(rsc.authority or "", rsc.number) if isinstance(rsc, RscProof) and rsc.number else ""
    )
    receiver = getattr(declared, "organisation_id", None)
    chairs = presiding(declared, subject.blinds) if law.norm("MULTI_PRESIDENT") else ()
    return replace(
        facts,
        is_receiver_known=receiver is None or await was_seen(session, receiver),
        peers=await _peers(session, declared, facts, me),
        rsc_taken_by=await holder_of_rsc(session, key, but=me) if key else None,
        legal_members=await legal_persons(session, me)
        if me and hasattr(declared, "mandates")
        else frozenset(),
        presidencies=await presidencies(session, chairs, but=me) if chairs else 0,
    )


async def _peers(
    session: AsyncSession, declared: Any, facts: Facts, me: UUID | None
) -> dict[str, Peer]:
    named = [
        *(getattr(declared, "founders", None) or []),
        *(getattr(declared, "joins", None) or []),
    ]
    here = [UUID(one["cooperative_id"]) for one in affiliates_of(facts.state)]
    ids = {*here, *(one.cooperative_id for one in named)}
    if not ids:
        return {}
    form = facts.state.fields.get("legal_form") or getattr(declared, "legal_form", None)
    sectors = getattr(declared, "sector_codes", None) or facts.state.fields.get("sector_codes")
    vocation = vocation_of({"legal_form": form, "sector_codes": sectors})
    return await Affiliations(session).peers(ids, vocation, but=me)
