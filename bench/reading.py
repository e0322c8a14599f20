"""Read by id: what anybody asks most, by whoever it is answered."""

import random
from collections.abc import Iterator
from pathlib import Path

from bench import people
from bench.contest import Contender
from bench.pgbench import Client
from bench.stage import Stage
from bench.wire import get
from chassis.keys import KeyFile
from chassis.pages import Cursors
from services.registry.cooperatives import repository

MANY = 4_096  # requests made beforehand: making one costs more than sending it


_ID = f"cast('{people.PREFIX}' || ({people.FIRST} + :n) as uuid)"


def asked(count: int, query: str = "") -> list[bytes]:
    """Reads of cooperatives chosen at random, always the same ones."""
    chosen = random.Random(7).choices(range(count), k=MANY)
    return [get(f"/v1/cooperatives/{people.cooperative_id(n)}{query}") for n in chosen]


def endless(requests: list[bytes]) -> Iterator[bytes]:
    """The same requests again and again."""
    while True:
        yield from requests


def contenders(stage: Stage, count: int) -> list[Contender]:
    """pgbench with the same SQL, the registry in both its ways, and its peers."""
    registry = stage.registry()
    plain, typed = asked(count), asked(count, "?as_of=2026-06-30")
    both = {"drf": stage.peer("bench.peers.drf"), "flask": stage.peer("bench.peers.flask_app")}
    return [
        Contender("pgbench", client=Client(stage.url, _script(stage, count))),
        Contender("ready", registry.pid, registry.port, lambda: endless(plain)),
        Contender("typed", registry.pid, registry.port, lambda: endless(typed)),
        *(
            Contender(name, peer.pid, peer.port, lambda: endless(plain))
            for name, peer in both.items()
        ),
    ]


def pages(made: Stage, count: int) -> list[bytes]:
    """Pages of fifty that begin anywhere."""
    cursors = Cursors(KeyFile(made.folder / "registry.json").secret)
    lots = random.Random(11)
    return [
        get(f"/v1/cooperatives?cursor={_cursor(cursors, lots.randrange(count - 51))}")
        for _ in range(MANY // 8)
    ]


def _cursor(cursors: Cursors, number: int) -> str:
    issued = cursors.issue([str(people.cooperative_id(number))], "/v1/cooperatives?")
    return issued.replace("=", "%3D")


def listings(stage: Stage, count: int) -> list[Contender]:
    """Fifty from anywhere for pgbench and the registry; from the first, which costs least, for the
    peers, whose cursors are their own."""
    registry, asked, first = stage.registry(), pages(stage, count), [get("/v1/cooperatives")]
    both = {"drf": stage.peer("bench.peers.drf"), "flask": stage.peer("bench.peers.flask_app")}
    script = stage.folder / "list.sql"
    sql = repository.list_sql(["after"]).replace("$1", _ID).replace("$2", "51")
    script.write_text(f"\\set n random(0, {count - 52})\n{' '.join(sql.split())};\n", "utf-8")
    return [
        Contender("pgbench", client=Client(stage.url, script)),
        Contender("registry", registry.pid, registry.port, lambda: endless(asked)),
        *(
            Contender(name, peer.pid, peer.port, lambda: endless(first))
            for name, peer in both.items()
        ),
    ]


def _script(stage: Stage, count: int) -> Path:
    sql = repository.DETAIL.replace("$1", _ID).replace("$2::date", "current_date")
    sql = sql.replace("$3::timestamptz", "null::timestamptz")
    path = stage.folder / "read.sql"
    path.write_text(f"\\set n random(0, {count - 1})\n{' '.join(sql.split())};\n", "utf-8")
    return path
