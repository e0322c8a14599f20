"""wrk, Debian's load generator: cheaper for each request than anything written in Python."""

import json
import resource
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from local.errors import CannotRun

_LUA = """\
local requests = {{}}
{lines}
local at = 0
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\\n{{"answers": %d, "seconds": %.6f, "p50_ms": %.6f, "p99_ms": %.6f, "faults": %d}}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True)
class Blast:
    """What it saw, and what asking cost."""

    answers: int
    seconds: float
    p50_ms: float
    p99_ms: float
    faults: int
    cpu_s: float

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return self.answers / self.seconds


def is_here() -> bool:
    """Whether there is one; the bench has a generator of its own for where there is none."""
    return shutil.which("wrk") is not None


def script(path: Path, requests: Sequence[bytes]) -> Path:
    """A script that sends these requests one after the other, again and again."""
    lines = "\n".join(f"requests[{n}] = {_quoted(one)}" for n, one in enumerate(requests, 1))
    path.write_text(_LUA.format(lines=lines), encoding="utf-8")
    return path


def blast(port: int, script: Path, concurrency: int, seconds: float) -> Blast:
    """Run it in one thread; whatever is not answered well ends the measurement."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = f"-t1 -c{concurrency} -d{max(round(seconds), 1)}s --timeout 30s -s"
    command = ["wrk", *words.split(), str(script), f"http://127.0.0.1:{port}/"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise CannotRun(f"wrk failed: {(done.stderr + done.stdout).strip()[-800:]}")
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seen = Blast(**json.loads(done.stdout.strip().splitlines()[-1]), cpu_s=spent)
    if seen.faults or not seen.answers:
        raise CannotRun(f"{seen.faults} of {seen.answers} answers were bad: {done.stdout[-800:]}")
    return seen


def _quoted(request: bytes) -> str:
    return '"' + "".join(f"\\{byte:03d}" for byte in request) + '"'
