"""Acts of the desk: a file is taken, given, put back, moved to another authority."""

from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Finding, IllegalTransition, NotFound, ValidationFailed
from services.registry.agents.models import Agent
from services.registry.agents.repository import Agents
from services.registry.desk.errors import HeldByNobody, NotYourStage
from services.registry.desk.models import WorkItem
from services.registry.desk.records import held_by_another, is_lapsed, note
from services.registry.desk.repository import Desk
from services.registry.desk.rules import SCOPE_OF
from services.registry.desk.schemas import AssignmentKind, AssignmentWrite
from services.registry.desk.states import Stage, StepKind
from services.registry.filings.errors import FourEyes
from services.registry.filings.models import Filing
from services.registry.filings.repository import Filings
from services.registry.filings.states import LIFE
from services.registry.reviews.repository import Reviews
from services.registry.scopes import SUPERVISE

_STEPS = {
    AssignmentKind.TAKE: StepKind.TAKEN,
    AssignmentKind.ASSIGN: StepKind.ASSIGNED,
    AssignmentKind.RELEASE: StepKind.RELEASED,
}


async def assign(
    session: AsyncSession, id: UUID, said: AssignmentWrite, *, by: Caller
) -> tuple[Filing, WorkItem]:
    """Take a file, give it to a colleague, or put it back: one at a time, the first one wins."""
    filing, item = await open_file(session, id, by=by)
    holder = await Desk(session).holder(id)
    _refuse_foreign_hands(item, holder, said, by=by)
    if said.kind == AssignmentKind.TAKE:
        await _refuse_hands(session, filing, item, by.sub)
        if not by.has(SCOPE_OF[item.stage]):
            raise NotYourStage(stage=item.stage.value)
    given = await _receiver(session, filing, item, said, by=by)
    _demand_reason(holder, said, by=by)
    await Agents(session).meet(by)
    item.holder_sub, item.held_since = given, clock.now() if given else None
    await note(session, filing, item, _STEPS[said.kind], by=by, reason=said.reason)
    return filing, item


async def open_file(session: AsyncSession, id: UUID, *, by: Caller) -> tuple[Filing, WorkItem]:
    """The filing and its row on the desk, alone; refused once nobody works on it any more."""
    filing = await Filings(session).lock_at_work(id, by)
    item = await Desk(session).lock(id)
    if item is None:
        raise NotFound()
    if item.ended_at is not None:
        allowed = [action.value for action in LIFE.allowed(filing.status)]
        raise IllegalTransition(
            action="ASSIGN", current_status=filing.status.value, allowed_actions=allowed
        )
    return filing, item


def _refuse_foreign_hands(
    item: WorkItem, holder: Agent | None, said: AssignmentWrite, *, by: Caller
) -> None:
    """What a colleague holds is theirs until its day; whoever decides may give it to others."""
    is_release = said.kind == AssignmentKind.RELEASE
    if is_release and holder is None:
        raise HeldByNobody()
    if holder is None or holder.sub == by.sub or is_lapsed(item):
        return
    if said.kind == AssignmentKind.TAKE or not by.has(*SUPERVISE):
        raise held_by_another(item)


def _demand_reason(holder: Agent | None, said: AssignmentWrite, *, by: Caller) -> None:
    if holder is not None and holder.sub != by.sub and not said.reason:
        raise ValidationFailed(findings=[Finding(code="REASON_REQUIRED", pointer="/reason")])


async def _receiver(
    session: AsyncSession, filing: Filing, item: WorkItem, said: AssignmentWrite, *, by: Caller
) -> str | None:
    if said.kind != AssignmentKind.ASSIGN:
        return by.sub if said.kind == AssignmentKind.TAKE else None
    known = await Agents(session).find(str(said.agent_id))
    is_here = known is not None and not set(known.territories).isdisjoint(filing.path)
    if known is None or not is_here or SCOPE_OF[item.stage] not in known.scopes:
        raise ValidationFailed(findings=[Finding(code="AGENT_UNKNOWN", pointer="/agent_id")])
    try:
        await _refuse_hands(session, filing, item, known.sub)
    except FourEyes:
        refusal = Finding(code="AGENT_NOT_INDEPENDENT", pointer="/agent_id")
        raise ValidationFailed(findings=[refusal]) from None
    return known.sub


async def _refuse_hands(session: AsyncSession, filing: Filing, item: WorkItem, sub: str) -> None:
    """Who filed does not examine; who filed or examined does not decide: nor holds it for that."""
    had = set(filing.filers)
    if item.stage == Stage.DECISION:
        had |= await Reviews(session).reviewers(filing.id)
    if sub in had:
        raise FourEyes()
