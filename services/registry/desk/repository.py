"""The desk, found and kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.auth import Caller
from chassis.owners import nearby
from chassis.sql import run, write
from services.registry.agents.models import Agent
from services.registry.desk.models import DeskStep, WorkItem
from services.registry.desk.rules import SCOPE_OF, Targets
from services.registry.desk.states import Stage, StepKind
from services.registry.filings.models import Filing
from services.registry.filings.states import FilingStatus
from services.registry.steps import FILES, HEARD

_SCOPE = case(*((col(WorkItem.stage) == stage, scope) for stage, scope in SCOPE_OF.items()))
# Whoever left, or lost the territory or the scope, is not found: the file is nobody's.
_HERE = and_(
    col(Agent.sub) == col(WorkItem.holder_sub),
    col(Agent.territories).op("&&")(col(Filing.path)),
    func.array_position(col(Agent.scopes), _SCOPE).is_not(None),
)
_SHOWN = (
    WorkItem,
    Agent,
    col(Filing.type),
    col(Filing.status),
    col(Filing.authority_code),
    col(Filing.arrival_number),
    col(Filing.organisation_id),
    col(Filing.version),
)
# Which review a step hears: the one just made, or the one that sent the file back.
_HEARS = {
    StepKind.FOUND_COMPLETE: "%",
    StepKind.RETURNED: "%",
    StepKind.RESUBMITTED: FilingStatus.CHANGES_REQUESTED.value,
}
_TARGETS = text(
    "select code, days from service_target where valid_from <= :day order by valid_from"
)
_STOOD = text(
    f"select f.file_sha256, h.id as review_id, h.review_sha256 from ({FILES}) f"  # noqa: S608
    f" left join lateral (select r.id, {HEARD.format(':kind')} as review_sha256 from review r"
    " where r.filing_id = f.id and r.outcome like :outcome order by r.id desc limit 1) h on true"
    " where f.id = :id"
)


@dataclass(frozen=True)
class Wanted:
    """What a work queue is narrowed to; None: everything."""

    status: FilingStatus | None = None
    type: str | None = None
    stage: Stage | None = None
    is_overdue: bool | None = None
    holder: str | None = None
    is_mine: str | None = None  # the caller, who asks for what they hold themselves
    is_held: bool | None = None
    place: str | None = None

    def conditions(self, today: date) -> list[ColumnElement[bool]]:
        """As the query asks it."""
        plain = [
            (col(Filing.status), self.status),
            (col(Filing.type), self.type),
            (col(WorkItem.stage), self.stage),
            (col(Agent.sub), self.holder),
            (col(Agent.sub), self.is_mine),
        ]
        asked: list[ColumnElement[bool]] = [c == v for c, v in plain if v is not None]
        if self.status is None:
            asked.append(col(WorkItem.ended_at).is_(None))
        if self.is_held is not None:
            asked.append(col(Agent.sub).is_not(None) == self.is_held)
        if self.place is not None:
            asked.append(col(Filing.path).op("&&")([self.place]))
        if self.is_overdue is not None:
            asked.append(_late(today) == self.is_overdue)
        return asked


def _late(today: date) -> ColumnElement[bool]:
    due = func.least(col(WorkItem.due_on), col(WorkItem.total_due_on))
    return and_(col(WorkItem.due_on).is_not(None), due < today)


def _behind(after: Sequence[Any]) -> ColumnElement[bool]:
    due, id = after
    later = col(WorkItem.filing_id) > UUID(id)
    unknown = col(WorkItem.due_on).is_(None)
    if due is None:
        return and_(unknown, later)
    day = date.fromisoformat(due)
    same = and_(col(WorkItem.due_on) == day, later)
    return or_(col(WorkItem.due_on) > day, same, unknown)


class Desk:
    """Every file that arrived."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def lock(self, filing_id: UUID) -> WorkItem | None:
        """The row of a filing as it is now, alone; None before its arrival."""
        return await self.session.get(
            WorkItem, filing_id, with_for_update=True, populate_existing=True
        )

    async def find(self, filing_id: UUID) -> WorkItem | None:
        """The row of a filing; None before its arrival."""
        return await self.session.get(WorkItem, filing_id)

    async def held_by(self, sub: str) -> Sequence[UUID]:
        """The files that somebody took or was given, whether or not they still may hold them."""
        query = select(WorkItem.filing_id).where(WorkItem.holder_sub == sub)
        return (await self.session.exec(query.order_by(col(WorkItem.filing_id)))).all()

    async def holder(self, filing_id: UUID) -> Agent | None:
        """Who holds the file and still may."""
        query = (
            select(Agent)
            .select_from(WorkItem)
            .join(Filing, col(Filing.id) == col(WorkItem.filing_id))
            .join(Agent, _HERE)
            .where(WorkItem.filing_id == filing_id)
            .execution_options(populate_existing=True)
        )
        return (await self.session.exec(query)).one_or_none()

    async def queue(
        self, caller: Caller, wanted: Wanted, after: Sequence[Any] | None, page: tuple[int, date]
    ) -> Sequence[Any]:
        """Files in the caller's territory by due date, those that wait for their filer last; one
        more than the limit. `page` is the limit and today."""
        limit, today = page
        query = (
            select(*_SHOWN)  # type: ignore[call-overload]  # more columns than its stubs know
            .join(Filing, col(Filing.id) == col(WorkItem.filing_id))
            .outerjoin(Agent, _HERE)
            .where(nearby(caller, col(Filing.path)), *wanted.conditions(today))
        )
        if after is not None:
            query = query.where(_behind(after))
        order = (col(WorkItem.due_on).asc().nulls_last(), col(WorkItem.filing_id))
        rows: Sequence[Any] = (
            await self.session.exec(query.order_by(*order).limit(limit + 1))
        ).all()
        return rows

    async def running(self) -> Sequence[tuple[date, UUID, Stage, int, date | None]]:
        """Since when each running clock runs, of which file, in which stage, after how many days,
        and when it is due."""
        shown = (WorkItem.filing_id, WorkItem.stage, WorkItem.days_used, WorkItem.due_on)
        query = select(WorkItem.clock_since, *shown)  # type: ignore[call-overload]  # five columns
        found = await self.session.exec(query.where(col(WorkItem.clock_since).is_not(None)))
        return [tuple(row) for row in found.all()]

    async def steps(self, filing_id: UUID, after: int | None, limit: int) -> Sequence[DeskStep]:
        """The steps of one filing in their order; one more than `limit`."""
        query = select(DeskStep).where(DeskStep.filing_id == filing_id)
        if after is not None:
            query = query.where(col(DeskStep.pos) > after)
        return (await self.session.exec(query.order_by(col(DeskStep.pos)).limit(limit + 1))).all()

    async def targets(self, day: date) -> Targets:
        """The targets in force on `day`."""
        days = {row.code: row.days for row in await run(self.session, _TARGETS, {"day": day})}
        return Targets(days["COMPLETENESS"], days["DECISION"], days["TOTAL"])

    async def stood(self, filing_id: UUID, kind: StepKind) -> dict[str, Any]:
        """What a step of that kind finds; all that came before it is written already."""
        row = {"id": filing_id, "kind": kind.value, "outcome": _HEARS.get(kind, "")}
        return dict((await run(self.session, _STOOD, row)).one())

    async def write(self, row: WorkItem | DeskStep) -> None:
        """Write a new row."""
        await write(self.session, row)
