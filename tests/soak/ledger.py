"""What the writers were promised, held against what the consumer did."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from asyncpg import Connection, Record

Place = tuple[str, int]  # an aggregate, and a place in its life


@dataclass
class Ledger:
    """Every act, with the answer that was given for it."""

    acked: dict[str, Place] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)

    def note(self, key: str, aggregate: str, version: int) -> None:
        """An act was acknowledged."""
        self.acked[key] = (aggregate, version)


@dataclass(frozen=True)
class Verdict:
    """Counts that must all be zero, beside those that must not."""

    acknowledged: int
    committed: int
    effects: int
    lost: int
    doubled_writes: int
    doubled_effects: int
    inversions: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or out of order."""
        faults = (self.lost, self.doubled_writes, self.doubled_effects, self.inversions)
        return not any(faults) and self.acknowledged == self.committed == self.effects > 0


async def judge(ledger: Ledger, told: "Connection[Record]", heard: "Connection[Record]") -> Verdict:
    """Compare the ledger, the teller's log and the hearer's effects, event by event."""
    log = await told.fetch("select id, aggregate, seq from event_log")
    did = await heard.fetch("select event_id, aggregate, seq from effect order by id")
    committed = {(row["aggregate"], row["seq"]): row["id"] for row in log}
    effects = Counter((row["aggregate"], row["seq"]) for row in did)
    wrong_ids = sum(committed.get((r["aggregate"], r["seq"])) != r["event_id"] for r in did)
    promised = set(ledger.acked.values())
    return Verdict(
        acknowledged=len(ledger.acked),
        committed=len(committed),
        effects=len(did),
        lost=len(promised - effects.keys()) + len(committed.keys() - effects.keys()),
        doubled_writes=len(committed) - len(promised) + len(ledger.acked) - len(promised),
        doubled_effects=len(did) - len(effects) + wrong_ids,
        inversions=_inversions([(row["aggregate"], row["seq"]) for row in did]),
    )


def _inversions(effects: list[Place]) -> int:
    # strict: every effect must be exactly the next one of its aggregate
    last: defaultdict[str, int] = defaultdict(int)
    wrong = 0
    for aggregate, seq in effects:
        wrong += seq != last[aggregate] + 1
        last[aggregate] = seq
    return wrong
