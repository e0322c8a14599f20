"""When a file is due: pure arithmetic over days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from services.registry.desk.states import Stage
from services.registry.working_days.rules import working_day_after, working_days_between

# Holidays are read for so long ahead: no target of ours is longer, closed days included.
HORIZON = timedelta(days=400)
# What a stage asks of whoever holds a file.
SCOPE_OF = {Stage.COMPLETENESS: "filings:review", Stage.DECISION: "filings:decide"}


@dataclass(frozen=True)
class Targets:
    """How long each stage should take, in working days, and the whole, in calendar days."""

    completeness: int
    decision: int
    total: int

    def of(self, stage: Stage) -> int:
        """The target of a stage."""
        return self.completeness if stage == Stage.COMPLETENESS else self.decision


def due_on(since: date, target: int, used: int, closed: Collection[date]) -> date:
    """The day until which a stage should end; whoever waited for a filer has at least a day."""
    return working_day_after(since, max(1, target - used), closed)


def used_by(since: date, today: date, closed: Collection[date]) -> int:
    """Working days that the authority took since its clock began to run."""
    return working_days_between(since, today, closed)


def is_overdue(due: date | None, total_due: date, today: date) -> bool:
    """Whether the authority is late: only while its clock runs (`due` is known)."""
    return due is not None and today > min(due, total_due)
