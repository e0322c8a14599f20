"""A life is a table."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Generic, TypeVar

from chassis.errors import IllegalTransition

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


class Machine(Generic[S, A]):
    """For each action, the states it may start from and the one it leads to."""

    def __init__(self, moves: Mapping[A, tuple[Collection[S], S]]) -> None:
        self.moves = moves

    def allowed(self, now: S) -> list[A]:
        """The actions that may be taken from `now`, in the order of the table."""
        return [action for action, (sources, _) in self.moves.items() if now in sources]

    def move(self, now: S, action: A) -> S:
        """Where `action` leads from `now`; a refused one says what is allowed (409)."""
        sources, target = self.moves[action]
        if now not in sources:
            raise IllegalTransition(
                action=action.value,
                current_status=now.value,
                allowed_actions=self.allowed(now),
            )
        return target
