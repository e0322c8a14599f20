"""Same key, same answer: one effect, whoever repeats, and whatever breaks in between."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis import clock
from chassis.idempotency import purge
from tests.chassis.village.life import Village
from tests.town import Identity, problem

KEY = "Idempotency-Key"


async def count(village: Village, table: str = "note") -> int:
    [row] = await village.told.fetch(f"select count(*) from {table}")
    return int(row["count"])


async def insist(client: httpx.AsyncClient, key: str, title: str) -> httpx.Response:
    """Repeat one act until its answer is known."""
    for _ in range(600):
        answer = await client.post("/v1/notes", json={"title": title}, headers={KEY: key})
        if answer.status_code == 201:
            return answer
        assert problem(answer)["code"] in ("REQUEST_IN_PROGRESS", "DATABASE_UNAVAILABLE")
        assert int(answer.headers["retry-after"]) >= 1
        await asyncio.sleep(0.05)
    raise AssertionError("no answer after six hundred tries")


@pytest.mark.parametrize("key", ["k", "0197d1a5-0000-7000-8000-000000000000", '"quoted"', "!"])
async def test_fifty_concurrent_repetitions_have_one_effect(village: Village, key: str) -> None:
    async with village.client() as client:
        answers = await asyncio.gather(*(insist(client, key, "a") for _ in range(50)))
    assert await count(village) == 1
    assert await count(village, "event_log") == 1
    assert len({answer.content for answer in answers}) == 1
    replayed = [a for a in answers if a.headers.get("idempotency-replayed") == "true"]
    assert len(replayed) == 49


async def test_a_repetition_gets_the_answer_and_its_headers_again(village: Village) -> None:
    async with village.client() as client:
        first, again = [
            await client.post("/v1/notes", json={"title": "é"}, headers={KEY: "k"}) for _ in "ab"
        ]
    assert (again.status_code, again.content) == (201, first.content)
    for name in ("location", "etag", "content-type"):
        assert again.headers[name] == first.headers[name]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"


async def test_spelling_a_body_otherwise_is_still_a_repetition(village: Village) -> None:
    bodies = ['{"title": "A", "copies": 1}', '{ "copies":1.0, "title":"\\u0041" }']
    headers = {KEY: "k", "content-type": "application/json"}
    async with village.client() as client:
        first, again = [
            await client.post("/v1/notes", content=body, headers=headers) for body in bodies
        ]
    assert first.status_code == 201
    assert again.content == first.content


async def test_another_body_under_the_same_key_is_refused(village: Village) -> None:
    async with village.client() as client:
        first, other = [
            await client.post("/v1/notes", json={"title": title}, headers={KEY: "k"})
            for title in "ab"
        ]
    assert first.status_code == 201
    assert other.status_code == 422
    assert problem(other)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert await count(village) == 1


@pytest.mark.parametrize("spellings", [("k-1", '"k-1"'), ('"k-2"', "k-2")])
async def test_quotes_do_not_count(village: Village, spellings: tuple[str, str]) -> None:
    async with village.client() as client:
        first, again = [
            await client.post("/v1/notes", json={"title": "a"}, headers={KEY: key})
            for key in spellings
        ]
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    "key", [b'""', b" ", b"a b", b"x" * 129, b"\xe9", b"a\tb", b'"', b'"a', b'"a"b"']
)
async def test_a_key_that_is_not_visible_ascii_is_refused(village: Village, key: bytes) -> None:
    async with village.client() as client:
        answer = await client.post("/v1/notes", json={"title": "a"}, headers=[(KEY.encode(), key)])
    assert answer.status_code == 400
    assert problem(answer)["code"] == "IDEMPOTENCY_KEY_INVALID"


@pytest.mark.parametrize("key", ["!", "x" * 128, "0197d1a5-0000-7000-8000-000000000000"])
async def test_any_visible_ascii_is_a_key(village: Village, key: str) -> None:
    async with village.client() as client:
        answer = await client.post("/v1/notes", json={"title": "a"}, headers={KEY: key})
    assert answer.status_code == 201


async def test_an_act_without_a_key_is_refused(village: Village) -> None:
    async with village.client() as client:
        answer = await client.post("/v1/notes", json={"title": "a"}, headers={KEY: ""})
    assert answer.status_code == 400
    assert problem(answer)["code"] == "IDEMPOTENCY_KEY_MISSING"


@pytest.mark.parametrize(
    "other", [{"sub": "user-b"}, {"client_id": "client-b"}, {"sub": "user-b", "client_id": "b"}]
)
async def test_the_key_of_another_caller_is_another_key(
    village: Village, other: dict[str, str]
) -> None:
    who = Identity(scope="notes:write", sub="user-a")
    tokens = [village.town.token(who, "teller", **change) for change in ({}, other)]
    async with village.client() as client:
        for token in tokens:
            headers = {KEY: "k", "Authorization": f"Bearer {token}"}
            made = await client.post("/v1/notes", json={"title": "a"}, headers=headers)
            assert made.status_code == 201
    assert await count(village) == 2


async def test_a_key_used_at_another_address_is_another_key(village: Village) -> None:
    notes = [await village.write(), await village.write()]
    async with village.client() as client:
        for id in notes:
            path = f"/v1/notes/{id}/amendments"
            made = await client.post(path, json={"title": "b"}, headers={KEY: "k"})
            assert made.status_code == 201
            assert (made.json()["id"], made.json()["version"]) == (str(id), 2)


async def test_a_refused_act_releases_its_key(village: Village) -> None:
    async with village.client() as client:
        refused = await client.post("/v1/notes", json={"title": ""}, headers={KEY: "k"})
        made = await client.post("/v1/notes", json={"title": "a"}, headers={KEY: "k"})
    assert refused.status_code == 422
    assert made.status_code == 201


async def test_a_commit_that_fails_answers_an_error_and_releases_its_key(village: Village) -> None:
    async with village.client() as client:
        twice = {"title": "a", "copies": 2}
        refused = [await client.post("/v1/promises", json=twice, headers={KEY: "k"}) for _ in "ab"]
        made = await client.post("/v1/promises", json={"title": "a"}, headers={KEY: "k"})
    assert [problem(answer)["code"] for answer in refused] == ["PROMISE_TWICE"] * 2
    assert made.status_code == 201
    assert await count(village, "promise") == 1


async def test_a_connection_that_breaks_in_the_middle_leaves_nothing(village: Village) -> None:
    id = await village.write()
    act: dict[str, Any] = {"json": {"title": "b"}, "headers": {KEY: "k"}}
    path = f"/v1/notes/{id}/amendments"
    async with village.client() as client, village.stranger() as other:
        async with other.transaction():
            await other.execute("select pg_advisory_xact_lock(7, hashtext($1))", f"note/{id}")
            under_way = asyncio.create_task(client.post(path, **act))
            await village.until_waiting()
            await other.execute(_TERMINATE)
            broken = await under_way
        assert broken.status_code == 503
        assert broken.headers["retry-after"]
        assert problem(broken)["code"] == "DATABASE_UNAVAILABLE"
        made, again = [await client.post(path, **act) for _ in "ab"]
    assert made.json()["version"] == 2
    assert "idempotency-replayed" not in made.headers
    assert again.content == made.content


_TERMINATE = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and wait_event = 'advisory'
"""


async def test_an_answer_that_never_arrived_is_given_again(village: Village) -> None:
    token = village.town.token(Identity(scope="notes:write"), "teller")
    headers = {KEY: "k", "Authorization": f"Bearer {token}"}
    asked = httpx.Request("POST", "http://teller/v1/notes", json={"title": "a"}, headers=headers)
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/notes",
        "query_string": b"",
        "headers": [(name.lower(), value) for name, value in asked.headers.raw],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": asked.content, "more_body": False}

    async def lost(_: Any) -> None:
        raise ConnectionResetError

    await village.teller(scope, receive, lost)
    assert await count(village) == 1
    async with village.client() as client:
        again = await client.post("/v1/notes", json={"title": "a"}, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert await count(village) == 1


async def test_who_meets_the_act_under_way_is_told_to_wait(village: Village) -> None:
    id = await village.write()
    act: dict[str, Any] = {"json": {"title": "b"}, "headers": {KEY: "k"}}
    path = f"/v1/notes/{id}/amendments"
    async with village.client() as client, village.stranger() as other:
        async with other.transaction():
            await other.execute("select pg_advisory_xact_lock(7, hashtext($1))", f"note/{id}")
            first = asyncio.create_task(client.post(path, **act))
            await village.until_waiting()
            second = await client.post(path, **act)
        assert problem(second)["code"] == "REQUEST_IN_PROGRESS"
        assert second.headers["retry-after"] == "1"
        assert (await first).status_code == 201


async def test_old_answers_are_forgotten_and_young_ones_kept(village: Village) -> None:
    async with village.client() as client:
        for key in ("old", "young"):
            await client.post("/v1/notes", json={"title": "a"}, headers={KEY: key})
    await village.told.fetch(
        "update idempotency set created_at = now() - interval '31 days' where key = 'old'"
    )
    async with village.database.transaction() as session:
        await purge(session, clock.now() - timedelta(days=30))
    rows = await village.told.fetch("select key from idempotency")
    assert [row["key"] for row in rows] == ["young"]
