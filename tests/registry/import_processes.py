"""Real registries on the database of a test, which do the work on imports."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.town import Town

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


async def count(town: Town, sql: str) -> int:
    """The number that a statement counts."""
    return int((await town.apps["registry"].state.reads.fetch(sql))[0]["n"])


async def until(town: Town, sql: str, least: int, *, patience_s: float = 60) -> int:
    """Wait until a count is so high; what it was then."""
    for _ in range(int(patience_s * 20)):
        if (n := await count(town, sql)) >= least:
            return n
        await asyncio.sleep(0.05)
    raise AssertionError((town.folder / "process.log").read_text()[-3_000:])
