"""`/metrics`: what this process counted, and how its pools and its events are doing just now.

Not for the public: only who connects from one of `metrics_networks` is answered, and nobody who
comes through a proxy, since then everybody would come from there.
"""

import asyncio
import hmac
import ipaddress
import time
from collections.abc import Iterable, Iterator
from typing import Any

from asyncpg import Record
from fastapi import APIRouter, Request
from prometheus_client.metrics_core import Metric
from starlette.responses import Response

from chassis import metrics
from chassis.errors import NotFound
from chassis.metrics import gauge

_FRESH_S = 5.0
_PATIENCE_S = 3.0  # a long backlog takes its time to be counted, and is what we look for
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
# What each consumer has still to hear of us, and since when the oldest of it waits.
_LANES = """
with pending as (
  select l.consumer, count(*) as waiting, min(e.created) as oldest
  from event_lane l join event_log e on e.aggregate = l.aggregate and e.seq = l.head
  where l.due is not null group by 1),
dead as (select consumer, count(*) as lanes from event_lane where dead_at is not null group by 1)
select consumer, coalesce(p.waiting, 0) as waiting, coalesce(d.lanes, 0) as dead,
       coalesce(extract(epoch from statement_timestamp() - p.oldest), 0)::float8 as lag
from unnest($1::text[]) consumer
left join pending p using (consumer) left join dead d using (consumer)
"""
# How long ago each producer last told us that we have heard everything.
_HEARD = """
select producer, extract(epoch from statement_timestamp() - through)::float8 as behind,
       cardinality(blocked) as blocked from peer_heard
"""


class Feed:
    """How far the events are, asked of the database at most every five seconds."""

    def __init__(self) -> None:
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self._lanes: list[Record] = []
        self._heard: list[Record] = []
        self.is_known = False

    async def look(self, app: Any) -> None:
        """Ask again if that was some time ago; a database that does not answer is no hindrance."""
        async with self._asking:
            if time.monotonic() - self._asked_at < _FRESH_S:
                return
            self._asked_at = time.monotonic()
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    await self._ask(app)
            except Exception:  # noqa: BLE001 - whatever is wrong, `events_known 0` says so
                self.is_known = False

    async def _ask(self, app: Any) -> None:
        consumers = app.state.service.consumers
        self._lanes = await app.state.reads.fetch(_LANES, consumers) if consumers else []
        self._heard = await app.state.reads.fetch(_HEARD)
        self.is_known = True

    def metrics(self) -> Iterator[Metric]:
        """What was found; nothing old is told as if it were new."""
        yield gauge(
            "events_known", "1 if the database said how far events are, else 0.", (),
            [((), float(self.is_known))],
        )  # fmt: skip
        if self.is_known:
            yield from _told("consumer", self._lanes, _OUTWARD)
            yield from _told("producer", self._heard, _INWARD)


_OUTWARD = {
    "waiting": ("events_lanes_waiting", "Things of which the consumer has still to hear."),
    "lag": ("events_lag_seconds", "Age of the oldest event that the consumer has not heard."),
    "dead": ("events_dead_lanes", "Things whose events wait for an operator."),
}
_INWARD = {
    "behind": ("events_behind_seconds", "Since when we may not have heard what the producer said."),
    "blocked": ("events_blocked", "Things of which we refuse the events."),
}


def _told(
    label: str, rows: Iterable[Record], names: dict[str, tuple[str, str]]
) -> Iterator[Metric]:
    for column, (name, says) in names.items():
        yield gauge(name, says, (label,), [((row[label],), float(row[column])) for row in rows])


def _pools(state: Any) -> Iterator[Metric]:
    in_use = {**state.reads.figures(), **state.database.figures()}
    for figure, says in (
        ("in_use", "Connections lent out."),
        ("size", "Connections at most."),
        ("waiting", "Who waits for a connection."),
    ):
        values = [((pool,), float(found[figure])) for pool, found in in_use.items()]
        yield gauge(f"db_pool_{figure}", says, ("pool",), values)


router = APIRouter(include_in_schema=False)


@router.get("/metrics")
async def read_metrics(request: Request) -> Response:
    """What this process counted, for Prometheus."""
    app, state = request.app, request.app.state
    if not (_is_near(request) and _brings_token(request)):
        raise NotFound()
    await state.feed.look(app)
    more = [*_pools(state), *state.feed.metrics()]
    for tell in state.gauges:
        more += tell()
    return Response(metrics.page(more), media_type=metrics.CONTENT_TYPE)


def _brings_token(request: Request) -> bool:
    # a proxy on this machine that says nothing of whom it speaks for looks like Prometheus
    token = request.app.state.settings.metrics_token
    if token is None:
        return True
    expected = f"Bearer {token.get_secret_value()}".encode()
    return hmac.compare_digest(request.headers.get("authorization", "").encode(), expected)


def _is_near(request: Request) -> bool:
    if any(name in request.headers for name in _FORWARDED) or request.client is None:
        return False
    try:
        address = ipaddress.ip_address(request.client.host.partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return bool(request.app.state.settings.may_read_metrics(address))
