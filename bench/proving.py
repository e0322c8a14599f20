"""How many links a second the verifier of the ledger checks, on a ledger filled for it.

`python -m bench.proving [lines]`: a PostgreSQL of its own, real migrations, real links, and the
verifier as an operator runs it, in a process of its own; prints one JSON object.
"""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from asyncpg import Connection, Record

from chassis.chain import seal
from chassis.keys import ensure_keys
from chassis.reads import connect
from chassis.serve import prepare
from chassis.vault import ensure_vault
from local.members import ROOT
from local.temporary import temporary_cluster
from services.registry.app import define
from services.registry.settings import RegistrySettings
from services.registry.stream.repository import CHAINS

LINES = 500_000
_FILING = """
insert into filing (id, type, status, organisation_id, payload, path, authority_code,
  arrival_number, created_by, filers, created_at, submitted_at, version)
select uuidv7(), 'REGISTRATION', 'SUBMITTED', 'org-' || n, '{}', array['SN-SE-SD3', 'SN-SE-SD'],
  'SN-SE-SD', format('SN-SE-SD/2026/%s', lpad(n::text, greatest(6, length(n::text)), '0')),
  'user-1', array['user-1'], now(), now(), 1
from generate_series(1, $1::int) n
"""
_LINE = """
insert into ledger (id, authority_code, path, year, number, kind, filing_id, arrival_number,
  formality, declarant, subject, recorded_at)
select uuidv7(), authority_code, path, 2026, right(arrival_number, -14)::int, 'ARRIVAL', id,
  arrival_number, type, organisation_id,
  'Société coopérative simplifiée SCOOPS Jappoo Liggéey de ' || organisation_id, now()
from filing order by arrival_number
"""
_COUNTER = """
insert into counter (name, value) select 'arrival/SN-SE-SD/2026', count(*) from ledger
"""


async def _fill(url: str, lines: int) -> float:
    connection = await connect(url)
    await connection.execute("set statement_timeout = 0")
    await connection.execute("alter table ledger disable trigger user")
    await connection.execute("set mboolo.writes = 'on'")
    await connection.execute(_FILING, lines)
    for sql in (_LINE, _COUNTER):
        await connection.execute(sql)
    began = perf_counter()
    await _link(connection)
    took = perf_counter() - began
    await connection.execute("vacuum analyze")
    await connection.close()
    return lines / took


async def _link(connection: "Connection[Record]") -> None:
    while await seal(connection, CHAINS["ledger"]):
        pass


def measure(lines: int = LINES) -> dict[str, Any]:
    """Links checked a second, and whether all held."""
    with temporary_cluster() as cluster, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ensure_keys(folder / "keys.json", "reg")
        ensure_vault(folder / "vault.json")
        told = {"database_url": cluster.url(), "keys_file": folder / "keys.json"}
        prepared = define(RegistrySettings(**told, vault_file=folder / "vault.json"))  # type: ignore[arg-type]
        for extension in ("pg_trgm", "unaccent", "btree_gist"):
            asyncio.run(_execute(cluster.url(), f"create extension if not exists {extension}"))
        prepare(prepared)
        linked = asyncio.run(_fill(cluster.url(), lines))
        environment = {f"REGISTRY_{key.upper()}": str(value) for key, value in told.items()}
        return {"links": lines, "linked_per_s": round(linked), **_verified(environment, lines)}


async def _execute(url: str, sql: str) -> None:
    connection = await connect(url)
    await connection.execute(sql)
    await connection.close()


def _verified(environment: dict[str, str], lines: int) -> dict[str, Any]:
    before, began = os.times(), perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "services.registry.verify_ledger"],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    took, after = perf_counter() - began, os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    own = re.search(r"([0-9,]+) a second\s*$", done.stdout)
    return {
        "own_per_s": int(own[1].replace(",", "")) if own else 0,
        "seconds": round(took, 2),
        "links_per_s": round(lines / took),
        "python_cpu_us_per_link": round(cpu / lines * 1e6, 1),
        "holds": done.returncode == 0,
        "said": (done.stdout + done.stderr)[-600:].splitlines(),
    }


if __name__ == "__main__":
    asked = int(sys.argv[1]) if len(sys.argv) > 1 else LINES
    sys.stdout.write(json.dumps(measure(asked), indent=1) + "\n")
