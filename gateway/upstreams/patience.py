"""How long a service is waited for, by class of request; and how it learns of it."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.upstreams.priorities import Priority

Urgency = Literal["DECISIONS", "WRITES", "READS", "BULK"]  # the names of `Priority`
# Milliseconds from now, not an instant: the clocks of two machines need not agree.
DEADLINE = b"x-request-deadline-ms"


class Patience(BaseModel):
    """Seconds: until a connection stands, in which nothing moves, and for all of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    connect_s: float = Field(default=1.25, gt=0, le=10)  # a lost SYN is sent again after 1 s
    read_s: float = Field(default=10.0, gt=0, le=600)
    total_s: float = Field(default=120.0, gt=0, le=7_200)

    def at_most(self, connect_s: float, read_s: float) -> "Patience":
        """The same, but never more patient than this."""
        shorter = {
            "connect_s": min(self.connect_s, connect_s),
            "read_s": min(self.read_s, read_s),
        }
        return self.model_copy(update=shorter)

    def deadline(self, *, is_held: bool) -> bytes:
        """What the service is told. The silence begins when the last byte of the body has gone: of
        a body that still comes only the end of everything is known."""
        seconds = min(self.read_s, self.total_s) if is_held else self.total_s
        return b"%d" % (1_000 * seconds)


# A telephone takes a long answer slowly: only silence ends a read early.
PATIENCE: Mapping[Priority, Patience] = {
    Priority.DECISIONS: Patience(read_s=20, total_s=120),
    Priority.WRITES: Patience(read_s=20, total_s=120),
    Priority.READS: Patience(read_s=10, total_s=120),
    Priority.BULK: Patience(read_s=60, total_s=1_800),
}


def patience_of(changed: Mapping[Urgency, Mapping[str, float]]) -> Mapping[Priority, Patience]:
    """The table above, with what an installation changes in it."""
    return {
        priority: Patience.model_validate(
            {**patience.model_dump(), **changed.get(priority.name, {})}  # type: ignore[call-overload]
        )
        for priority, patience in PATIENCE.items()
    }
