"""What a type of filing is: what it declares, asks and changes, who files it, and when."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.bodies import Incoming
from services.registry.acts import Changes, Rule, texts_are_plain
from services.registry.cooperatives.states import LIFE, Life, LifeAction
from services.registry.registrations.schemas import MemberWrite
from services.registry.scopes import FILE


def _nobody(_: Any) -> Sequence[MemberWrite]:
    return ()


@dataclass(frozen=True)
class Formality:
    """One type of filing. `life` is what it does to the life of the record (None: nothing, and it
    may come when the record is closed); `people` are the persons that it brings."""

    payload: type[Incoming]
    rules: tuple[Rule, ...]
    changes: Changes
    scope: str = FILE
    life: LifeAction | None = LifeAction.MODIFY
    in_liquidation: bool = False  # it may come while the record is wound up, and leaves it so
    begins: bool = False  # it is about a cooperative that is not there yet
    moves: bool = False  # it may take the record under another authority
    people: Callable[[Any], Sequence[MemberWrite]] = _nobody

    @property
    def asked(self) -> tuple[Rule, ...]:
        """What every filing is asked, and what this type is."""
        return (texts_are_plain, *self.rules)

    def is_open_to(self, life: Life) -> bool:
        """Whether a record at this point of its life may be filed about."""
        action = self.life
        return action is None or self._passes(life) or action in LIFE.allowed(life)

    def leads(self, life: Life) -> Life:
        """Where it leads the life of a record; refused where it is not open to it."""
        if self.life is None or self._passes(life):
            return life
        return LIFE.move(life, self.life)

    def _passes(self, life: Life) -> bool:
        return self.in_liquidation and life == Life.IN_LIQUIDATION
