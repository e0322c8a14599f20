"""The four processes of the town: prepared, started, waited for, ended."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from signal import SIGTERM
from time import monotonic, sleep

from local import children
from local.errors import CannotRun
from local.health import is_ready
from local.lenders import public_keys_file
from local.members import ROOT, Member

_READY_S = 120.0
_STOP_S = 10.0


class Servers:
    """Runs the members with what each is told; their output goes to `logs/<name>.log`."""

    def __init__(
        self,
        members: Sequence[Member],
        told: Mapping[str, Mapping[str, str]],
        logs: Path,
        owners: Mapping[str, str] | None = None,
    ) -> None:
        self.members = {member.name: member for member in members}
        self.told = told
        self.logs = logs
        self.owners = owners or {}
        self.running: dict[str, children.Child] = {}
        self.begun: dict[str, int] = {}  # how long each log was before

    def begin(self, name: str, *words: str) -> None:
        """Start what `python -m <package> <words>` does; without words, the server."""
        log = self._log(name)
        self.begun[name] = log.stat().st_size if log.exists() else 0
        member = self.members[name]
        env = dict(self.told[name])
        if "prepare" in words and name in self.owners:  # no process that serves is told it
            env[member.variable("OWNER_URL")] = self.owners[name]
        self.running[name] = children.start(member.command(*words), log=log, env=env, cwd=ROOT)

    def _log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def is_alive(self, name: str) -> bool:
        """Whether this process lives."""
        return self.running[name].poll() is None

    def prepare(self, demo_file: Path | None) -> None:
        """Migrate and seed all four at once; then make demo accounts, if a file is named."""
        for name in self.members:
            self.begin(name, "prepare")
        self._finish("gateway")
        if demo_file:
            self.begin("gateway", "accounts", str(demo_file))
        for name in self.members:
            self._finish(name)
        keys = public_keys_file(demo_file) if demo_file else None
        if keys:
            self.begin("financing", "lender-keys", str(keys))
            self._finish("financing")

    def _finish(self, name: str) -> None:
        if self.running[name].wait() != 0:
            raise self._failure(name, "could not prepare its database")

    def _failure(self, name: str, what: str) -> CannotRun:
        log = self._log(name)
        words = children.last_lines(log, self.begun[name])
        telling = [line for line in words if "rror" in line] or words or ["it said nothing"]
        return CannotRun(f"{name} {what}: {telling[-1]} (more in {log})")

    def await_ready(self, ports: Mapping[str, int]) -> None:
        """Return when every process says that it is ready."""
        deadline = monotonic() + _READY_S
        while not all(is_ready(port) for port in ports.values()):
            for name in self.members:
                if not self.is_alive(name):
                    raise self._failure(name, "ended while it was starting")
            if monotonic() > deadline:
                raise CannotRun(f"The town is not ready after {_READY_S:.0f} s: see {self.logs}.")
            sleep(0.05)

    def stop(self) -> None:
        """Let requests under way finish, for at most ten seconds, then end what is left."""
        children.stop(self.running.values(), by=SIGTERM, patience_s=_STOP_S)
