"""What tests do in the village, in words."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
from asyncpg import Connection, Record
from fastapi import FastAPI

from chassis.db import Database
from chassis.deliverer import Deliverer
from chassis.reads import Reads, connect
from tests.chassis.village.notes import NoteWrite, amend, write
from tests.town import Identity, Town

_TABLES = "event_log, event_lane, chain_head, chain_link, idempotency, note, promise"
_HEARD = "effect, antidote, doubt, inbox, event_cursor, peer_heard"

_EVENTS = """
insert into event_log (id, aggregate, seq, type, time, data, is_public)
select gen_random_uuid(), 'note/' || $1::text || '-' || lane, seq,
       'sn.mboolo.teller.note.amended.v1', clock_timestamp(),
       jsonb_build_object('title', repeat('x', $4::int), 'version', seq), false
from generate_series(1, $2::int) lane, generate_series(1, $3::int) seq
"""
_LANES = """
insert into event_lane (consumer, aggregate, head, tail, due)
select 'hearer', 'note/' || $1::text || '-' || lane, 1, $3::int, clock_timestamp()
from generate_series(1, $2::int) lane
"""
_SETTLED = """
select bool_and(xid < pg_snapshot_xmin(pg_current_snapshot())) as is_settled from event_log
"""
_WAITING = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock'
"""


@dataclass
class Village:
    """The two services, and the words to make them live."""

    town: Town
    teller: FastAPI
    hearer: FastAPI

    async def sweep(self) -> None:
        """Forget everything."""
        await self.told.fetch(f"truncate {_TABLES} restart identity")
        await self.heard.fetch(f"truncate {_HEARD} restart identity")

    @property
    def told(self) -> Reads:
        """SQL in the teller's database."""
        found: Reads = self.teller.state.reads
        return found

    @property
    def heard(self) -> Reads:
        """SQL in the hearer's database."""
        found: Reads = self.hearer.state.reads
        return found

    @property
    def database(self) -> Database:
        """Transactions of the teller."""
        found: Database = self.teller.state.database
        return found

    def client(self, who: Identity | None = None) -> httpx.AsyncClient:
        """A client of the teller, a writer unless said otherwise."""
        return self.town.client("teller", who or Identity(scope="notes:write"))

    def deliverer(self, **changes: Any) -> Deliverer:
        """A deliverer from the teller to the hearer; `changes` of its settings."""
        settings = self.teller.state.settings.model_copy(update=changes)
        state = self.teller.state
        return Deliverer(settings, "teller", "hearer", reads=self.told, signer=state.signer)

    async def write(self, title: str = "Bon") -> UUID:
        """A note, written and told; its id."""
        async with self.database.transaction() as session:
            note = await write(session, NoteWrite(title=title))
        return note.id

    async def amend(self, id: UUID, title: str = "Mieux") -> None:
        """The note under another title."""
        async with self.database.transaction() as session:
            await amend(session, id, title)

    async def backlog(self, name: str, lanes: int, events: int = 1, size: int = 3) -> None:
        """`events` events of `size` characters in each of `lanes` lanes, `note/<name>-<n>`."""
        await self.told.fetch(_EVENTS, name, lanes, events, size)
        await self.told.fetch(_LANES, name, lanes, events)

    async def heard_of(self, name: str) -> dict[str, int]:
        """How many effects each note whose name begins so has had."""
        rows = await self.heard.fetch(
            "select aggregate, count(*) from effect where aggregate like $1 group by 1",
            f"note/{name}-%",
        )
        return {row["aggregate"]: row["count"] for row in rows}

    async def lane(self, id: UUID) -> Record:
        """The lane of a note."""
        [row] = await self.told.fetch("select * from event_lane where aggregate = $1", f"note/{id}")
        return row

    async def make_due(self) -> None:
        """Let the time pass that lanes wait for."""
        await self.told.fetch(
            "update event_lane set due = clock_timestamp() - interval '1 ms' where due is not null"
        )

    @asynccontextmanager
    async def stranger(self) -> "AsyncIterator[Connection[Record]]":
        """One more connection to the teller's database."""
        connection = await connect(self.teller.state.settings.database_url)
        try:
            yield connection
        finally:
            await connection.close()

    async def until_waiting(self, sessions: int = 1) -> None:
        """Return when as many sessions of the teller's database wait for a lock."""
        for _ in range(3000):
            [row] = await self.told.fetch(_WAITING)
            if row["count"] >= sessions:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nobody waits for a lock")

    async def until_settled(self) -> None:
        """Return when every event lies behind the horizon, which other databases hold back too."""
        for _ in range(6000):
            [row] = await self.told.fetch(_SETTLED)
            if row["is_settled"] is not False:
                return
            await asyncio.sleep(0.01)
        raise AssertionError("somebody keeps a transaction open")

    async def carry(self, steps: int = 1) -> None:
        """Turn the wheel `steps` times, whatever the lanes wait for."""
        for _ in range(steps):
            await self.make_due()
            await self.deliverer().step(self.town_client())

    def town_client(self) -> httpx.AsyncClient:
        """The client with which the teller pushes."""
        found: httpx.AsyncClient = self.teller.state.http
        return found

    async def effects(self, id: UUID) -> list[tuple[int, str]]:
        """What the hearer did about a note, in the order in which it did it."""
        rows = await self.heard.fetch(
            "select seq, title from effect where aggregate = $1 order by id", f"note/{id}"
        )
        return [(row["seq"], row["title"]) for row in rows]
