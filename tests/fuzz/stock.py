"""Requests that must succeed, made when they are needed and used up when they have."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.fuzz.makers import Makers
from tests.fuzz.recipes import RECIPES, Fit


@dataclass
class Stock:
    """At most `most` fresh objects for each operation; afterwards, used ones."""

    makers: Makers
    random: random.Random
    most: int
    made: Counter[str] = field(default_factory=Counter)
    fresh: dict[str, Fit] = field(default_factory=dict)
    used: dict[str, list[Fit]] = field(default_factory=dict)

    def of(self, label: str) -> Fit | None:
        """A request that should succeed now; one that has succeeded before, when none is left."""
        if label not in RECIPES:
            return None
        if self._is_over(label):
            del self.fresh[label]
            self.made[label] -= 1
        if label not in self.fresh:
            if self.made[label] >= self.most:
                return self.random.choice(self.used[label])
            self.fresh[label] = RECIPES[label](self.makers)
            self.made[label] += 1
        return self.fresh[label]

    def _is_over(self, label: str) -> bool:
        fit = self.fresh.get(label)
        return fit is not None and fit.ends_at is not None and fit.ends_at < time.monotonic()

    def is_fresh(self, label: str, fit: Fit) -> bool:
        """Whether nobody has used it yet."""
        return self.fresh.get(label) is fit

    def use_up(self, label: str) -> None:
        """It has succeeded: the next one will be another one."""
        fit = self.fresh.pop(label, None)
        if fit is not None:
            self.used.setdefault(label, []).append(fit)
