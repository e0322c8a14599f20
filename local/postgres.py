"""Our own PostgreSQL: one child process over one data folder. For trials and tests only."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from signal import SIGINT
from time import monotonic, sleep
from urllib.parse import quote

import asyncpg

from local import children
from local.errors import CannotRun
from local.initdb import SUPERUSER, create_cluster, refusal
from local.leftovers import settle_leftovers
from local.locks import sole_owner
from local.owner import bare_environment
from local.place import Place, settle
from local.record import Record

_START_S = 120.0  # crash recovery replays up to max_wal_size
_ORPHANS_S = 10.0
_STOP_S = 10.0
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "max_connections": "200",
    "jit": "off",
    "track_commit_timestamp": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}


class Cluster:
    """An embedded PostgreSQL in a folder made by `open_folder`; a killed one may start again."""

    def __init__(self, data: Path) -> None:
        self.data = data.absolute()
        self.record = Record(self.data / "postgres.json")
        self.log = self.data / "logs" / "postgres.log"
        self.child: children.Child | None = None

    @cached_property
    def place(self) -> Place:
        """Its programs, its folder, and the user who runs it."""
        return settle(self.data, self.record)

    def url(self, database: str = "postgres", role: str = SUPERUSER) -> str:
        """How `role` connects to `database`, over the unix socket."""
        password = self.record.password(role)
        host = quote(str(self.place.socket_folder()))
        return f"postgresql://{role}:{password}@/{database}?host={host}&port=5432"

    @contextmanager
    def running(self) -> Iterator["Cluster"]:
        """Start it, hold its folder against every other town, and stop it at the end."""
        occupied = f"Process {{pid}} already runs a PostgreSQL in {self.place.home}."
        with sole_owner(self.place.home / "postgres.lock", occupied):
            try:
                self.start()
                yield self
            finally:
                self.stop()

    def start(self) -> None:
        """Start the server, after creating its cluster if need be; return when it answers."""
        create_cluster(self.place, self.record)
        settle_leftovers(self.place.pgdata, self.place.socket_folder())
        deadline = monotonic() + _ORPHANS_S
        while words := self._words_of_failure():
            # Sessions of a killed server notice its death within moments; until then they hold on.
            if "still in use" not in words or monotonic() > deadline:
                raise CannotRun(refusal(words, self.place))
            sleep(0.1)

    def _words_of_failure(self) -> str:
        """Launch the server; what it wrote if it ended instead of answering, else nothing."""
        begun = self.log.stat().st_size if self.log.exists() else 0
        self.child = self._launch()
        deadline = monotonic() + _START_S
        while not self.answers():
            if not self.is_alive():
                return "\n".join(children.last_lines(self.log, begun)) or "error: it said nothing"
            if monotonic() > deadline:
                raise CannotRun(f"PostgreSQL is not ready after {_START_S:.0f} s: see {self.log}.")
            sleep(0.02)
        return ""

    def _launch(self) -> children.Child:
        settings = {**_SETTINGS, "unix_socket_directories": str(self.place.socket_folder())}
        options = [f"--{name}={value}" for name, value in settings.items()]
        return children.start(
            [self.place.binaries / "postgres", "-D", self.place.pgdata, *options],
            log=self.log,
            env=bare_environment(),
            cwd=Path("/"),
            dies_by=SIGINT,  # PostgreSQL's fast shutdown
            owner=self.place.owner,
        )

    def is_alive(self) -> bool:
        """Whether our child lives; a recycled process id or a zombie cannot deceive it."""
        return self.child is not None and self.child.poll() is None

    def answers(self) -> bool:
        """Whether a real connection can be made now."""
        try:
            asyncio.run(_connect(self.url()))
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError):
            return False
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise CannotRun(
                f"{self.record.path} does not hold the password of {self.place.pgdata}: "
                "restore it, or start afresh with make clean."
            ) from error
        return True

    def stop(self) -> None:
        """End the server; its sessions are broken off, what was committed is kept."""
        if self.child is not None:
            children.stop([self.child], by=SIGINT, patience_s=_STOP_S)


async def _connect(url: str) -> None:
    connection = await asyncpg.connect(url, timeout=5)
    with contextlib.suppress(OSError):
        await connection.close(timeout=5)
