"""Real registries on the database of a test, which do the work on imports, and a gate at which they
stand still in the middle of it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tests.town import Town

_GATE = 41
_MAKE_GATE = f"""
create function gate() returns trigger language plpgsql as $$
declare here bigint;
begin
  execute format('select count(*) from %I', tg_table_name) into here;
  if here >= {{after}} then
    perform pg_advisory_lock_shared({_GATE});
    perform pg_advisory_unlock_shared({_GATE});
  end if;
  return new;
end $$;
"""
_AT_THE_GATE = f"""
select count(*) as n from pg_locks where not granted and locktype = 'advisory'
  and objid = {_GATE} and objsubid = 1
  and database = (select oid from pg_database where datname = current_database())
"""
_PEERS = ("gateway", "training", "financing")  # nobody listens there


@contextmanager
def a_process(town: Town) -> Iterator["subprocess.Popen[bytes]"]:
    """A real registry on the same database, which does the work."""
    settings = town.apps["registry"].state.settings
    told = {
        "REGISTRY_DATABASE_URL": settings.database_url,
        "REGISTRY_KEYS_FILE": str(settings.keys_file),
        "REGISTRY_VAULT_FILE": str(settings.vault_file),
        "REGISTRY_PORT": "0",
        "REGISTRY_ENVIRONMENT": "test",
        "REGISTRY_PEERS": json.dumps(dict.fromkeys(_PEERS, "http://127.0.0.1:9")),
    }
    with (town.folder / "process.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.registry"],
            env={**os.environ, **told},
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def build_gate(town: Town, *tables: str, after: int) -> None:
    """Whoever writes more than so many rows of one of these tables passes a gate, which is open."""
    async with town.owner("registry") as owner:
        await owner.execute(_MAKE_GATE.format(after=after))
        for table in tables:
            await owner.execute(
                f"create trigger gate before insert on {table} for each row execute function gate()"
            )


@asynccontextmanager
async def shut_gate(town: Town) -> AsyncIterator[None]:
    """The gate is shut while the block runs."""
    async with town.owner("registry") as owner:
        await owner.execute(f"select pg_advisory_lock({_GATE})")
        yield


async def until_somebody_stands_there(town: Town) -> None:
    """Wait until somebody has come as far as the gate, and no farther."""
    await until(town, _AT_THE_GATE, 1)


async def count(town: Town, sql: str) -> int:
    """The number that a statement counts."""
    return int((await town.apps["registry"].state.reads.fetch(sql))[0]["n"])


async def until(town: Town, sql: str, least: int, *, patience_s: float = 120) -> int:
    """Wait until a count is so high; what it was then."""
    for _ in range(int(patience_s * 20)):
        if (n := await count(town, sql)) >= least:
            return n
        await asyncio.sleep(0.05)
    raise AssertionError((town.folder / "process.log").read_text()[-3_000:])
