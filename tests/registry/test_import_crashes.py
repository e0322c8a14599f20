"""Processes that die in the middle of an import, and callers who leave in the middle of a file."""

import asyncio
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chassis import vault_file
from chassis.vault_file import VaultRefused
from services.registry.app import define
from services.registry.settings import RegistrySettings
from services.registry.vault.service import Keeper
from tests.chassis.village.homes import drop_database
from tests.registry.import_processes import (
    a_process,
    build_gate,
    count,
    shut_gate,
    until,
    until_somebody_stands_there,
)
from tests.registry.importing import (
    a_decider,
    a_list,
    a_name,
    a_registrar,
    a_source,
    decide,
    finish_work,
    read,
    upload,
)
from tests.registry.people import expect
from tests.registry.test_import_entries import _DOUBLED, _GAPS
from tests.town import Identity, Town, create_database, settle

_ROWS = 1_500
_STAGED = "select count(*) as n from import_row"
_ENTERED = "select count(*) as n from imported_row"
_EVERYWHERE = """
select (select count(*) from filing) as filings, (select count(*) from cooperative) as cooperatives,
  (select count(*) from effect) as effects, (select count(*) from decision) as decisions,
  (select count(*) from cooperative_version) as versions,
  (select count(*) from ledger) / 2 as lines,
  (select count(*) from event_log where aggregate like 'cooperative/%') as events
"""


@pytest.fixture
async def alone(tmp_path: Path) -> AsyncIterator[Town]:
    """A registry with a database of its own, in which nobody else works."""
    name = f"t_imports_{uuid4().hex[:8]}_{os.getpid()}"
    town = Town(tmp_path)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(
            settle(town, define, RegistrySettings, await create_database(name))
        )
        yield town
    await drop_database(name)


async def killed_in_the_middle(town: Town, sql: str) -> int:
    """Let a real process work as far as the gate, and no farther; how much was done."""
    async with shut_gate(town):
        with a_process(town) as process:
            await until_somebody_stands_there(town)
            process.send_signal(signal.SIGKILL)
        return await count(town, sql)


async def killed_later(town: Town, sql: str, least: int) -> None:
    """Let a real process work until so much is done."""
    with a_process(town) as process:
        await until(town, sql, least)
        process.send_signal(signal.SIGKILL)


@pytest.mark.parametrize("mode", ["PARTIAL", "ATOMIC"])
async def test_kill_9_in_the_middle_loses_and_doubles_nothing(alone: Town, mode: str) -> None:
    who, query = a_registrar(), f"mode={mode}&source={a_source()}"
    content = a_list(*((a_name(), "Diendé") for _ in range(_ROWS)))
    made = expect(await upload(alone, who, content, query=query), 202)
    await build_gate(alone, "import_row", "imported_row", after=_ROWS // 3)
    staged = await killed_in_the_middle(alone, _STAGED)
    assert 0 < staged < _ROWS, "it was killed in the middle"
    await killed_later(alone, _STAGED, _ROWS // 2)
    with a_process(alone):
        await until(alone, _STAGED, _ROWS)
        await until(alone, "select count(*) as n from import where status = 'CHECKED'", 1)
    made = await read(alone, who, f"/v1/imports/{made['id']}")
    assert made["counts"]["READY"] == _ROWS
    expect(await decide(alone, a_decider(), made), 201)
    entered = await killed_in_the_middle(alone, _ENTERED)
    if mode == "PARTIAL":
        assert 0 < entered < _ROWS, "it was killed in the middle"
    else:
        assert entered == 0, "all or nothing, and it was nothing"
    with a_process(alone):
        await until(alone, "select count(*) as n from import where status = 'APPLIED'", 1)
    await _is_whole(alone)


async def _is_whole(town: Town) -> None:
    reads = town.apps["registry"].state.reads
    [found] = await reads.fetch(_EVERYWHERE)
    assert set(dict(found).values()) == {_ROWS}, dict(found)
    assert await reads.fetch(_DOUBLED) == []
    assert await reads.fetch(_GAPS) == []


async def test_a_connection_that_is_cut_leaves_nothing(
    alone: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The body stops half-way: no import, no piece, no answer under the key, no file."""
    who, key = a_registrar(), uuid4().hex
    (folder := tmp_path / "uploads").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))  # others upload at the same time
    await _leave_half_way(alone, who, key)
    for table in ("import", "import_piece", "operation", "idempotency"):
        assert await count(alone, f"select count(*) as n from {table}") == 0
    assert [*folder.iterdir()] == []
    made = await _send(alone, who, key, b"nom,commune\nJappoo,Diend\xc3\xa9\n")
    await finish_work(alone)
    assert (await read(alone, who, f"/v1/imports/{made['id']}"))["counts"]["READY"] == 1


async def _leave_half_way(town: Town, who: Identity, key: str) -> None:
    """What the server tells the application when the caller is gone."""
    pieces = iter([b"nom,commune\n" + b"Jappoo,Diende\n" * 10_000, None])
    headers = {
        "authorization": f"Bearer {town.token(who, 'registry')}",
        "content-type": "text/csv",
        "content-length": "10000000",
        "idempotency-key": key,
    }

    async def receive() -> dict[str, Any]:
        piece = next(pieces)
        if piece is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(_: Any) -> None:
        """Nobody listens."""

    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/v1/imports", "raw_path": b"/v1/imports", "root_path": "", "query_string": b"",
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("registry", 80),
    }  # fmt: skip
    await town.apps["registry"](scope, receive, send)


async def _send(town: Town, who: Identity, key: str, content: bytes) -> dict[str, Any]:
    async with town.client("registry", who) as client:
        headers = {"Content-Type": "text/csv", "Idempotency-Key": key}
        answer = await client.post("/v1/imports", content=content, headers=headers)
        return expect(answer, 202)


async def test_the_keys_of_the_vault_may_change_while_a_file_waits(
    alone: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault_file, "SETTLED_AFTER", timedelta(seconds=2))
    who, app = a_registrar(), alone.apps["registry"]
    made = expect(await upload(alone, who, a_list((a_name(), "Diendé"))), 202)
    keeper = Keeper(app.state.database, app.state.settings.vault_file)
    old = keeper.vault.current
    await keeper.do(["rotate"])
    await asyncio.sleep(2.1)  # until every process noticed
    with pytest.raises(VaultRefused, match="rows still need"):
        await keeper.do(["drop", old])
    await keeper.do(["rewrap"])
    assert await keeper.do(["drop", old]) == [f"{old} is destroyed"]
    await finish_work(alone)
    assert (await read(alone, who, f"/v1/imports/{made['id']}"))["counts"]["READY"] == 1
