"""A declaration, held against the law and against what the register knows."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from services.registry.code_lists.models import Division
from services.registry.code_lists.repository import Codes, Divisions
from services.registry.filings.repository import near_names, same_name
from services.registry.filings.rules import findings
from services.registry.filings.schemas import Registration
from services.registry.initiatives.repository import Initiatives
from services.registry.law.repository import law_on
from services.registry.law.rules import Facts, Law
from services.registry.names import name_key


async def examine(
    session: AsyncSession,
    declared: Registration,
    *,
    effective_on: date | None = None,
    initiative_id: UUID | None = None,
    arrived_at: str | None = None,
) -> list[Finding]:
    """Every finding about a declaration, today; `arrived_at` is the authority that already gave it
    an arrival number, if one did."""
    form = declared.legal_form.value if declared.legal_form else None
    law = await law_on(session, clock.today(), form)
    facts = replace(
        await _facts(session, declared, law),
        effective_on=effective_on,
        is_initiative_free=await _is_free(session, initiative_id),
        arrived_at=arrived_at,
    )
    return findings(declared, law, facts)


async def seat(session: AsyncSession, declared: Registration) -> Division | None:
    """The commune of the seat, if it is one."""
    if declared.seat is None:
        return None
    return await Divisions(session).commune(declared.seat.commune_code)


async def known_seat(session: AsyncSession, declared: Registration) -> Division:
    """The commune of the seat; refused without one, whatever the law in force asks: nobody could
    number or register the filing."""
    commune = await seat(session, declared)
    if commune is None:
        unknown = Finding(code="COMMUNE_UNKNOWN", pointer="/payload/seat/commune_code")
        raise ValidationFailed(findings=[unknown])
    return commune


async def _is_free(session: AsyncSession, initiative_id: UUID | None) -> bool:
    return initiative_id is None or not await Initiatives(session).is_registered(initiative_id)


async def _facts(session: AsyncSession, declared: Registration, law: Law) -> Facts:
    commune = await seat(session, declared)
    sectors = await Codes(session).known("sectors", declared.sector_codes or [])
    facts = Facts(
        today=clock.today(),
        is_commune_known=commune is not None,
        seat_authority=commune.authority_code if commune else None,
        known_sectors=frozenset(sectors),
    )
    if commune is None or not declared.name:
        return facts
    authority, key = commune.authority_code, name_key(declared.name)
    near = law.norm("NAME_SIMILAR")
    return replace(
        facts,
        taken_by=await same_name(session, authority, key),
        similar_to=await near_names(session, authority, key, float(near.value)) if near else (),
    )
