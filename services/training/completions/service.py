"""How the results of a session become final."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import NotFound
from chassis.ids import new_id
from services.training.assessments import rules as works
from services.training.assessments.models import Assessment
from services.training.assessments.repository import Assessments
from services.training.attendance import rules as presence
from services.training.attendance.repository import Attendance
from services.training.completions import rules
from services.training.completions.errors import CompletionAlreadyDecided
from services.training.completions.models import CompletionDecision
from services.training.completions.repository import CompletionDecisions
from services.training.enrolments.models import Delegation
from services.training.enrolments.repository import Delegations, Enrolments
from services.training.enrolments.schemas import Sex
from services.training.enrolments.states import PRESENTABLE
from services.training.sessions.errors import FourEyes
from services.training.sessions.models import TrainingSession
from services.training.sessions.repository import TrainingSessions
from services.training.sessions.service import taught
from services.training.sessions.states import SessionStatus, demand
from services.training.tools.repository import Policies
from services.training.tools.schemas import CompletionRule


async def decide(session: AsyncSession, delegation_id: UUID, *, by: Caller) -> CompletionDecision:
    """Apply the rule of the programme to a group of a delivered session."""
    delegation = await Delegations(session).find(delegation_id)
    if delegation is None:
        raise NotFound()
    await TrainingSessions(session).one_managed_by(delegation.training_session_id, by)
    training_session = await TrainingSessions(session).lock_with(delegation.training_session_id)
    demand(training_session.status, {SessionStatus.DELIVERED}, "DECIDE_COMPLETION")
    if await CompletionDecisions(session).of_delegation(delegation.id) is not None:
        raise CompletionAlreadyDecided()
    assessments = await Assessments(session).of_delegation(delegation.id)
    _demand_distance(training_session, assessments, by)
    programme = await taught(session, training_session)
    rule = CompletionRule.model_validate(programme.completion_rule)
    learners = await _learners(session, training_session, delegation)
    verdict = rules.decide(rule, learners, works.accepted(assessments))
    decision = CompletionDecision(
        id=new_id(),
        delegation_id=delegation.id,
        training_session_id=training_session.id,
        outcome=verdict.outcome,
        inputs=_inputs(rule, training_session, learners, assessments, verdict),
        **_counts(verdict),
        decided_on=clock.today(),
        decided_by=by.sub,
        decided_at=clock.now(),
    )
    return CompletionDecisions(session).add(decision)


def _demand_distance(
    training_session: TrainingSession, assessments: Sequence[Assessment], by: Caller
) -> None:
    """Neither the lead trainer nor an assessor decides on the results of their own work."""
    judges = {row.assessor_sub for row in assessments}
    if by.sub == training_session.lead_trainer_sub or by.sub in judges:
        raise FourEyes()


async def _learners(
    session: AsyncSession, training_session: TrainingSession, delegation: Delegation
) -> list[rules.Learner]:
    slots = await TrainingSessions(session).slots(training_session.id)
    planned = sum(slot.minutes for slot in slots)
    members = [
        member
        for member in await Enrolments(session).of_delegation(delegation.id)
        if member.status in PRESENTABLE
    ]
    seen = await Attendance(session).of_enrolments([member.id for member in members])
    cells = presence.sheet(seen)
    on = (training_session.starts_at or clock.now()).date()
    youth = await Policies(session).youth_age(on)
    return [
        rules.Learner(
            enrolment_id=member.id,
            minutes=presence.total_minutes(cells, member.id),
            minutes_planned=planned,
            is_woman=member.sex is Sex.F,
            is_young=youth.includes(member.birth_year, on),
        )
        for member in members
    ]


def _inputs(
    rule: CompletionRule,
    training_session: TrainingSession,
    learners: Sequence[rules.Learner],
    assessments: Sequence[Assessment],
    verdict: rules.Verdict,
) -> dict[str, Any]:
    completing = {learner.enrolment_id for learner in verdict.completing}
    return {
        "rule": rule.model_dump(mode="json"),
        "is_recorded_late": training_session.is_recorded_late,
        "missing_deliverables": list(verdict.missing_deliverables),
        "deliverables": {
            code: {"assessment_id": str(row.id), "outcome": row.outcome.value}
            for code, row in sorted(works.latest(assessments).items())
        },
        "learners": [
            {
                "enrolment_id": str(learner.enrolment_id),
                "minutes": learner.minutes,
                "minutes_planned": learner.minutes_planned,
                "attended_enough": learner.enrolment_id in completing,
            }
            for learner in learners
        ],
    }


def _counts(verdict: rules.Verdict) -> dict[str, int]:
    return {
        "members_trained": len(verdict.trained),
        "women_trained": sum(learner.is_woman for learner in verdict.trained),
        "youth_trained": sum(learner.is_young for learner in verdict.trained),
    }
