"""What a process counts: right, bounded, and for nobody who comes from outside."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from chassis.metrics import Counter, Traffic, counters
from chassis.sight import Feed
from tests.chassis.test_hot_reads import until_asleep
from tests.chassis.village.life import Village

Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


def read(text: str) -> Samples:
    """Every sample of a page, as Prometheus's own parser reads it."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def at(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0.0)


@pytest.fixture
async def teller(village: Village) -> AsyncIterator[httpx.AsyncClient]:
    village.teller.state.feed = Feed()  # it remembers for five seconds what it found
    async with village.client() as client:
        yield client


async def seen(teller: httpx.AsyncClient) -> Samples:
    answer = await teller.get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return read(answer.text)


async def test_a_request_is_counted_under_its_template(teller: httpx.AsyncClient) -> None:
    told: dict[str, Any] = {"method": "GET", "route": "/v1/notes/{id}"}
    before = await seen(teller)
    for _ in range(3):
        await teller.get(f"/v1/notes/{secrets.token_hex(4)}")
    after = await seen(teller)
    for name, more in (
        ("http_requests_total", {"status": "404"}),
        ("http_request_duration_seconds_count", {}),
        ("http_request_duration_seconds_bucket", {"le": "+Inf"}),
    ):
        assert at(after, name, **told, **more) - at(before, name, **told, **more) == 3
    name = "http_request_duration_seconds_sum"
    assert at(after, name, **told) > at(before, name, **told)


async def test_a_thousand_random_addresses_and_words_add_no_series(
    teller: httpx.AsyncClient,
) -> None:
    await teller.get(f"/{secrets.token_hex(4)}")
    await teller.request("BREW", f"/{secrets.token_hex(4)}")
    before = await seen(teller)
    for turn in range(1_000):
        method = "GET" if turn % 2 else secrets.token_hex(3)
        odd = ('"', "%0A", "{id}", "\\", "771234567")[turn % 5]
        await teller.request(method, f"/{secrets.token_urlsafe(9)}/{odd}/{turn}")
    after = await seen(teller)
    assert after.keys() == before.keys()
    counted = "http_requests_total"
    unknown = sum(
        v for (name, told), v in after.items() if name == counted and ("route", "-") in told
    )
    known = sum(
        v for (name, told), v in before.items() if name == counted and ("route", "-") in told
    )
    assert unknown - known == 1_000


async def test_requests_under_way_are_seen(teller: httpx.AsyncClient, village: Village) -> None:
    naps = [asyncio.create_task(teller.get("/v1/naps?seconds=9")) for _ in range(3)]
    async with village.stranger() as other:
        await until_asleep(other, 3)
        during = await seen(teller)
        await other.execute(_WAKE)
    await asyncio.gather(*naps)
    after = await seen(teller)
    for _ in range(50):  # others in this process may be asking whether it is ready
        if at(after, "http_requests_in_flight") == 1:
            break
        await asyncio.sleep(0.1)
        after = await seen(teller)
    # the page itself is one of them
    assert (at(during, "http_requests_in_flight"), at(after, "http_requests_in_flight")) == (4, 1)
    assert at(during, "db_pool_in_use", pool="reads") >= 3
    assert at(after, "db_pool_in_use", pool="reads") == 0


_WAKE = """
select pg_cancel_backend(pid) from pg_stat_activity
where datname = current_database() and wait_event = 'PgSleep'
"""


async def test_who_waits_for_a_connection_is_seen(
    teller: httpx.AsyncClient, village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, engine = village.told, village.database.engine
    monkeypatch.setattr("chassis.reads._PATIENCE_S", 60.0)
    monkeypatch.setattr(engine.pool, "_timeout", 60.0)
    held = [await engine.connect() for _ in range(engine.pool.size())]  # type: ignore[attr-defined]
    waiter = asyncio.create_task(engine.connect().__aenter__())
    is_over = asyncio.Event()

    async def use() -> None:
        async with reads.connection():
            await is_over.wait()

    users = [asyncio.create_task(use()) for _ in range(reads._size + 2)]
    pool: dict[str, int] = {}
    async with asyncio.timeout(60):
        while pool.get("waiting") != 1 or reads.figures()["reads"]["waiting"] != 2:
            await asyncio.sleep(0.05)
            pool = village.database.figures()["transactions"]
    assert pool == {"in_use": len(held), "size": len(held), "waiting": 1}
    await held.pop().close()
    held.append(await waiter)
    is_over.set()
    await asyncio.gather(*users)
    for connection in held:
        await connection.close()
    figures = {**reads.figures(), **village.database.figures()}
    assert {(found["in_use"], found["waiting"]) for found in figures.values()} == {(0, 0)}


async def test_events_that_wait_and_lanes_that_are_dead_are_seen(
    teller: httpx.AsyncClient, village: Village
) -> None:
    await village.write()
    await village.told.fetch("update event_log set created = created - interval '90 seconds'")
    dead = await village.write()
    await village.told.fetch(
        "update event_lane set dead_at = now(), due = null where aggregate = $1", f"note/{dead}"
    )
    found = await seen(teller)
    assert at(found, "events_known") == 1
    assert at(found, "events_lanes_waiting", consumer="hearer") == 1
    assert 90 <= at(found, "events_lag_seconds", consumer="hearer") < 120
    assert at(found, "events_dead_lanes", consumer="hearer") == 1


async def test_how_far_a_consumer_heard_is_seen_there(village: Village) -> None:
    village.hearer.state.feed = Feed()
    await village.heard.fetch(
        "insert into peer_heard values ('teller', now() - interval '40 seconds', '{note/1}')"
    )
    async with village.town.client("hearer") as client:
        found = await seen(client)
    assert 40 <= at(found, "events_behind_seconds", producer="teller") < 70
    assert at(found, "events_blocked", producer="teller") == 1


async def test_a_database_that_is_away_leaves_the_rest_of_the_page(
    teller: httpx.AsyncClient, village: Village
) -> None:
    await village.told.fetch("alter table event_lane rename to event_lane_away")
    found = await seen(teller)
    await village.told.fetch("alter table event_lane_away rename to event_lane")
    assert at(found, "events_known") == 0
    assert not [name for name, _ in found if name.startswith(("events_lag", "events_dead"))]
    assert at(found, "process_resident_memory_bytes") > 0


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.9.9.9", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("10.0.0.7", {}, 404),
        ("196.207.0.1", {}, 404),
        ("::ffff:10.0.0.7", {}, 404),
        ("fe80::1%eth0", {}, 404),
        ("", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("127.0.0.1", {"Forwarded": "for=196.207.0.1"}, 404),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 404),
        ("127.0.0.1", {"X-Real-IP": ""}, 404),
    ],
)
async def test_only_who_connects_from_near_reads_it(
    village: Village, address: str, headers: dict[str, str], status: int
) -> None:
    transport = httpx.ASGITransport(village.teller, client=(address, 5))
    async with httpx.AsyncClient(transport=transport, base_url="http://teller") as client:
        answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert ("http_requests_total" in answer.text) is (status == 200)


async def test_an_operator_says_who_is_near(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = village.teller.state
    near = state.settings.model_copy(update={"metrics_networks": [ip_network("10.0.0.0/24")]})
    monkeypatch.setitem(state._state, "settings", near)
    statuses = []
    for address in ("10.0.0.7", "10.0.1.7", "127.0.0.1"):
        transport = httpx.ASGITransport(village.teller, client=(address, 5))
        async with httpx.AsyncClient(transport=transport, base_url="http://teller") as client:
            statuses.append((await client.get("/metrics")).status_code)
    assert statuses == [200, 404, 404]


async def test_an_operator_may_demand_a_token_besides(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy on the same machine that says nothing of whom it speaks for looks near."""
    state = village.teller.state
    token = "t" * 40
    secret = state.settings.model_copy(update={"metrics_token": SecretStr(token)})
    monkeypatch.setitem(state._state, "settings", secret)
    statuses = []
    for address, sent in (
        ("127.0.0.1", f"Bearer {token}"),
        ("127.0.0.1", None),
        ("127.0.0.1", "Bearer "),
        ("127.0.0.1", f"Bearer {token}é"),
        ("10.0.1.7", f"Bearer {token}"),
    ):
        transport = httpx.ASGITransport(village.teller, client=(address, 5))
        told = {b"authorization": sent.encode()} if sent else {}
        async with httpx.AsyncClient(transport=transport, base_url="http://teller") as client:
            statuses.append((await client.get("/metrics", headers=told)).status_code)
    assert statuses == [200, 404, 404, 404, 404]


def test_what_goes_beyond_the_most_is_counted_as_unknown() -> None:
    counter = Counter("a_test_of_bounds", "For this test.", "what", most=3)
    counters.remove(counter)
    for n in range(10):
        counter.add(f"w{n}")
    counter.add("w1")
    assert [counter.value(f"w{n}") for n in range(4)] == [1, 2, 1, 0]
    assert counter.value("-") == 7


def test_routes_beyond_the_most_are_counted_as_unknown() -> None:
    traffic = Traffic(most=2)
    for n in range(5):
        traffic.count("GET", f"/v1/{n}", 200, 0.0005)
    told = read(traffic.text())
    for route, count in (("/v1/0", 1), ("/v1/1", 1), ("-", 3), ("/v1/2", 0)):
        of = {"method": "GET", "route": route}
        assert at(told, "http_requests_total", **of, status="200") == count
        # a bound belongs to its bucket, as Prometheus's `le` says
        assert at(told, "http_request_duration_seconds_bucket", **of, le="0.0005") == count


def test_each_duration_falls_into_its_bucket() -> None:
    traffic = Traffic()
    for took in (0.0001, 0.0007, 0.3, 31.0):
        traffic.count("GET", "/v1/x", 200, took)
    told, of = read(traffic.text()), {"method": "GET", "route": "/v1/x"}
    bounds = ("0.0005", "0.001", "0.25", "0.5", "30", "+Inf")
    name = "http_request_duration_seconds"
    assert [at(told, f"{name}_bucket", **of, le=le) for le in bounds] == [1, 2, 2, 3, 3, 4]
    assert (at(told, f"{name}_count", **of), at(told, f"{name}_sum", **of)) == (4, 31.3008)


def test_a_label_is_read_as_it_was_written() -> None:
    traffic = Traffic()
    odd = '/v1/{a:"\\d+"}\n'
    traffic.count("GET", odd, 200, 0.1)
    told = read(traffic.text())
    assert at(told, "http_requests_total", method="GET", route=odd, status="200") == 1
