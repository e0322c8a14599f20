"""The whole town on one machine: PostgreSQL, four databases, four processes, demo accounts."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from time import monotonic, sleep

from local.access import reach
from local.folder import open_folder, sole_town
from local.freshness import is_marked, mark_of, put_mark
from local.health import HOST
from local.keeper import Keeper
from local.members import Member, ensure_key_files, environments
from local.plan import Plan
from local.ports import choose_ports, require_free
from local.postgres import Cluster
from local.roles import Access
from local.servers import Servers

_LOOK_S = 0.2
_TOGETHER = (
    "{names}: the role that serves owns its tables, so that only triggers keep the ledger "
    "append-only; docs/guides/operator.md says how to give them an owner of their own."
)


@dataclass(frozen=True)
class Town:
    """What is asked for, and who lives there."""

    plan: Plan
    members: tuple[Member, ...]

    def up(self) -> None:
        """Start everything, say where it is, and keep it alive until a signal ends it."""
        ports = choose_ports(self.members)
        require_free(self.members, ports)
        with self._prepared(ports, again=False) as (servers, cluster):
            for member in self.members:
                servers.begin(member.name)
            servers.await_ready(ports)
            self._say_where(ports["gateway"], cluster)
            _watch(servers, cluster)

    def prepare(self) -> None:
        """Everything that comes before the servers, then stop what was started for it."""
        with self._prepared(choose_ports(self.members), again=True):
            print("The databases are prepared.", flush=True)

    @contextmanager
    def _prepared(
        self, ports: dict[str, int], *, again: bool
    ) -> Iterator[tuple[Servers, Cluster | None]]:
        folder = open_folder(self.plan.folder)
        with sole_town(folder), self._postgres() as cluster:
            access = asyncio.run(reach(self.plan, cluster))
            told = environments(self.members, folder, ports, access.services)
            ensure_key_files(self.members, told)
            servers = Servers(self.members, told, folder / "logs", access.owners)
            try:
                self._prepare_databases(servers, access, again=again)
                yield servers, cluster
            finally:
                servers.stop()

    def _prepare_databases(self, servers: Servers, access: Access, *, again: bool) -> None:
        if access.together:
            print(_TOGETHER.format(names=", ".join(access.together)), flush=True)
        demo_file = self.plan.folder / "demo.json" if self.plan.demo else None
        has_demo = demo_file is None or demo_file.exists()
        mark = mark_of(self.members, servers.told)
        if again or not has_demo or not asyncio.run(is_marked(access.services.values(), mark)):
            servers.prepare(demo_file)
            asyncio.run(put_mark(access.owners.values(), mark))

    def _postgres(self) -> AbstractContextManager[Cluster | None]:
        if not self.plan.is_embedded:
            return nullcontext()
        print("Starting the embedded PostgreSQL (not for production)", flush=True)
        return Cluster(self.plan.folder).running()

    def _say_where(self, port: int, cluster: Cluster | None) -> None:
        base, folder = f"http://{HOST}:{port}", self.plan.folder
        lines = {
            "API": f"{base}/v1",
            "Documentation": f"{base}/docs",
            "Demo accounts": str(folder / "demo.json")
            if self.plan.demo
            else "none (MBOOLO_DEMO=0)",
            "Logs": str(folder / "logs"),
            "PostgreSQL": f"embedded {cluster.place.version}, not for production"
            if cluster
            else "as named in the environment",
        }
        print("\nMboolo is ready.")
        for name, value in lines.items():
            print(f"  {name:<14} {value}")
        print("Ctrl-C stops it.\n", flush=True)


def _watch(servers: Servers, cluster: Cluster | None) -> None:
    keepers = [Keeper("PostgreSQL", cluster.is_alive, cluster.start)] if cluster else []
    keepers += [
        Keeper(name, partial(servers.is_alive, name), partial(servers.begin, name))
        for name in servers.members
    ]
    while True:
        now = monotonic()
        for keeper in keepers:
            keeper.look(now)
        sleep(_LOOK_S)
