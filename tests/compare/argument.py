"""What may differ, and why: an argument explains facts, and one that explains nothing is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.compare.trial import Facts

_ABSENT = "–"
SEEN = "what the caller sees"


@dataclass(frozen=True)
class Difference:
    """One fact of one shape that is not the same behind both doors."""

    shape: str
    aspect: str
    nginx: str
    gateway: str

    def __str__(self) -> str:
        return f"{self.shape}: {self.aspect}: nginx {self.nginx} | gateway {self.gateway}"


@dataclass
class Argument:
    """Explains the differences that match it; one about what callers see, what follows too."""

    what: str
    nginx: str
    gateway: str
    why: str
    shapes: Sequence[str] = ("*",)
    used: set[str] = field(default_factory=set)

    @property
    def is_outcome(self) -> bool:
        """Whether it is about what callers see."""
        return self.what == SEEN

    def explains(self, found: Difference, outcomes: tuple[str, str], *, is_reached: bool) -> bool:
        """Whether it does; `outcomes` are what callers of both doors saw of that shape."""
        if not any(fnmatchcase(found.shape, shape) for shape in self.shapes):
            return False
        if self.is_outcome:
            follows = not (is_reached and found.aspect.startswith(("forth", "line", "body")))
            seen = all(map(fnmatchcase, outcomes, (self.nginx, self.gateway)))
            return seen and follows
        told = (found.aspect, found.nginx, found.gateway)
        wanted = (self.what, self.nginx, self.gateway)
        return all(fnmatchcase(one, want) for one, want in zip(told, wanted, strict=True))


def differences(shape: str, nginx: Facts, gateway: Facts) -> list[Difference]:
    """Where the facts are not the same."""
    pairs = {
        aspect: (nginx.get(aspect, _ABSENT), gateway.get(aspect, _ABSENT))
        for aspect in sorted(nginx.keys() | gateway.keys())
    }
    return [Difference(shape, aspect, *pair) for aspect, pair in pairs.items() if len({*pair}) > 1]


def unexplained(
    shape: str, nginx: Facts, gateway: Facts, arguments: Sequence[Argument]
) -> list[Difference]:
    """The differences that no argument explains; each argument that does is marked as used."""
    outcomes = tuple(f"{one['answers']}, {one['connection']}" for one in (nginx, gateway))
    is_reached = nginx["requests behind"] == gateway["requests behind"]
    left = []
    for found in differences(shape, nginx, gateway):
        explaining = [
            one
            for one in arguments
            if one.explains(found, (outcomes[0], outcomes[1]), is_reached=is_reached)
        ]
        for one in explaining:
            one.used.add(shape)
        if not explaining:
            left.append(found)
    return left
