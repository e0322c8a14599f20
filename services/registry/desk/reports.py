"""What the desk tells: agents see colleagues; filers see functions and offices."""

from typing import Any

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from services.registry.agents.models import Agent
from services.registry.desk.models import DeskStep, WorkItem
from services.registry.desk.repository import Desk
from services.registry.desk.rules import is_overdue
from services.registry.desk.schemas import (
    AgentHolder,
    Holder,
    Progress,
    StepRead,
    WorkItemRead,
    WorkRole,
)
from services.registry.desk.states import Clock, Stage, StepKind
from services.registry.filings.models import Filing
from services.registry.filings.states import FilingStatus
from services.registry.scopes import AGENT_SCOPES

_DAY_S = 86_400
_EXAMINES = {Stage.COMPLETENESS: WorkRole.INSTRUCTOR, Stage.DECISION: WorkRole.VALIDATOR}
_ACTED = {
    StepKind.ARRIVED: WorkRole.FILER,
    StepKind.RESUBMITTED: WorkRole.FILER,
    StepKind.WITHDRAWN: WorkRole.FILER,
    StepKind.RETURNED: WorkRole.INSTRUCTOR,
    StepKind.FOUND_COMPLETE: WorkRole.INSTRUCTOR,
    StepKind.TRANSFERRED: WorkRole.REGISTRAR,
    StepKind.APPROVED: WorkRole.VALIDATOR,
    StepKind.REJECTED: WorkRole.VALIDATOR,
}


def clock_of(item: WorkItem | None) -> Clock:
    """Whose time runs."""
    if item is None:
        return Clock.NOT_STARTED
    if item.ended_at is not None:
        return Clock.ENDED
    return Clock.STOPPED if item.stopped_at is not None else Clock.RUNNING


def queued(row: Any, caller: Caller) -> WorkItemRead:
    """A row of the work queue, for an agent."""
    item, agent = row[0], row[1]
    fields = item.model_dump(
        include={
            "filing_id", "stage", "subject", "arrived_at", "due_on", "total_due_on",
            "returned_count",
        }
    )  # fmt: skip
    return WorkItemRead(
        **fields,
        **{name: getattr(row, name) for name in _OF_FILING},
        clock=clock_of(item),
        is_overdue=is_overdue(item.due_on, item.total_due_on, clock.today()),
        holder=_colleague(item, agent, caller) if agent else None,
    )


_OF_FILING = ("type", "status", "authority_code", "arrival_number", "organisation_id", "version")


def _colleague(item: WorkItem, agent: Agent, caller: Caller) -> AgentHolder:
    return AgentHolder(
        agent_id=agent.sub,
        organisation_id=agent.organisation_id,
        is_me=agent.sub == caller.sub,
        since=item.held_since,
    )


async def progress(session: AsyncSession, filing: Filing) -> Progress:
    """Where a file is, who holds it, until when."""
    item = await Desk(session).find(filing.id)
    holder = await Desk(session).holder(filing.id)
    if item is None:
        return _not_arrived(filing)
    moving = clock_of(item)
    is_open = moving != Clock.ENDED
    return Progress(
        filing_id=filing.id,
        status=filing.status,
        stage=item.stage if is_open else None,
        waiting_for=_waiting_for(item, moving),
        authority_code=filing.authority_code,
        holder=_office(filing, item) if holder else None,
        clock=moving,
        due_on=item.due_on,
        total_due_on=item.total_due_on if is_open else None,
        is_overdue=is_overdue(item.due_on, item.total_due_on, clock.today()),
        stopped_days=stopped_days(item),
        returned_count=item.returned_count,
    )


def stopped_days(item: WorkItem) -> float:
    """Days for which the filer was asked, until now."""
    seconds = float(item.stopped_s)
    if item.stopped_at is not None:
        seconds += max(0.0, (clock.now() - item.stopped_at).total_seconds())
    return round(seconds / _DAY_S, 1)


def _not_arrived(filing: Filing) -> Progress:
    is_draft = filing.status == FilingStatus.DRAFT
    return Progress(
        filing_id=filing.id,
        status=filing.status,
        stage=None,
        waiting_for=WorkRole.FILER if is_draft else None,
        authority_code=None,
        holder=None,
        clock=Clock.NOT_STARTED,
        due_on=None,
        total_due_on=None,
        is_overdue=False,
        stopped_days=0,
        returned_count=0,
    )


def _waiting_for(item: WorkItem, moving: Clock) -> WorkRole | None:
    waited = {Clock.STOPPED: WorkRole.FILER, Clock.RUNNING: _EXAMINES[item.stage]}
    return waited.get(moving)


def _office(filing: Filing, item: WorkItem) -> Holder | None:
    if item.held_since is None:
        return None
    return Holder(
        role=_EXAMINES[item.stage],
        authority_code=filing.authority_code or "",
        since=item.held_since,
        until=item.due_on,
    )


def is_at_work(filing: Filing, caller: Caller) -> bool:
    """Whether the caller is an agent of the file's territory."""
    return caller.has(*AGENT_SCOPES) and caller.covers(filing.path)


def step(row: DeskStep, *, is_agent: bool) -> StepRead:
    """A step of a file; why a colleague got it and who they are is for colleagues."""
    is_told = is_agent or row.kind == StepKind.TRANSFERRED
    return StepRead(
        **row.model_dump(include={"id", "kind", "stage", "authority_code", "due_on", "at"}),
        by=_ACTED.get(row.kind, _EXAMINES[row.stage]),
        reason=row.reason if is_told else None,
        agent_id=row.by_sub if is_agent and row.kind not in _BY_FILERS else None,
        holder_id=row.holder_sub if is_agent else None,
    )


_BY_FILERS = (StepKind.ARRIVED, StepKind.RESUBMITTED, StepKind.WITHDRAWN)
