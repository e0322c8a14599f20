"""A declaration, held against the law and against what the register knows."""

from dataclasses import replace

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.errors import Finding
from services.registry.code_lists.models import Division
from services.registry.code_lists.repository import Codes, Divisions
from services.registry.filings.repository import near_names, same_name
from services.registry.filings.rules import findings
from services.registry.filings.schemas import Registration
from services.registry.law.repository import law_on
from services.registry.law.rules import Facts, Law
from services.registry.names import name_key


async def examine(session: AsyncSession, declared: Registration) -> list[Finding]:
    """Every finding about a declaration, today."""
    form = declared.legal_form.value if declared.legal_form else None
    law = await law_on(session, clock.today(), form)
    return findings(declared, law, await _facts(session, declared, law))


async def seat(session: AsyncSession, declared: Registration) -> Division | None:
    """The commune of the seat, if it is one."""
    if declared.seat is None:
        return None
    return await Divisions(session).commune(declared.seat.commune_code)


async def _facts(session: AsyncSession, declared: Registration, law: Law) -> Facts:
    commune = await seat(session, declared)
    sectors = await Codes(session).known("sectors", declared.sector_codes or [])
    facts = Facts(
        today=clock.today(),
        is_commune_known=commune is not None,
        known_sectors=frozenset(sectors),
    )
    if commune is None or not declared.name:
        return facts
    authority, key = commune.path[-3], name_key(declared.name)
    near = law.norm("NAME_SIMILAR")
    return replace(
        facts,
        taken_by=await same_name(session, authority, key),
        similar_to=await near_names(session, authority, key, float(near.value)) if near else (),
    )
