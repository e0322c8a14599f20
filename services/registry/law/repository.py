"""Rules, found for a day."""

from collections.abc import Collection
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import run, settle
from services.registry.cooperatives.models import Cooperative, Member
from services.registry.cooperatives.states import Life
from services.registry.fields import MemberKind
from services.registry.filings.models import Filing
from services.registry.law.models import LawRule
from services.registry.law.rules import Law

_LIVING = (Life.REGISTERED, Life.IN_LIQUIDATION)
# Plain rows: every act reads all of them, and an object of the ORM for each costs ten times more.
_IN_FORCE = text(
    "select code, legal_form, value, severity, law_ref, confidence from law_rule"
    " where is_on and valid_from <= :day and (valid_to is null or valid_to > :day)"
)
_PRESIDENCIES = text(
    "select count(distinct m.cooperative_id) from member m join mandate d on d.member_id = m.id"
    " where m.nin_blind = any(:blinds) and m.cooperative_id is distinct from cast(:but as uuid)"
    " and d.organ = 'MANAGING' and d.function = 'PRESIDENT'"
    " and upper_inf(d.recorded) and upper_inf(d.valid)"
)


async def law_on(session: AsyncSession, day: date, legal_form: str | None) -> Law:
    """The law in force on `day` for `legal_form`."""
    rows = (await run(session, _IN_FORCE, {"day": day})).all()
    return Law(cast(list[LawRule], rows), legal_form)


_SEEN = text(
    "select exists (select from filing where organisation_id = :id)"
    " or exists (select from cooperative where organisation_id = :id)"
    " or exists (select from initiative where organisation_id = :id)"
    " or exists (select from agent where organisation_id = :id)"
    " or exists (select from import where organisation_id = :id)"
)


async def was_seen(session: AsyncSession, organisation_id: str) -> bool:
    """Whether an organisation ever filed, announced, imported or worked on anything here."""
    return bool((await run(session, _SEEN, {"id": organisation_id})).scalar_one())


async def holder_of_rsc(session: AsyncSession, key: str, *, but: UUID | None) -> str | None:
    """The registration number of a living cooperative with that RSC number."""
    query = select(Cooperative.registration_number).where(
        Cooperative.rsc_key == key,
        col(Cooperative.life).in_(_LIVING),
        col(Cooperative.id).is_distinct_from(but),
    )
    return (await session.exec(query)).first()


async def decided_on(session: AsyncSession, filing_id: UUID) -> date | None:
    """When what a filing declares was decided, by an organ or by the constitutive assembly."""
    said = (await session.exec(select(Filing.payload).where(Filing.id == filing_id))).one()
    day = said.get("decided_on") or said.get("assembly_on")
    return date.fromisoformat(day) if day else None


async def legal_persons(session: AsyncSession, cooperative_id: UUID) -> frozenset[str]:
    """Which members of a cooperative, past and present, are legal persons."""
    query = select(Member.id).where(
        Member.cooperative_id == cooperative_id, Member.kind == MemberKind.LEGAL
    )
    return frozenset(str(id) for id in (await session.exec(query)).all())


async def presidencies(session: AsyncSession, blinds: Collection[str], *, but: UUID | None) -> int:
    """How many other cooperatives have as president, today, somebody with one of these numbers."""
    await settle(session)
    found = await run(session, _PRESIDENCIES, {"blinds": list(blinds), "but": but})
    return int(found.scalar_one())
