"""A list of many rows on its way into the register: how fast it is read, and in how much memory."""

import asyncio
import http.client
import json
import time
from dataclasses import dataclass
from uuid import uuid4

import asyncpg

from bench import cpu
from bench.doors import Process
from bench.stage import Stage
from local.errors import CannotRun

_COMMUNES = ("Diendé", "Malicounda", "Ndioum", "Koungheul", "Pambal", "Ronkh", "Sibassor")
_PATIENCE_S = 900.0
_ENDED = ("CHECKED", "FAILED")


@dataclass(frozen=True)
class Checked:
    """What it took to check a list."""

    rows: int
    seconds: float
    peak_mb: float
    idle_mb: float


def as_csv(rows: int) -> bytes:
    """Names that look like few others, in seven communes."""
    lines = (f"{n},{_name(n)},{_COMMUNES[n % 7]},{n % 900},0111" for n in range(rows))
    return "\n".join(["id,nom,commune,effectif,secteur", *lines]).encode()


def _name(n: int) -> str:
    return f"Coopérative {n * 2_654_435_761 % 2**32:08x} de {n:06d}"


def check(made: Stage, rows: int) -> Checked:
    """Send a list to a registry that works, and wait until every row is reported on."""
    registry = made.registry(works=True)
    idle = cpu.peak_mb(registry.pid)
    began = time.monotonic()
    id = _sent(made, registry, as_csv(rows))
    asyncio.run(_until_checked(made, id, rows))
    return Checked(rows, time.monotonic() - began, cpu.peak_mb(registry.pid), idle)


def _sent(made: Stage, registry: Process, content: bytes) -> str:
    headers = {
        "Authorization": f"Bearer {made.issuer.token('filings:correct', 'SN')}",
        "Content-Type": "text/csv",
        "Idempotency-Key": uuid4().hex,
    }
    connection = http.client.HTTPConnection("127.0.0.1", registry.port, timeout=60)
    connection.request("POST", "/v1/imports?source=bench", content, headers)
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    if answer.status != 202:
        raise CannotRun(f"The list was not taken: {answer.status} {said[:600]!r}")
    return str(json.loads(said)["id"])


async def _until_checked(made: Stage, id: str, rows: int) -> None:
    connection = await asyncpg.connect(made.superuser_url)
    deadline = time.monotonic() + _PATIENCE_S
    status = ""
    while status not in _ENDED and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        status = await connection.fetchval("select status from import where id = $1::uuid", id)
    known = "select count(*) from import_row where import_id = $1::uuid"
    found = await connection.fetchval(known, id)
    await connection.close()
    if status != "CHECKED" or found != rows:
        raise CannotRun(f"The list is {status}, with {found} rows of {rows}.")
