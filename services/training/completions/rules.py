"""Whether a group has completed: the versioned rule of its programme, applied to what is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services.training.completions.schemas import CompletionOutcome
from services.training.tools.schemas import CompletionRule


@dataclass(frozen=True)
class Learner:
    """One member's part in a session."""

    enrolment_id: UUID
    minutes: int
    minutes_planned: int
    is_woman: bool
    is_young: bool

    def attended_enough(self, rule: CompletionRule) -> bool:
        """Compared as whole numbers: nobody is rounded over the threshold."""
        wanted = Decimal(rule.min_attendance_percent) * self.minutes_planned
        return self.minutes_planned > 0 and self.minutes * 100 >= wanted


@dataclass(frozen=True)
class Verdict:
    """What the rule says, and who has completed."""

    outcome: CompletionOutcome
    missing_deliverables: tuple[str, ...]
    completing: tuple[Learner, ...]

    @property
    def trained(self) -> tuple[Learner, ...]:
        """Those who count as trained: the completing members of a group that achieved."""
        return self.completing if self.outcome is CompletionOutcome.ACHIEVED else ()


def decide(rule: CompletionRule, learners: Sequence[Learner], accepted: set[str]) -> Verdict:
    """ACHIEVED when every deliverable is accepted and enough members attended enough;
    PARTICIPATED when anybody was there at all; NOT_MET otherwise."""
    missing = tuple(code for code in rule.deliverables if code not in accepted)
    completing = tuple(learner for learner in learners if learner.attended_enough(rule))
    if not missing and len(completing) >= rule.min_members_completing:
        outcome = CompletionOutcome.ACHIEVED
    elif any(learner.minutes for learner in learners):
        outcome = CompletionOutcome.PARTICIPATED
    else:
        outcome = CompletionOutcome.NOT_MET
    return Verdict(outcome, missing, completing)
