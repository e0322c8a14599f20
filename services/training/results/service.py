"""How the results of a whole session become final, and others hear of them."""

from collections.abc import Sequence
from uuid import UUID

from chassis.auth import Caller
from chassis.db import AsyncSession, hold
from services.training.completions.errors import DecisionMissing
from services.training.completions.models import CompletionDecision
from services.training.completions.repository import CompletionDecisions
from services.training.completions.schemas import CompletionOutcome
from services.training.enrolments.models import Delegation, Enrolment
from services.training.enrolments.repository import Delegations, Enrolments
from services.training.enrolments.service import move as move_enrolment
from services.training.enrolments.states import PRESENTABLE, EnrolmentAction, EnrolmentStatus
from services.training.events import DelegationCompleted, outbox
from services.training.history.repository import History
from services.training.sessions.errors import FourEyes
from services.training.sessions.models import TrainingSession
from services.training.sessions.service import begin, move, taught
from services.training.sessions.states import SessionAction
from services.training.tools.models import ProgrammeVersion
from services.training.tools.repository import Catalogue

_Decisions = dict[UUID, CompletionDecision]


async def validate(
    session: AsyncSession, id: UUID, *, version: int | None, by: Caller
) -> TrainingSession:
    """Each attending learner has a decision; from now on the results are told to the others."""
    # The session is the lock of everything in it, so nobody joins between this look and the next.
    await hold(session, f"training-session/{id}")
    groups = await Delegations(session).of_session(id)
    await hold(session, *(f"delegation/{group.id}" for group in groups))
    training_session = await begin(session, id, version, SessionAction.VALIDATE_RESULTS)
    expected = await Enrolments(session).of_session(id, PRESENTABLE)
    decisions = await CompletionDecisions(session).of_session(id)
    _demand_decisions(expected, decisions)
    if by.sub == training_session.lead_trainer_sub:
        raise FourEyes()
    for enrolment in expected:
        _conclude(session, enrolment, decisions, by)
    programme = await taught(session, training_session)
    for group in await Delegations(session).of_session(id):
        if group.id in decisions:
            await _tell(session, group, decisions[group.id], programme)
    return move(session, training_session, SessionAction.VALIDATE_RESULTS, by=by)


def _demand_decisions(expected: Sequence[Enrolment], decisions: _Decisions) -> None:
    waiting = {
        row.delegation_id
        for row in expected
        if row.status is EnrolmentStatus.ATTENDING and row.delegation_id not in decisions
    }
    if waiting:
        raise DecisionMissing(delegation_ids=sorted(str(id) for id in waiting))


def _conclude(
    session: AsyncSession, enrolment: Enrolment, decisions: _Decisions, by: Caller
) -> None:
    action = EnrolmentAction.MISS
    if enrolment.status is EnrolmentStatus.ATTENDING:
        is_trained = str(enrolment.id) in _trained(decisions[enrolment.delegation_id])
        action = EnrolmentAction.COMPLETE if is_trained else EnrolmentAction.PARTICIPATE
    move_enrolment(History(session), enrolment, action, by=by.sub)


def _trained(decision: CompletionDecision) -> set[str]:
    if decision.outcome is not CompletionOutcome.ACHIEVED:
        return set()
    learners = decision.inputs["learners"]
    return {learner["enrolment_id"] for learner in learners if learner["attended_enough"]}


async def _tell(
    session: AsyncSession,
    group: Delegation,
    decision: CompletionDecision,
    programme: ProgrammeVersion,
) -> None:
    taught_with = await Catalogue(session).programme(programme.programme_code)
    fact = DelegationCompleted(
        delegation_id=group.id,
        initiative_id=group.initiative_id,
        cooperative_id=group.cooperative_id,
        organisation_id=group.organisation_id,
        tool_code=taught_with.tool_code,
        programme_code=programme.programme_code,
        training_session_id=group.training_session_id,
        outcome=decision.outcome.value,
        decided_on=decision.decided_on,
        members_trained=decision.members_trained,
        women_trained=decision.women_trained,
        youth_trained=decision.youth_trained,
    )
    outbox.publish(session, group.id, fact)
