"""Processor time of processes, from /proc, and who runs on which core."""

import os
from pathlib import Path

_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))
# What is measured has a core to itself; whoever asks, and PostgreSQL, share the other one.
OF_THE_MEASURED, OF_THE_REST = {CORES[0]}, {CORES[-1]}


def seconds(pids: list[int]) -> float:
    """User and system time of these processes until now, with their ended children."""
    return sum(_seconds(pid) for pid in pids)


def _seconds(pid: int) -> float:
    try:
        words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(int(word) for word in words[11:15]) * _TICK_S


def family(pid: int) -> list[int]:
    """A process with all its descendants."""
    found, parents = [pid], _parents()
    for known in found:
        found += [child for child, parent in parents.items() if parent == known]
    return found


def _parents() -> dict[int, int]:
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text(encoding="ascii", errors="replace")
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents[int(entry.name)] = int(text.rpartition(")")[2].split()[1])
    return parents


def pin(pid: int, cores: set[int]) -> None:
    """Let a process and its threads run on these cores alone."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(thread.name), cores)


def unpinned() -> None:
    """Let the process that begins run anywhere."""
    os.sched_setaffinity(0, CORES)


def machine() -> str:
    """What this ran on, in a line."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{len(CORES)} cores, {model}, {pages / 2**30:.0f} GiB, Linux {os.uname().release}"


def peak_mb(pid: int) -> float:
    """The most memory that a process has had, in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024
