"""What was measured, in words and figures."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field

from bench import cpu
from bench.verdict import HEAD, Goal

_INTRODUCTION = """\
# How fast it is, beside others

`make bench` wrote this page. Contenders take turns in one run on one machine, so only the ratios
mean anything elsewhere; answers a second are told for this machine alone, and it may have been busy
with something else: trust the processor time for each answer (µs) more. Each contender has one
process on one core; PostgreSQL and whoever asks share the other one. pgbench runs the same SQL with
prepared statements in one thread: what it reaches is what PostgreSQL gives, without HTTP, without
JSON, without anybody's rights. The peers are in `bench/peers`, as most people would write them,
behind gunicorn with eight threads and connections that are kept.
"""


@dataclass(frozen=True)
class Part:
    """One kind of request or of size."""

    title: str
    words: str
    lines: list[str]
    goals: list[Goal]


@dataclass
class Report:
    """Everything, in the order in which it was measured."""

    parts: list[Part] = field(default_factory=list)
    load: tuple[float, ...] = field(default_factory=os.getloadavg)

    def add(self, part: Part) -> None:
        """Add a part, and show it."""
        self.parts.append(part)
        print("\n".join(["", part.title, *part.lines]), flush=True)

    @property
    def is_kept(self) -> bool:
        """Whether every promise was kept."""
        return all(goal.is_kept or goal.is_wish for goal in self._goals())

    def _goals(self) -> Iterable[Goal]:
        return (goal for part in self.parts for goal in part.goals)

    def verdicts(self) -> str:
        """Promise by promise."""
        lines = [
            f"{goal.word:<16} {goal.what}: {goal.figure:,.2f}{goal.unit} "
            f"({'at least' if goal.is_least else 'at most'} {goal.bound:g})"
            for goal in self._goals()
        ]
        return "\n".join(["", *lines])

    def text(self) -> str:
        """The page."""
        load = ", ".join(f"{one:.1f}" for one in self.load)
        pieces = [
            _INTRODUCTION,
            f"{cpu.machine()}, Python {platform.python_version()}; the machine's load "
            f"before it began (1, 5, 15 minutes; 0 is a machine of one's own): {load}.\n",
        ]
        for part in self.parts:
            table = "\n".join(part.lines)
            goals = "\n".join([*HEAD, *(goal.line() for goal in part.goals)])
            pieces.append(f"## {part.title}\n\n{part.words}\n\n{table}\n\n{goals}\n")
        return "\n".join(pieces)
