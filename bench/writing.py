"""Filings: begun and submitted here, inserted by the peers."""

from collections import deque
from collections.abc import Iterator
from itertools import count
from uuid import uuid4

import orjson

from bench import people
from bench.contest import Contender
from bench.stage import Stage
from bench.wire import post

_BODIES = 512


def contenders(stage: Stage) -> list[Contender]:
    """A draft, then the submission of what was drafted, then one row by each peer."""
    registry = stage.registry()
    drf, flask = stage.peer("bench.peers.drf"), stage.peer("bench.peers.flask_app")
    bodies = [_body(number) for number in range(_BODIES)]
    drafted: deque[bytes] = deque()
    return [
        Contender(
            "draft",
            registry.pid,
            registry.port,
            lambda: _drafts(stage, bodies),
            keep=drafted.extend,
        ),
        Contender("submission", registry.pid, registry.port, lambda: _submissions(stage, drafted)),
        Contender("drf", drf.pid, drf.port, lambda: _inserts(bodies)),
        Contender("flask", flask.pid, flask.port, lambda: _inserts(bodies)),
    ]


def _body(number: int) -> bytes:
    return orjson.dumps({"type": "REGISTRATION", "payload": people.registration(number)})


def _headers(stage: Stage) -> str:
    return f"Authorization: Bearer {stage.issuer.token('filings:write')}\r\n"


def _key() -> str:
    return f"Idempotency-Key: {uuid4().hex}\r\n"


def _drafts(stage: Stage, bodies: list[bytes]) -> Iterator[bytes]:
    who = _headers(stage)
    for number in count():
        yield post("/v1/filings", bodies[number % _BODIES], who + _key())


def _submissions(stage: Stage, drafted: deque[bytes]) -> Iterator[bytes]:
    who = _headers(stage)
    while drafted:
        yield post(f"{drafted.popleft().decode()}/submissions", b"{}", who + _key())


def _inserts(bodies: list[bytes]) -> Iterator[bytes]:
    for number in count():
        yield post("/v1/filings", bodies[number % _BODIES])
