"""What the assessments of a group say together."""

from collections.abc import Sequence

from services.training.assessments.models import Assessment
from services.training.assessments.schemas import AssessmentOutcome
from services.training.tools.schemas import Module


def is_output_of(modules: Sequence[Module], module_code: str, deliverable_code: str) -> bool:
    """Whether the programme expects this deliverable from this module."""
    return any(m.code == module_code and m.expected_output == deliverable_code for m in modules)


def latest(assessments: Sequence[Assessment]) -> dict[str, Assessment]:
    """For each deliverable its last attempt."""
    return {row.deliverable_code: row for row in sorted(assessments, key=lambda row: row.attempt)}


def accepted(assessments: Sequence[Assessment]) -> set[str]:
    """The deliverables whose last attempt was accepted."""
    found = latest(assessments).items()
    return {code for code, row in found if row.outcome is AssessmentOutcome.ACCEPTED}


def next_attempt(assessments: Sequence[Assessment], deliverable_code: str) -> int:
    """The number of the next look at a deliverable."""
    return 1 + sum(row.deliverable_code == deliverable_code for row in assessments)
