"""Hear it once: last sequence locked, then duplicate, gap, or effect and inbox, in one commit."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import JSONResponse, Response

from chassis import trace
from chassis.answers import is_passing
from chassis.db import Session
from chassis.errors import Unauthenticated
from chassis.jose import TokenRefused, verify_detached
from chassis.logs import visits
from chassis.sql import run

log = structlog.get_logger()
Heard = Callable[[AsyncSession, "Fact"], Awaitable[None]]

_OPEN = text(
    "insert into event_cursor (producer, aggregate, last_seq)"
    " select :producer, a, 0 from unnest(cast(:aggregates as text[])) a order by a"
    " on conflict do nothing"
)
_LOCK = text(
    "select aggregate, last_seq from event_cursor where producer = :producer"
    " and aggregate = any(cast(:aggregates as text[])) order by aggregate for update"
)
# A constraint that waits for the commit would refuse the whole push instead of one event.
_NOW = text("set constraints all immediate")
_NOTE = text(
    "with noted as (insert into inbox (event_id, producer) values (:id, :producer))"
    " update event_cursor set last_seq = :seq"
    " where producer = :producer and aggregate = :aggregate"
)
_BEAT = text(
    "insert into peer_heard (producer, through, blocked) values (:producer, :through, :blocked)"
    " on conflict (producer) do update set"
    " through = greatest(peer_heard.through, excluded.through), blocked = excluded.blocked"
)


class Fact(BaseModel):
    """An event as it arrives. Unknown members are ignored: a producer may say more later."""

    model_config = ConfigDict(extra="ignore")

    id: str
    type: str
    subject: str
    time: datetime
    resourceversion: int
    data: dict[str, Any]
    traceparent: str | None = None
    skipped: bool = False


class Delivery(BaseModel):
    """One push: up to a hundred lanes of at most ten events, or a heartbeat."""

    model_config = ConfigDict(extra="ignore")

    events: list[Fact]
    heartbeat: dict[str, Any] | None = None


@dataclass
class Outcome:
    """What became of a push, per aggregate."""

    applied: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


async def hear(
    session: AsyncSession, producer: str, events: list[Fact], hears: Mapping[str, Heard]
) -> Outcome:
    """Apply a batch: each aggregate stands alone, a failing one stops only itself."""
    names = sorted({event.subject for event in events})
    scope = {"producer": producer, "aggregates": names}
    await run(session, _OPEN, scope)  # FOR UPDATE on a missing row would lock nothing
    rows = (await run(session, _LOCK, scope)).all()
    outcome = Outcome(applied={row.aggregate: row.last_seq for row in rows})
    for event in sorted(events, key=lambda e: (e.subject, e.resourceversion)):
        await _hear_one(session, producer, event, hears=hears, outcome=outcome)
    return outcome


async def _hear_one(
    session: AsyncSession,
    producer: str,
    event: Fact,
    *,
    hears: Mapping[str, Heard],
    outcome: Outcome,
) -> None:
    last = outcome.applied[event.subject]
    if event.subject in outcome.failed or event.resourceversion <= last:
        return  # behind a failure, or a duplicate
    if event.resourceversion > last + 1:
        outcome.failed[event.subject] = f"gap after {last}"
        return
    if not event.type.startswith(f"sn.mboolo.{producer}."):
        # a peer's signature lets it speak for itself, not for another one
        outcome.failed[event.subject] = "NotTheirs"
        log.error("event_of_another", producer=producer, type=event.type)
        return
    trace.adopt(event.traceparent)
    with trace.hearing(event.type, producer):
        failure = await _try(session, producer, event, hears.get(event.type))
    if failure is None:
        session.info.setdefault("heard", []).append((trace.current(), producer, event))
        outcome.applied[event.subject] = event.resourceversion
    else:
        outcome.failed[event.subject] = failure


async def _try(
    session: AsyncSession, producer: str, event: Fact, effect: Heard | None
) -> str | None:
    try:
        async with session.begin_nested():
            if effect is not None and not event.skipped:
                await effect(session, event)
                await run(session, _NOW, {})
            place = {"aggregate": event.subject, "seq": event.resourceversion}
            await run(session, _NOTE, {"id": event.id, "producer": producer, **place})
    except Exception as error:
        if isinstance(error, OSError) or (isinstance(error, DBAPIError) and is_passing(error)):
            raise  # the whole push is tried again
        why = type(error).__name__
        log.error("event_refused", event_id=event.id, type=event.type, error=why)
        return why
    return None


def say_heard(told: Mapping[Any, Any]) -> None:
    """A line for each event that a transaction heard, now that it has committed."""
    for trace_id, producer, event in told.get("heard", ()):
        names = {"trace_id": trace_id, "producer": producer, "event_id": event.id}
        visits.tell({"event": "heard", **names, "type": event.type, "subject": event.subject})


async def beat(session: AsyncSession, producer: str, heartbeat: Mapping[str, Any]) -> None:
    """Remember how far `producer` says that we have heard."""
    row = {
        "producer": producer,
        "through": datetime.fromisoformat(heartbeat["through"]),
        "blocked": list(heartbeat["blocked"]),
    }
    await run(session, _BEAT, row)


router = APIRouter(prefix="/internal/v1", include_in_schema=False)


@router.post("/events")
async def receive_events(request: Request, session: Session) -> Response:
    """Events pushed by a peer, signed over the body with the peer's own key."""
    if not request.headers.get("x-jws-signature"):
        raise Unauthenticated()  # before anything is read: this address may lie on a public port
    raw = await request.body()
    producer = await _producer(request, raw)
    delivery = Delivery.model_validate_json(raw)
    if delivery.heartbeat is not None:
        await beat(session, producer, delivery.heartbeat)
    outcome = await hear(session, producer, delivery.events, request.app.state.service.hears)
    return JSONResponse({"applied": outcome.applied, "failed": outcome.failed})


async def _producer(request: Request, raw: bytes) -> str:
    claims = {"htm": "POST", "aud": request.app.state.service.name}
    signature = request.headers.get("x-jws-signature", "")
    for name, keys in request.app.state.peer_keys.items():
        try:
            await verify_detached(signature, raw, keys, {**claims, "iss": name})
        except TokenRefused:
            continue
        return str(name)
    log.warning("push_refused", at=int(time.time()))
    raise Unauthenticated(reason="invalid")


@router.get("/jwks")
async def own_keys(request: Request) -> Response:
    """The public keys with which this process signs."""
    return JSONResponse({"keys": request.app.state.keys.public()})
