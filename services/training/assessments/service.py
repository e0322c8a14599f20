"""How the work of a group is assessed."""

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Finding, NotFound, ValidationFailed
from chassis.ids import new_id
from services.training.assessments import rules
from services.training.assessments.models import Assessment
from services.training.assessments.repository import Assessments
from services.training.assessments.schemas import AssessmentWrite
from services.training.completions.errors import CompletionAlreadyDecided
from services.training.completions.repository import CompletionDecisions
from services.training.enrolments.models import Delegation
from services.training.enrolments.repository import Delegations
from services.training.sessions.errors import FourEyes
from services.training.sessions.models import TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.service import taught
from services.training.sessions.states import UNDER_WAY, demand
from services.training.tools.schemas import Module


async def assess(session: AsyncSession, wish: AssessmentWrite, *, by: Caller) -> Assessment:
    """A trainer of the session says whether a deliverable is good enough."""
    delegation = await Delegations(session).find(wish.delegation_id)
    if delegation is None:
        raise NotFound()
    await TrainingSessions(session).one_taught_by(delegation.training_session_id, by)
    training_session = await TrainingSessions(session).lock_with(delegation.training_session_id)
    demand(training_session.status, UNDER_WAY, "ASSESS")
    if await CompletionDecisions(session).of_delegation(delegation.id) is not None:
        raise CompletionAlreadyDecided()
    _demand_distance(delegation, by)
    await _demand_expected(session, training_session, wish)
    earlier = await Assessments(session).of_delegation(delegation.id)
    return Assessments(session).add(
        Assessment(
            **wish.model_dump(),
            id=new_id(),
            attempt=rules.next_attempt(earlier, wish.deliverable_code),
            assessor_sub=by.sub,
            assessed_at=clock.now(),
        )
    )


def _demand_distance(delegation: Delegation, by: Caller) -> None:
    # Learners have no account here; whoever speaks for the group stands for them (rule 25).
    if by.sub == delegation.enrolled_by:
        raise FourEyes()


async def _demand_expected(
    session: AsyncSession, training_session: TrainingSession, wish: AssessmentWrite
) -> None:
    programme = await taught(session, training_session)
    modules = [Module.model_validate(module) for module in programme.modules]
    if not rules.is_output_of(modules, wish.module_code, wish.deliverable_code):
        finding = Finding(code="DELIVERABLE_NOT_EXPECTED", pointer="/deliverable_code")
        raise ValidationFailed(findings=[finding])
