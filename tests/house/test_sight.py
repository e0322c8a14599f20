"""Four real processes: one trace from a decision to those who hear of it, lines that are JSON, and
nothing of a person in any line or figure."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from local.story import people
from local.story.registering import register
from local.story.teller import Teller
from local.temporary import temporary_cluster
from local.trial import Trial, trial_town

NAMES = ("gateway", "registry", "training", "financing")
_GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "operator.md"
_FIGURE = re.compile(
    r"\b((?:http|upstream|requests|connections|events|db_pool)_[a-z_]+)\b(?=[{`\[) ])"
)
_TOLD = re.compile(r"^(?:# TYPE )?([a-z_]+)", re.MULTILINE)
REGISTERED = "sn.mboolo.registry.cooperative.registered.v1"


@dataclass
class Told:
    """What was done to a real town, and where it runs."""

    trial: Trial
    database: str
    group: list[dict[str, Any]]
    traces: dict[str, str] = field(default_factory=dict)  # address -> the trace of its last call
    decision: dict[str, Any] = field(default_factory=dict)

    def lines(self, name: str) -> list[dict[str, Any]]:
        text = (self.trial.data / "logs" / f"{name}.log").read_text(encoding="utf-8")
        # what preparing it said stands before: words for an operator, and no process serves yet
        served = text[text.index("{") : text.rfind("\n") + 1]
        return [json.loads(line) for line in served.splitlines()]

    def at_least(self, name: str, count: int) -> list[dict[str, Any]]:
        """The lines of a process, once there are so many."""
        for _ in range(300):
            if len(lines := self.lines(name)) >= count:
                return lines
            time.sleep(0.1)
        raise AssertionError(f"{name} wrote {len(lines)} lines")

    def until(self, name: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first such line of a process, waited for."""
        for _ in range(300):
            for line in self.lines(name):
                if wanted(line):
                    return line
            time.sleep(0.1)
        raise AssertionError(f"{name} wrote no such line")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    folder = Path(tmp_path_factory.mktemp("sight"))
    with temporary_cluster() as cluster, trial_town(folder, DATABASE_URL=cluster.url()) as trial:
        found = Told(trial, cluster.url("mboolo_registry"), people.persons())
        teller = Teller(trial.accounts)

        def name_trace(request: httpx.Request) -> None:
            trace = uuid4().hex
            found.traces[request.url.path] = trace
            request.headers["traceparent"] = f"00-{trace}-00f067aa0ba902b7-01"

        teller._http.event_hooks["request"].append(name_trace)
        with teller._http:
            found.decision = register(teller, _initiative(teller, found.group), found.group)
        yield found


def _initiative(teller: Teller, group: list[dict[str, Any]]) -> Any:
    body = {
        "name": people.word(),
        "commune_code": people.COMMUNE,
        "activity": "Transformation de la noix de cajou",
        "members_count": len(group),
        "women_count": len(group),
        "organisation_id": teller.of("cooperative", "organisation_id"),
    }
    return teller.post("volunteer", "/v1/initiatives", body)


def page_of(port: int, *wanted: str) -> str:
    """The figures of a process, once it tells these: some come with the first beat of a peer."""
    lacking: list[str] = []
    for _ in range(300):
        answer = httpx.get(f"http://127.0.0.1:{port}/metrics", timeout=30)
        assert answer.status_code == 200
        lacking = [figure for figure in wanted if figure not in answer.text]
        if not lacking:
            return answer.text
        time.sleep(0.1)
    raise AssertionError(f"{port} does not tell {lacking}")


def decided_in(told: Told) -> str:
    [trace] = [trace for path, trace in told.traces.items() if path.endswith("/decisions")]
    return trace


async def test_one_trace_from_a_decision_to_those_who_hear_of_it(told: Told) -> None:
    trace = decided_in(told)

    def asked(line: dict[str, Any], route: str) -> bool:
        return (line["trace_id"], line.get("route"), line.get("status")) == (trace, route, 201)

    told.until("gateway", lambda line: asked(line, "/v1/filings"))
    told.until("registry", lambda line: asked(line, "/v1/filings/{id}/decisions"))
    database = await asyncpg.connect(told.database)
    rows = await database.fetch("select traceparent from event_log where type = $1", REGISTERED)
    await database.close()
    assert [row["traceparent"][3:35] for row in rows] == [trace]
    for name in ("training", "financing", "gateway"):
        line = told.until(name, lambda line: line.get("type") == REGISTERED)
        assert (line["event"], line["trace_id"], line["producer"]) == ("heard", trace, "registry")
        assert line["subject"] == f"cooperative/{told.decision['cooperative_id']}"


def test_every_line_of_every_process_is_json_with_its_trace(told: Told) -> None:
    for name in NAMES:
        lines = told.at_least(name, 4)
        lacking = [line for line in lines if not {"trace_id", "process", "level"} <= line.keys()]
        assert lacking == []
        requests = [line for line in lines if line["event"] == "request"]
        assert all(len(line["trace_id"]) == 32 for line in requests)


def test_every_process_tells_its_figures_and_none_of_a_person(told: Told) -> None:
    everywhere = (
        'http_requests_total{method="GET",route="/health/ready",status="200"}',
        "process_resident_memory_bytes",
        "events_known 1.0",
    )
    own = {
        "registry": 'events_dead_lanes{consumer="training"} 0.0',
        "training": 'events_behind_seconds{producer="registry"}',
    }
    pages = {
        name: page_of(told.trial.ports[name], *everywhere, own.get(name, "")) for name in NAMES
    }
    named = set(_FIGURE.findall(_GUIDE.read_text(encoding="utf-8")))
    assert len(named) > 15
    known = {name for page in pages.values() for name in _TOLD.findall(page)}
    assert named - known == set()  # what the operator's page names is told
    planted = [one[what] for one in told.group for what in ("phone", "family_name")]
    planted += [one["phone"].removeprefix("+221") for one in told.group]
    logs = [(told.trial.data / "logs" / f"{name}.log").read_text() for name in NAMES]
    assert [value for value in planted for text in (*pages.values(), *logs) if value in text] == []
