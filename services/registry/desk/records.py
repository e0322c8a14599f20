"""What the acts on filings leave on the desk: where the file is, and whose time runs.

Whoever calls holds the filing; the row of the desk is locked after it.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.ids import new_id
from chassis.sql import settle
from services.registry.agents.models import Agent
from services.registry.agents.repository import Agents
from services.registry.desk.errors import HeldByAnother
from services.registry.desk.models import DeskStep, WorkItem
from services.registry.desk.repository import Desk
from services.registry.desk.rules import HORIZON, SCOPE_OF, due_on, used_by
from services.registry.desk.states import Stage, StepKind
from services.registry.filings.models import Filing
from services.registry.filings.repository import Filings
from services.registry.filings.states import FilingStatus
from services.registry.ledger.repository import Ledger
from services.registry.remarks.repository import Remarks
from services.registry.working_days.repository import Holidays

_ENDS = {
    FilingStatus.APPROVED: StepKind.APPROVED,
    FilingStatus.REJECTED: StepKind.REJECTED,
    FilingStatus.WITHDRAWN: StepKind.WITHDRAWN,
}


async def arrived(session: AsyncSession, filing: Filing, subject: str, *, by: Caller) -> None:
    """A file arrived under a name: the authority's time runs."""
    today, stage = clock.today(), Stage.COMPLETENESS
    targets, closed = await Desk(session).targets(today), await closed_days(session, today)
    item = WorkItem(
        filing_id=filing.id,
        subject=subject,
        stage=stage,
        clock_since=today,
        due_on=due_on(today, targets.of(stage), 0, closed),
        total_due_on=today + timedelta(days=targets.total),
        arrived_at=filing.submitted_at or clock.now(),
    )
    await Desk(session).write(item)
    await note(session, filing, item, StepKind.ARRIVED, by=by)


async def resubmitted(session: AsyncSession, filing: Filing, *, by: Caller) -> None:
    """A file came back completed: the authority's time runs again."""
    await session.flush()
    item = await Desk(session).lock(filing.id)
    if item is None:  # it arrived before there was a desk
        line = await Ledger(session).arrival_of(filing.id)
        await arrived(session, filing, line.subject if line else "", by=by)
        return
    await run_clock(session, item, clock.today())
    _count_wait(item)
    await note(session, filing, item, StepKind.RESUBMITTED, by=by)


def _count_wait(item: WorkItem) -> None:
    if item.stopped_at is not None:
        waited = clock.now() - item.stopped_at
        item.stopped_s += max(0, int(waited.total_seconds()))
        item.total_due_on += timedelta(days=max(0, waited.days))
    item.stopped_at = None


async def run_clock(session: AsyncSession, item: WorkItem, since: date) -> None:
    """Let the authority's time run since a day, and say until when the stage should end. Both
    are set at once: no query may write a row that says only one."""
    targets = await Desk(session).targets(clock.today())
    closed = await closed_days(session, since)
    item.due_on = due_on(since, targets.of(item.stage), item.days_used, closed)
    item.clock_since = since


async def closed_days(session: AsyncSession, since: date) -> Collection[date]:
    """The holidays from a day on, as far as any clock of ours looks ahead."""
    return await Holidays(session).closed(since, clock.today() + HORIZON)


async def reviewed(session: AsyncSession, filing: Filing, *, by: Caller) -> None:
    """An instructor said complete: a validator is next; or asked for changes: the clock stands."""
    item = await Desk(session).lock(filing.id)
    if item is None:
        return
    await Agents(session).meet(by)
    is_complete = filing.status == FilingStatus.UNDER_REVIEW
    if is_complete:
        item.stage, item.days_used = Stage.DECISION, 0
        item.holder_sub = item.held_since = None
        await run_clock(session, item, clock.today())
    else:
        await _stop(session, item)
    kind = StepKind.FOUND_COMPLETE if is_complete else StepKind.RETURNED
    await note(session, filing, item, kind, by=by)


async def _stop(session: AsyncSession, item: WorkItem) -> None:
    since = item.clock_since or clock.today()
    is_first = item.stage == Stage.COMPLETENESS
    used = used_by(since, clock.today(), await closed_days(session, since))
    item.days_used = item.days_used + used if is_first else 0
    if not is_first:  # what comes back is examined from the beginning, by whoever is free
        item.stage, item.holder_sub, item.held_since = Stage.COMPLETENESS, None, None
    item.clock_since, item.due_on, item.stopped_at = None, None, clock.now()
    item.returned_count += 1


async def ended(session: AsyncSession, filing: Filing, *, by: Caller) -> None:
    """Approved, rejected or taken back: nobody holds it, no time runs."""
    item = await Desk(session).lock(filing.id)
    if item is None:
        return
    if item.stopped_at is not None:
        item.stopped_s += max(0, int((clock.now() - item.stopped_at).total_seconds()))
    item.holder_sub = item.held_since = item.clock_since = item.due_on = item.stopped_at = None
    item.ended_at, item.outcome = clock.now(), filing.status
    await Remarks(session).forget(filing.id)
    kind, reason = _ENDS[filing.status], filing.withdrawal_reason
    await note(session, filing, item, kind, by=by, reason=reason)


async def refuse_held(session: AsyncSession, filing_id: UUID, *, by: Caller) -> None:
    """Refuse an act on a file that a colleague has taken; one that nobody holds is free."""
    item, holder = await Desk(session).lock(filing_id), await Desk(session).holder(filing_id)
    if item is not None and holder is not None and holder.sub != by.sub and not is_lapsed(item):
        raise held_by_another(item)


def is_lapsed(item: WorkItem) -> bool:
    """Whether the day until which the file was held is over."""
    return item.due_on is not None and clock.today() > item.due_on


def held_by_another(item: WorkItem) -> HeldByAnother:
    """The refusal, with the day until which the colleague holds the file."""
    until = item.due_on.isoformat() if item.due_on else None
    return HeldByAnother(stage=item.stage.value, held_until=until)


async def free(session: AsyncSession, agent: Agent) -> None:
    """Nobody holds any more what this agent held and may hold no longer. Only rows of the desk
    are locked, one after another in the order of every timer: whoever decides on such a file
    meanwhile holds it by themselves."""
    for filing_id in await Desk(session).held_by(agent.sub):
        item = await Desk(session).lock(filing_id)
        if item is None or item.holder_sub != agent.sub:
            continue
        filing = await Filings(session).get(filing_id)
        is_here = not set(agent.territories).isdisjoint(filing.path)
        if is_here and SCOPE_OF[item.stage] in agent.scopes:
            continue
        item.holder_sub = item.held_since = None
        await _note(session, filing, item, StepKind.FREED, sub=agent.sub)


async def note(
    session: AsyncSession,
    filing: Filing,
    item: WorkItem,
    kind: StepKind,
    *,
    by: Caller,
    reason: str | None = None,
) -> None:
    """Write a step down."""
    await _note(session, filing, item, kind, sub=by.sub, reason=reason)


async def _note(
    session: AsyncSession,
    filing: Filing,
    item: WorkItem,
    kind: StepKind,
    *,
    sub: str,
    reason: str | None = None,
) -> None:
    await settle(session)
    stood = await Desk(session).stood(filing.id, kind)
    step = DeskStep(
        id=new_id(),
        filing_id=filing.id,
        kind=kind,
        stage=item.stage,
        authority_code=filing.authority_code or "",
        due_on=item.due_on,
        holder_sub=item.holder_sub,
        by_sub=sub,
        reason=reason,
        at=clock.now(),
        status=filing.status,
        filers=list(filing.filers),
        **stood,
    )
    await Desk(session).write(step)


async def refresh(session: AsyncSession) -> int:
    """Set running clocks again, as the holidays and targets are now; how many moved."""
    desk, today = Desk(session), clock.today()
    running = await desk.running()
    if not running:
        return 0
    targets = await desk.targets(today)
    closed = await closed_days(session, min(since for since, *_ in running))
    late = [
        id
        for since, id, stage, used, due in running
        if due != due_on(since, targets.of(stage), used, closed)
    ]
    for id in sorted(late):
        item = await desk.lock(id)
        if item is not None and item.clock_since is not None:
            await run_clock(session, item, item.clock_since)
    return len(late)


async def refresh_due_dates(app: Any) -> int:
    """The timer's part: what was announced while a file was being worked on."""
    async with app.state.database.transaction() as session:
        await refresh(session)
    return 0
