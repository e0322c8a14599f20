"""Carries events to those who hear them: claim, push, acknowledge; any number of copies.

A claim *leases* due lanes (it moves `due` forward) instead of holding row locks over the push: a
lock held over HTTP would pin a connection, block writers and stall the public stream's horizon.
After a crash the leased lanes wait for the lease; the redelivery is absorbed by the consumer.
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import structlog
from asyncpg import Record

from chassis import trace
from chassis.db import Database
from chassis.envelopes import envelope
from chassis.http import Addresses
from chassis.jose import Signer
from chassis.lanes import ACK, CLAIM, HEARTBEAT, NACK, NACK_AWAY
from chassis.reads import Reads
from chassis.settings import Settings

log = structlog.get_logger()
POLL_S = 0.25
_FULL_BYTES = 700_000  # below the consumer's limit of a body, with room for one more event


class Deliverer:
    """Delivers to one consumer until cancelled."""

    def __init__(
        self, settings: Settings, source: str, consumer: str, *, reads: Reads, signer: Signer
    ) -> None:
        self.settings = settings
        self.source = source
        self.consumer = consumer
        self.reads = reads
        self.signer = signer
        self.addresses = Addresses(settings.addresses_of(consumer))
        self.bell = asyncio.Event()
        self._beaten_at = float("-inf")

    async def run(self, database: Database, client: httpx.AsyncClient) -> None:
        """Claim, push, acknowledge, for ever; whatever fails is tried again."""
        database.bells.append(self.bell)
        while True:
            trace.begin()
            try:
                moved = await self.step(client)
            except Exception as error:  # noqa: BLE001 - ending here would silence us for ever
                log.warning("deliverer_waits", consumer=self.consumer, error=type(error).__name__)
                moved = False
                await asyncio.sleep(1)
            if not moved:
                await self._rest()

    async def step(self, client: httpx.AsyncClient) -> bool:
        """One heartbeat if it is time, and one batch; True when events moved."""
        self.bell.clear()
        await self._heartbeat(client)
        rows = await self.reads.fetch(CLAIM, self.consumer, self.settings.event_lease_s)
        if not rows:
            return False
        sent = _fitting([self._event(row) for row in rows])
        answer = await self._push(client, sent, None)
        await self._settle(rows[: len(sent)], answer)
        return bool(answer.get("applied"))

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self.bell.wait(), POLL_S)
        except TimeoutError:
            return

    async def _heartbeat(self, client: httpx.AsyncClient) -> None:
        if time.monotonic() - self._beaten_at < self.settings.heartbeat_s:
            return
        self._beaten_at = time.monotonic()
        row = await self.reads.fetchrow(HEARTBEAT, self.consumer)
        if row is not None:
            beat = {"through": row["through"].isoformat(), "blocked": row["blocked"]}
            await self._push(client, [], beat)

    def _event(self, row: Record) -> dict[str, Any]:
        event = envelope(self.source, row)
        if row["traceparent"]:
            event["traceparent"] = row["traceparent"]
        return {**event, "skipped": True} if row["seq"] in row["skips"] else event

    async def _push(
        self, client: httpx.AsyncClient, events: list[Any], heartbeat: Any
    ) -> Mapping[str, Any]:
        body = json.dumps({"events": events, "heartbeat": heartbeat}).encode()
        claims = {"iat": int(time.time()), "htm": "POST", "aud": self.consumer, "iss": self.source}
        headers = {
            "content-type": "application/json",
            "x-jws-signature": self.signer.detached(body, claims),
        }
        headers |= _trace_of(events)
        try:
            answer = await self.addresses.ask(
                lambda url: client.post(
                    f"{url}/internal/v1/events",
                    content=body,
                    headers=headers,
                    timeout=self.settings.event_timeout_s,
                )
            )
            if answer.status_code == 200:
                return dict(answer.json())
            return {"refused": f"HTTP {answer.status_code}"}
        except (httpx.HTTPError, ValueError, OSError) as error:
            return {"refused": type(error).__name__}

    async def _settle(self, rows: Sequence[Record], answer: Mapping[str, Any]) -> None:
        applied = {str(k): int(v) for k, v in (answer.get("applied") or {}).items()}
        failed = dict(answer.get("failed") or {})
        if "refused" in answer:  # the consumer is away: everything waits, nothing is to blame
            failed = {row["aggregate"]: answer["refused"] for row in rows}
        async with self.reads.connection() as connection, connection.transaction():
            if applied:
                names = sorted(applied)
                await connection.execute(ACK, self.consumer, names, [applied[n] for n in names])
            if failed:
                await self._nack(connection, failed, is_away="refused" in answer)

    async def _nack(self, connection: Any, failed: Mapping[str, str], *, is_away: bool) -> None:
        names = sorted(failed)
        sql = NACK_AWAY if is_away else NACK
        dead = await connection.fetch(sql, self.consumer, names, [failed[n] for n in names])
        for row in dead:
            if row["dead_at"] is not None:
                log.error("dead_letter", consumer=self.consumer, aggregate=row["aggregate"])


def _trace_of(events: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    # events of several traces may travel together: each names its own, the push none
    traces = {event.get("traceparent") or "" for event in events}
    one = traces.pop() if len({text[3:35] for text in traces}) == 1 else ""
    return {"traceparent": one} if one else {}


def _fitting(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # what does not fit waits for the lease; its lane is then at the front
    size = 0
    for count, event in enumerate(events):
        size += len(json.dumps(event))
        if size > _FULL_BYTES and count:
            return events[:count]
    return events
