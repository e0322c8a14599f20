"""One trace from caller to consumer; and every line is JSON that says which one."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import structlog

from chassis import logs, trace
from chassis.deliverer import _trace_of
from chassis.timers import Timer, keep_time
from tests.chassis.village.life import Village

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SENT = f"00-{ID}-{SPAN}-01"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    before, lines = structlog.get_config()["logger_factory"], io.StringIO()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=lines))
    logs.visits.out = lines
    yield lines
    logs.visits.out = None
    structlog.configure(logger_factory=before)


def read(lines: io.StringIO, event: str) -> list[dict[str, Any]]:
    logs.visits.flush()
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert all("trace_id" in line for line in found)
    return [line for line in found if line["event"] == event]


@pytest.mark.parametrize(
    "sent",
    [
        SENT,
        f"00-{ID}-{SPAN}-00",
        f"00-{ID}-{SPAN}-ff",
        f"01-{ID}-{SPAN}-01",
        f"cc-{ID}-{SPAN}-01-more",
    ],
)
def test_a_well_formed_parent_is_understood(sent: str) -> None:
    assert trace.told(sent) == trace.Trace(ID, "", SPAN)


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "",
        "x",
        SENT.upper(),
        f" {SENT}",
        f"{SENT}\n",
        f"{SENT}-more",
        f"{SENT},{SENT}",
        f"ff-{ID}-{SPAN}-01",
        f"01-{ID}-{SPAN}-01more",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{ID}-{'0' * 16}-01",
        f"00-{ID[1:]}-{SPAN}-01",
        f"00-{ID}-{SPAN}-1",
        f"00-{ID}-{SPAN}-0g",
    ],
)
def test_a_malformed_parent_begins_anew(sent: str | None) -> None:
    assert trace.told(sent, "vendor=1") is None
    assert trace.read(sent) != ID
    assert len(trace.adopt(sent)) == 32


@pytest.mark.parametrize(
    ("state", "kept"),
    [("congo=t61,rojo=00f0", True), (None, False), ("a=1\r\nx: y", False), ("é=1", False),
     ("a=" + "1" * 511, False)],
)  # fmt: skip
def test_a_state_goes_with_its_parent_if_it_is_one(state: str | None, kept: bool) -> None:
    trace.begin(trace.told(SENT, state))
    headers = dict(trace.trace_headers())
    assert headers[b"traceparent"].startswith(f"00-{ID}-".encode())
    assert (b"tracestate" in headers) is kept
    trace.begin()
    assert ID.encode() not in dict(trace.trace_headers())[b"traceparent"]
    assert b"tracestate" not in dict(trace.trace_headers())


async def test_the_consumer_says_what_it_heard_in_the_same_trace(
    village: Village, written: io.StringIO
) -> None:
    headers = {"traceparent": SENT}
    async with village.client() as client:
        made = await client.post("/v1/notes", json={"title": "Bon"}, headers=headers)
    id = UUID(made.json()["id"])
    await village.deliverer().step(village.teller.state.http)
    assert await village.effects(id) == [(1, "Bon")]
    lines = {line["route"]: line for line in read(written, "request") if line["trace_id"] == ID}
    # the teller's line, and that of the push which the hearer answered
    assert lines.keys() == {"/v1/notes", "/internal/v1/events"}
    [heard] = read(written, "heard")
    assert (heard["trace_id"], heard["producer"], heard["subject"]) == (ID, "teller", f"note/{id}")
    [row] = await village.told.fetch("select * from event_log")
    assert row["traceparent"][3:35] == ID


async def test_what_was_not_committed_was_not_heard(village: Village, written: io.StringIO) -> None:
    id = await village.write()
    await village.heard.fetch("alter table inbox rename to inbox_away")
    await village.deliverer().step(village.teller.state.http)
    await village.heard.fetch("alter table inbox_away rename to inbox")
    assert read(written, "heard") == []
    assert await village.effects(id) == []


async def test_a_push_names_a_trace_only_if_all_its_events_are_of_one() -> None:
    one, again = {"traceparent": SENT}, {"traceparent": f"00-{ID}-{'1' * 16}-01"}
    other = {"traceparent": f"00-{'ab' * 16}-{SPAN}-01"}
    assert _trace_of([one, again])["traceparent"][3:35] == ID
    mixed: list[list[dict[str, str]]] = [[], [one, other], [one, {}], [{}]]
    assert [_trace_of(events) for events in mixed] == [{}] * 4


async def test_what_time_brings_has_a_trace_of_its_own_each_time() -> None:
    seen: list[str] = []

    async def act(_: Any) -> int:
        seen.append(trace.current())
        if len(seen) == 3:
            raise KeyboardInterrupt
        return 1

    with pytest.raises(KeyboardInterrupt):
        await keep_time(Timer("ticks", 1, act), None)
    assert len(set(seen)) == 3


async def test_a_line_says_its_trace_without_being_told(
    village: Village, written: io.StringIO
) -> None:
    async with village.client() as client:
        answer = await client.get("/v1/crashes", headers={"traceparent": SENT})
    assert answer.status_code == 500
    assert [line["trace_id"] for line in read(written, "crashed")] == [ID]
    trace.begin(trace.told(SENT))
    structlog.get_logger().warning("a_line")
    assert [line["trace_id"] for line in read(written, "a_line")] == [ID]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What goes to standard output; afterwards the log goes where it went before."""
    with monkeypatch.context() as changed:
        heard = io.StringIO()
        changed.setattr(sys, "stdout", heard)
        logs.configure("test")
        yield heard
    logs.configure("test")
    logging.captureWarnings(capture=False)


def test_what_libraries_say_is_json_too_and_masked(printed: io.StringIO) -> None:
    trace.begin(trace.told(SENT))
    library = logging.getLogger("asyncio")
    try:
        raise ValueError("call 771234567 about 2771234567890")
    except ValueError:
        library.error("Task of %s\nwas never retrieved", "awa@example.sn", exc_info=True)
    logging.getLogger("py.warnings").warning("an old way")
    said = [json.loads(line) for line in printed.getvalue().splitlines()]
    assert [(line["logger"], line["trace_id"]) for line in said] == [
        ("asyncio", ID),
        ("py.warnings", ID),
    ]
    assert (said[0]["error"], said[0]["at"].partition(":")[0]) == ("ValueError", "test_traces.py")
    assert said[0]["event"] == "Task of [masked]\nwas never retrieved"
    assert "1234567" not in json.dumps(said)


@pytest.mark.parametrize("twice", [[SENT, SENT], [SENT, "x"]])
async def test_two_parents_are_none(village: Village, twice: list[str]) -> None:
    headers = [("traceparent", value) for value in twice]
    async with village.client() as client:
        request = client.build_request("GET", "/nowhere", headers=httpx.Headers(headers))
        answer = await client.send(request)
    assert answer.json()["trace_id"] not in (ID, "")
