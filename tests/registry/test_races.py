"""Two at once: one test for every lock."""

import asyncio
from uuid import uuid4

from tests.makers import a_filing
from tests.registry.people import a_filer, a_validator, decide, drafted, expect, reviewed
from tests.town import Town, problem


async def test_arrival_numbers_have_no_gap_however_many_file_at_once(town: Town) -> None:
    filer = a_filer()
    seat = {"commune_code": "SN-MT-KA1-1"}
    good = [await drafted(town, filer, seat=seat) for _ in range(12)]
    bad = [await drafted(town, filer, seat=seat, common_bond="") for _ in range(4)]

    async def submit(id: str) -> str | None:
        async with town.client("registry", filer) as client:
            answer = await client.post(f"/v1/filings/{id}/submissions")
            number: str | None = answer.json().get("arrival_number")
            return number

    numbers = await asyncio.gather(*(submit(filing["id"]) for filing in good + bad))
    given = sorted(int(n.rsplit("/", 1)[1]) for n in numbers if n)
    assert len(given) == 12
    assert given == list(range(given[0], given[0] + 12))


async def test_one_decision_however_many_decide_at_once(town: Town) -> None:
    filing = await reviewed(town, a_filer())

    async def approve() -> int:
        async with town.client("registry", a_validator()) as client:
            return (await decide(client, filing, {"outcome": "APPROVED"})).status_code

    statuses = await asyncio.gather(*(approve() for _ in range(8)))
    assert sorted(statuses) == [201] + [412] * 7


async def test_one_name_for_one_cooperative_however_many_are_approved_at_once(town: Town) -> None:
    name = f"Société coopérative simplifiée SCOOPS Bokk {uuid4().hex[:8]}"
    filings = [await reviewed(town, a_filer(), name=name) for _ in range(4)]

    async def approve(filing: dict[str, object]) -> tuple[int, str]:
        async with town.client("registry", a_validator()) as client:
            answer = await decide(client, filing, {"outcome": "APPROVED"})
            return answer.status_code, answer.text

    answers = await asyncio.gather(*(approve(filing) for filing in filings))
    statuses = sorted(status for status, _ in answers)
    assert statuses == [201, 422, 422, 422]
    assert all("NAME_ALREADY_USED" in text for status, text in answers if status != 201)


async def test_the_same_key_twice_at_once_makes_one_filing(town: Town) -> None:
    filer, body, key = a_filer(), a_filing(), {"Idempotency-Key": uuid4().hex}

    async def draft() -> tuple[int, str]:
        async with town.client("registry", filer) as client:
            answer = await client.post("/v1/filings", json=body, headers=key)
            return answer.status_code, answer.json().get("id", answer.json().get("code"))

    answers = await asyncio.gather(*(draft() for _ in range(10)))
    made = {id for status, id in answers if status == 201}
    refused = {code for status, code in answers if status != 201}
    assert len(made) == 1
    assert refused <= {"REQUEST_IN_PROGRESS"}
    async with town.client("registry", filer) as client:
        listed = expect(await client.get("/v1/filings"), 200)["items"]
    assert [filing["id"] for filing in listed] == list(made)


async def test_a_lost_race_tells_what_to_do(town: Town) -> None:
    filing = await reviewed(town, a_filer())
    async with town.client("registry", a_validator()) as client:
        expect(await decide(client, filing, {"outcome": "APPROVED"}), 201)
        late = await decide(client, filing, {"outcome": "REJECTED", "reason": "x"})
    assert problem(late)["current_version"] == filing["version"] + 1
