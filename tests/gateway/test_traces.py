"""Whose trace is continued at the edge: a known caller's; a stranger's is only named."""

import io
import json
from collections.abc import Iterator

import httpx
import pytest

from chassis import logs
from tests.gateway.world import Gateway, Recorder

ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SENT = {"traceparent": f"00-{ID}-00f067aa0ba902b7-01", "tracestate": "congo=t61,rojo=1"}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    logs.visits.flush()
    logs.visits.out = io.StringIO()
    yield logs.visits.out
    logs.visits.out = None


def line_of(written: io.StringIO, request_id: str) -> dict[str, str]:
    logs.visits.flush()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    [found] = [line for line in lines if line["request_id"] == request_id]
    return dict(found)


async def test_the_trace_of_a_known_caller_goes_on_with_its_state(
    gateway: Gateway, client: httpx.AsyncClient, registry: Recorder, written: io.StringIO
) -> None:
    told = SENT | await gateway.bearer("registrar") | {"X-Request-Id": "known.1"}
    await client.get("/v1/cooperatives/known", headers=told)
    seen = registry.last("/v1/cooperatives/known")
    assert (seen.header(b"traceparent") or b"").decode()[3:35] == ID
    assert seen.header(b"tracestate") == b"congo=t61,rojo=1"
    line = line_of(written, "known.1")
    assert (line["trace_id"], line["route"]) == (ID, "/v1/cooperatives")
    assert "linked" not in line
    await client.get("/v1/me", headers=told | {"X-Request-Id": "known.2"})
    assert line_of(written, "known.2")["trace_id"] == ID


@pytest.mark.parametrize("token", [None, "Bearer forged"])
async def test_the_trace_of_a_stranger_begins_here_and_is_linked(
    client: httpx.AsyncClient, registry: Recorder, written: io.StringIO, token: str | None
) -> None:
    told = SENT | {"X-Request-Id": "stranger.1"} | ({"Authorization": token} if token else {})
    answer = await client.get("/v1/cooperatives/strange", headers=told)
    line = line_of(written, "stranger.1")
    assert line["trace_id"] != ID
    assert line["linked"] == ID
    if token:
        assert answer.json()["trace_id"] == line["trace_id"]
        return
    seen = registry.last("/v1/cooperatives/strange")
    assert (seen.header(b"traceparent") or b"").decode()[3:35] == line["trace_id"]
    assert seen.header(b"tracestate") is None


@pytest.mark.parametrize("sent", ["x", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{ID}"])
async def test_a_malformed_trace_begins_anew_whoever_sends_it(
    gateway: Gateway, client: httpx.AsyncClient, registry: Recorder, written: io.StringIO, sent: str
) -> None:
    told = {"traceparent": sent, "tracestate": "a=1", "X-Request-Id": "odd.1"}
    await client.get("/v1/cooperatives/odd", headers=told | await gateway.bearer("registrar"))
    seen = registry.last("/v1/cooperatives/odd")
    line = line_of(written, "odd.1")
    assert (seen.header(b"traceparent") or b"").decode()[3:35] == line["trace_id"]
    assert seen.header(b"tracestate") is None
    assert "linked" not in line
