"""How much was asked, what was answered, and which operations were never seen to succeed."""

from collections import Counter
from dataclasses import dataclass, field

from tests.fuzz.bend import Bent


@dataclass
class Tally:
    """Counts by operation."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    made_up: Counter[str] = field(default_factory=Counter)  # 2xx with a body that was made up
    foreign: Counter[str] = field(default_factory=Counter)

    def note(self, label: str, status: int, bent: Bent) -> None:
        """One more answer."""
        self.answers[label, status] += 1
        if bent.is_foreign:
            self.foreign[label] += 1
        elif status < 300 and bent.body != "told":
            self.made_up[label] += 1

    @property
    def cases(self) -> int:
        """How many requests were answered."""
        return self.answers.total()

    def good(self, label: str) -> int:
        """How often an operation succeeded."""
        return sum(
            n for (name, status), n in self.answers.items() if name == label and status < 300
        )

    def statuses(self) -> dict[int, int]:
        """How often each status was answered."""
        found: Counter[int] = Counter()
        for (_, status), n in self.answers.items():
            found[status] += n
        return dict(sorted(found.items()))

    def table(self, labels: list[str]) -> str:
        """Operation by operation: answers, successes, successes with a made-up body, strangers."""
        head = f"{'operation':<58}{'cases':>7}{'2xx':>6}{'made up':>9}{'foreign':>9}\n"
        rows = [
            f"{label:<58}{self.asked(label):>7}{self.good(label):>6}"
            f"{self.made_up[label]:>9}{self.foreign[label]:>9}\n"
            for label in labels
        ]
        return head + "".join(rows)

    def asked(self, label: str) -> int:
        """How often an operation was asked."""
        return sum(n for (name, _), n in self.answers.items() if name == label)
