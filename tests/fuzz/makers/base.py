"""What every maker needs: somebody to speak, chance, and a memory of what was made."""

import random
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.crew import Crew

Thing = dict[str, Any]
REASON = {"reason": "Les pluies ont coupé la piste."}


@dataclass
class Base:
    """Remembers the ids of all that was made, by kind (the beginning of its address)."""

    crew: Crew
    random: random.Random
    known: dict[str, list[str]] = field(default_factory=dict)

    def note(self, kind: str, made: Thing, key: str = "id") -> Thing:
        """Remember an object under its kind."""
        self.known.setdefault(kind, []).append(str(made[key]))
        return made

    def some(self, kind: str) -> str:
        """The id of an object that was made before, any one."""
        return self.random.choice(self.known[kind])

    def act(self, role: str, path: str, noun: str, body: Any = None) -> Any:
        """An act on a thing in the version that it has now."""
        seen = self.crew.ask(role, "GET", path)
        self.crew.expect(seen, 200)
        headers = {"If-Match": seen.headers["etag"]}
        return self.crew.post(role, f"{path}/{noun}", body or {}, headers=headers)
