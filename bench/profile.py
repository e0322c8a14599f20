"""Where the gateway's time goes: py-spy looks at it from outside while it works."""

import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from local.members import ROOT

_SECONDS = 6
_RATE = 250
_MOST = 12
_FRAME = re.compile(r"(?P<name>\S+) \((?P<file>[^:)]+)(?::\d+)?\)")


@dataclass
class Profile:
    """How many of the looks found the process in which function."""

    found: Counter[str] = field(default_factory=Counter)
    why_not: str = ""

    @classmethod
    def of(cls, pid: int, busy: Callable[[float], None]) -> "Profile":
        """Look at a process while `busy` keeps it so."""
        program = ROOT / "bench/.venv/bin/py-spy"
        spy = str(program) if program.exists() else shutil.which("py-spy")
        if spy is None:
            return cls(why_not="there is no py-spy")
        asking = threading.Thread(target=busy, args=[_SECONDS + 2.0])
        asking.start()
        with TemporaryDirectory() as folder:
            file = Path(folder) / "stacks"
            words = f"record -p {pid} -d {_SECONDS} -r {_RATE} -f raw -o"
            done = subprocess.run(
                [spy, *words.split(), str(file)], capture_output=True, text=True, check=False
            )
            stacks = file.read_text(encoding="utf-8") if file.exists() else ""
        asking.join()
        if not stacks:
            return cls(why_not=f"py-spy could not look: {done.stderr.strip()[-200:]}")
        return cls(_innermost(stacks))

    def lines(self) -> Iterator[str]:
        """As Markdown."""
        if self.why_not:
            yield from ("", f"No profile: {self.why_not}.")
            return
        whole = sum(self.found.values())
        yield from ("", f"Where its time goes (py-spy, {whole:,} looks, the innermost function):")
        yield from ("", "| function | share |", "|---|--:|")
        for name, count in self.found.most_common(_MOST):
            yield f"| `{name}` | {count / whole:.0%} |"


def _innermost(stacks: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for line in stacks.splitlines():
        stack, _, count = line.rpartition(" ")
        frame = _FRAME.fullmatch(stack.rpartition(";")[2])
        if frame:
            found[f"{_short(frame['file'])}: {frame['name']}"] += int(count)
    return found


def _short(file: str) -> str:
    return file.removeprefix(f"{ROOT}/").rpartition("site-packages/")[2].removeprefix(sys.prefix)
