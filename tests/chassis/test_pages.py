"""Lists: nothing lost, nothing twice, and cursors that nobody can forge."""

import base64
import json
import time
from uuid import uuid4

import pytest

from chassis import pages
from chassis.errors import MalformedRequest
from chassis.pages import Cursors
from tests.chassis.village.life import Village
from tests.chassis.village.notes import NoteWrite, write
from tests.town import codes, problem


async def shelve(village: Village, shelf: str, count: int) -> None:
    async with village.database.transaction() as session:
        for n in range(count):
            await write(session, NoteWrite(title=f"{n}", shelf=shelf))


@pytest.fixture
async def shelf(village: Village) -> str:
    name = uuid4().hex
    for _ in range(7):
        await village.write()  # notes of others, on another shelf
    for n in range(7):
        async with village.database.transaction() as session:
            await write(session, NoteWrite(title=f"{n}", shelf=name))
    return name


def bare(address: str | None) -> str:
    return (address or "").removeprefix("http://gateway")


async def test_a_list_is_read_to_its_end_without_loss(village: Village, shelf: str) -> None:
    seen, address = [], f"/v1/notes?shelf={shelf}&limit=3"
    async with village.client() as client:
        while address:
            answer = await client.get(address)
            page = answer.json()
            seen.append([note["title"] for note in page["items"]])
            address = bare(page["next"])
            links = answer.headers.get("link")
            assert links == (f'<{page["next"]}>; rel="next"' if address else None)
    assert seen == [["0", "1", "2"], ["3", "4", "5"], ["6"]]
    assert page["next_cursor"] is None


async def test_what_is_written_meanwhile_moves_nothing(village: Village, shelf: str) -> None:
    async with village.client() as client:
        first = (await client.get(f"/v1/notes?shelf={shelf}&limit=4")).json()
        async with village.database.transaction() as session:
            await write(session, NoteWrite(title="new", shelf=shelf))
        second = (await client.get(bare(first["next"]))).json()
    titles = [note["title"] for note in first["items"] + second["items"]]
    assert titles == ["0", "1", "2", "3", "4", "5", "6", "new"]


async def test_a_full_last_page_has_no_next(village: Village, shelf: str) -> None:
    async with village.client() as client:
        page = (await client.get(f"/v1/notes?shelf={shelf}&limit=7")).json()
    assert (len(page["items"]), page["next"]) == (7, None)


async def test_an_empty_list_is_a_page(village: Village) -> None:
    async with village.client() as client:
        page = (await client.get("/v1/notes?shelf=nowhere")).json()
    assert page == {"items": [], "next_cursor": None, "next": None}


async def a_cursor(village: Village, shelf: str) -> str:
    async with village.client() as client:
        page = (await client.get(f"/v1/notes?shelf={shelf}&limit=3")).json()
    return str(page["next_cursor"])


async def test_a_cursor_of_another_filter_is_refused(village: Village, shelf: str) -> None:
    cursor = await a_cursor(village, shelf)
    async with village.client() as client:
        answer = await client.get(f"/v1/notes?shelf=s&cursor={cursor}")
    assert answer.status_code == 400
    assert codes(answer) == {"CURSOR_INVALID"}


async def test_a_cursor_works_with_another_limit(village: Village, shelf: str) -> None:
    cursor = await a_cursor(village, shelf)
    async with village.client() as client:
        page = (await client.get(f"/v1/notes?shelf={shelf}&limit=1&cursor={cursor}")).json()
    assert [note["title"] for note in page["items"]] == ["3"]


@pytest.mark.parametrize(
    "forged",
    [
        "AAAA",
        "x",
        "%00",
        "é",
        "A" * 600,
        base64.urlsafe_b64encode(b"\xff" * 40).decode(),
        base64.urlsafe_b64encode(bytes(16) + json.dumps([["a"], 9e9]).encode()).decode(),
    ],
)
async def test_a_forged_cursor_is_refused(village: Village, forged: str) -> None:
    async with village.client() as client:
        answer = await client.get("/v1/notes", params={"cursor": forged})
    assert answer.status_code == 400
    assert codes(answer) == {"CURSOR_INVALID"}


async def test_not_one_bit_of_a_cursor_may_be_another(village: Village, shelf: str) -> None:
    raw = base64.urlsafe_b64decode(await a_cursor(village, shelf))
    cursors: Cursors = village.teller.state.cursors
    accepted = []
    for at in range(len(raw)):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        try:
            cursors.read(base64.urlsafe_b64encode(changed).decode(), f"/v1/notes?shelf={shelf}")
            accepted.append(at)
        except MalformedRequest:
            continue
    assert accepted == []


async def test_a_cursor_lives_a_week(
    village: Village, shelf: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cursor = await a_cursor(village, shelf)
    day = time.time() + 86_400 * 7

    class Later:
        at = day - 60

        @classmethod
        def time(cls) -> float:
            return cls.at

    monkeypatch.setattr(pages, "time", Later)
    async with village.client() as client:
        address = f"/v1/notes?shelf={shelf}&cursor={cursor}"
        assert (await client.get(address)).status_code == 200
        Later.at = day + 60
        answer = await client.get(address)
    assert answer.status_code == 410
    assert problem(answer)["code"] == "CURSOR_EXPIRED"


async def test_the_cursor_of_another_house_is_refused(village: Village) -> None:
    with pytest.raises(MalformedRequest):
        Cursors("mine").read(Cursors("yours").issue(["a"], "/x?"), "/x?")


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=-1", "limit=1e3"])
async def test_a_limit_out_of_range_is_refused_and_not_bent(village: Village, query: str) -> None:
    async with village.client() as client:
        answer = await client.get(f"/v1/notes?{query}")
    assert answer.status_code == 400
    [finding] = problem(answer)["errors"]
    assert finding["parameter"] == "limit"


@pytest.mark.parametrize(
    ("query", "parameter", "suggestion"),
    [
        ("shelff=a", "shelff", "shelf"),
        ("Limit=5", "Limit", "limit"),
        ("shelf=a&shelf=b", "shelf", "shelf"),
        ("zzz=1", "zzz", None),
        ("%C3%A9=1", None, None),
    ],
)
async def test_an_unknown_parameter_is_refused_with_the_nearest_known(
    village: Village, query: str, parameter: str | None, suggestion: str | None
) -> None:
    async with village.client() as client:
        answer = await client.get(f"/v1/notes?{query}")
    assert answer.status_code == 400
    [finding] = problem(answer)["errors"]
    assert finding["code"] == "PARAMETER_UNKNOWN"
    assert finding.get("parameter") == parameter
    assert finding["params"].get("suggestion") == suggestion


@pytest.mark.parametrize("query", ["shelf=%ff", "shelf=%ed%a0%80", "%c3=1", "shelf=a&limit=%c0%af"])
async def test_a_query_that_is_no_utf8_is_refused(village: Village, query: str) -> None:
    async with village.client() as client:
        answer = await client.get(f"/v1/notes?{query}")
    assert answer.status_code == 400
    assert [finding["params"] for finding in problem(answer)["errors"]] == [{"expected": "UTF-8"}]
