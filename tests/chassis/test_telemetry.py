"""OpenTelemetry: real processes, a real receiver of OTLP over HTTP; nothing of it when off."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SENT = f"00-{ID}-{SPAN}-00"
PLANTED = ("771234567", "2771234567890", "awa@example.sn", "Planted-Name")

# One process: a service and what a public one does, asked and ended. It prints what it saw itself.
_PROCESS = """
import asyncio, json, sys
from pathlib import Path
import httpx
from chassis import inbox, trace
from chassis.app import create_app
from chassis.keys import ensure_keys
from tests.chassis.village.teller import TellerSettings, define
from dataclasses import replace

folder, public = Path(sys.argv[1]), sys.argv[2] == "public"
told = {"otlp_endpoint": sys.argv[3], "otlp_share": float(sys.argv[4])} if sys.argv[3] else {}
ensure_keys(folder / "keys.json", "tel")
settings = TellerSettings(database_url="postgresql://nobody@127.0.0.1:1/none",
                          keys_file=folder / "keys.json", run_worker=False, **told)
app = create_app(replace(define(settings), is_public=public))

@app.get("/v1/things/{id}")
async def thing(id: str):
    return {"sent_on": trace.current_traceparent(), "trace_id": trace.current()}

@app.get("/v1/crashes/{id}")
async def crash(id: str):
    raise ValueError("771234567 is the number of Planted-Name")

async def main():
    headers = json.loads(sys.argv[5])
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://awa@example.sn")
    odd = "/v1/things/2771234567890?q=771234567&awa@example.sn=1"
    good = await client.get(odd, headers=headers)
    await client.get("/v1/crashes/Planted-Name", headers=headers)
    await client.get("/v1/things/1?limit=x", headers=headers)
    await client.get("/health/live", headers=headers)
    await client.get("/771234567/nothing", headers=headers)
    trace.adopt(headers.get("traceparent"))
    with trace.hearing("sn.something.v1", "teller"):
        heard = trace.current_traceparent()
    loaded = sorted(name for name in sys.modules if name.startswith(
        ("opentelemetry.sdk", "opentelemetry.exporter", "opentelemetry.proto", "chassis.spans")))
    print("SAW" + json.dumps({**good.json(), "heard": heard, "loaded": loaded}))

asyncio.run(main())
"""


@dataclass
class Collector:
    """Keeps the spans that arrive, and the bytes in which they came."""

    url: str = ""
    raw: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[Any]:
        found = []
        for body in self.raw:
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                found += [span for scope in resource.scope_spans for span in scope.spans]
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    found = Collector()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            found.raw.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        yield found
        server.shutdown()
        thread.join()


def asked(tmp_path: Any, *, public: bool, endpoint: str, share: float = 1.0) -> dict[str, Any]:
    """What a process of its own saw; it has sent its spans when it has ended."""
    headers = {"traceparent": SENT, "tracestate": "awa@example.sn=1", "User-Agent": PLANTED[3]}
    words = [str(tmp_path), "public" if public else "inner", endpoint, str(share)]
    run = subprocess.run(
        [sys.executable, "-c", _PROCESS, *words, json.dumps(headers)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    [line] = [line for line in run.stdout.splitlines() if line.startswith("SAW")] or [run.stderr]
    found: dict[str, Any] = json.loads(line.removeprefix("SAW"))
    return found


def test_nothing_is_loaded_and_nothing_sent_when_it_is_off(
    tmp_path: Any, collector: Collector
) -> None:
    saw = asked(tmp_path, public=False, endpoint="")
    assert saw["loaded"] == []
    assert saw["trace_id"] == ID
    assert collector.raw == []


def test_spans_arrive_in_the_trace_of_who_asked(tmp_path: Any, collector: Collector) -> None:
    saw = asked(tmp_path, public=False, endpoint=collector.url)
    spans = collector.spans
    assert {span.trace_id.hex() for span in spans} == {ID}
    named = {span.name: span for span in spans}
    # probes write none, and what has no route has no name but its method
    assert named.keys() == {"GET /v1/things/{id}", "GET /v1/crashes/{id}", "GET", "hear"}
    thing = named["GET /v1/things/{id}"]
    assert thing.parent_span_id.hex() == named["hear"].parent_span_id.hex() == SPAN
    assert (saw["trace_id"], saw["heard"][3:35]) == (ID, ID)
    spans_of_things = [s.span_id.hex() for s in spans if s.name == "GET /v1/things/{id}"]
    assert saw["sent_on"][36:52] in spans_of_things  # who is asked next hangs below it
    assert saw["heard"][36:52] == named["hear"].span_id.hex()


def test_nothing_that_a_caller_wrote_is_in_a_span(tmp_path: Any, collector: Collector) -> None:
    asked(tmp_path, public=False, endpoint=collector.url)
    assert len(collector.spans) == 5
    everything = b"".join(collector.raw)
    assert [value for value in PLANTED if value.encode() in everything] == []
    said = {attribute.key for span in collector.spans for attribute in span.attributes}
    assert {"http.route", "http.response.status_code", "error.type"} <= said
    assert not {name for name in said if name.startswith(("url.path", "url.query", "server."))}
    assert all(not span.events and not span.trace_state for span in collector.spans)


def test_the_trace_of_a_stranger_is_linked_and_not_continued(
    tmp_path: Any, collector: Collector
) -> None:
    saw = asked(tmp_path, public=True, endpoint=collector.url)
    things = [span for span in collector.spans if span.name == "GET /v1/things/{id}"]
    assert saw["trace_id"] in {span.trace_id.hex() for span in things}
    assert saw["trace_id"] == saw["sent_on"][3:35] != ID
    assert not any(span.parent_span_id for span in things)


def test_no_flag_of_a_caller_makes_us_keep_a_trace(tmp_path: Any, collector: Collector) -> None:
    saw = asked(tmp_path, public=False, endpoint=collector.url, share=0.0)
    assert (saw["trace_id"], saw["sent_on"][3:35]) == (ID, ID)
    assert collector.spans == []


def test_a_collector_that_is_away_holds_nobody_up(tmp_path: Any) -> None:
    began = time.monotonic()
    saw = asked(tmp_path, public=False, endpoint="http://127.0.0.1:9")
    assert saw["trace_id"] == ID
    assert time.monotonic() - began < 60
