"""Two at once: one test for every lock."""

import asyncio
import random
from contextlib import suppress
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from chassis import clock
from chassis.auth import Caller
from chassis.db import hold
from chassis.inbox import Fact
from services.registry.desk.acts import transfer
from services.registry.desk.schemas import TransferWrite
from services.registry.filings import service as filings
from services.registry.initiatives.repository import Initiatives
from services.registry.training import HEARS
from tests.makers import a_filing
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    drafted,
    expect,
    reviewed,
    submitted,
)
from tests.registry.test_initiatives import an_initiative
from tests.registry.test_moving_seats import until_waiting
from tests.town import Identity, Town, codes, problem


class _Fallen(Exception):
    """Something failed after all was written."""


# As many as a process has: who waits for one more than a second is refused, as it should be.
_CONNECTIONS = 8
_NUMBERS = """
select array_agg(number order by number), max(c.value)
from ledger l join counter c on c.name = format('arrival/%s/%s', authority_code, year)
where kind = 'ARRIVAL' and authority_code = $1 and year = $2
"""


async def test_arrival_numbers_have_no_gap_however_many_file_at_once(town: Town) -> None:
    filer, app = a_filer(), town.apps["registry"]
    seat = {"commune_code": "SN-MT-KA1-1"}
    turns = asyncio.Semaphore(_CONNECTIONS)

    async def draft(**changes: Any) -> str:
        async with turns:
            id: str = (await drafted(town, filer, seat=seat, **changes))["id"]
            return id

    good = await asyncio.gather(*(draft() for _ in range(50)))
    bad = await asyncio.gather(*(draft(common_bond="") for _ in range(5)))
    torn = await asyncio.gather(*(draft() for _ in range(8)))

    async def submit(id: str) -> str | None:
        async with turns, town.client("registry", filer) as client:
            answer = await client.post(f"/v1/filings/{id}/submissions")
            number: str | None = answer.json().get("arrival_number")
            return number

    async def fall(id: str) -> None:
        # takes its number and writes its line, and then the transaction fails
        vault = app.state.vault
        async with turns:
            with suppress(_Fallen):
                async with app.state.database.transaction() as session:
                    await filings.submit(
                        session, UUID(id), version=1, by=caller(filer), vault=vault
                    )
                    await session.flush()
                    raise _Fallen

    asked = [*map(submit, [*good, *bad]), *map(fall, torn)]
    random.shuffle(asked)
    numbers = await asyncio.gather(*asked)
    given = sorted(int(n.rsplit("/", 1)[1]) for n in numbers if n)
    [year] = {int(n.split("/")[1]) for n in numbers if n}
    async with town.owner("registry") as connection:
        kept, value = await connection.fetchrow(_NUMBERS, "SN-MT-KA", year)
    assert len(set(given)) == len(given) == 50
    assert given == kept[-50:]
    assert kept == list(range(1, value + 1)), "a gap, or a number given twice"


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

    answers = await asyncio.gather(*(draft() for _ in range(_CONNECTIONS)))
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


async def test_the_authority_is_that_of_the_seat_as_it_is_when_the_file_arrives(
    town: Town,
) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    app = town.apps["registry"]

    async def submit() -> dict[str, Any]:
        async with town.client("registry", filer) as client:
            return expect(await act(client, filing, "submissions", {}), 201)

    async with app.state.database.transaction() as session:
        await hold(session, f"filing/{filing['id']}")
        waiting = asyncio.create_task(submit())
        await until_waiting(town, f"filing/{filing['id']}", 1)  # it has read the draft
        change = {"payload": {"seat": {"commune_code": "SN-MT-KA1-1"}}}
        await filings.edit(
            session, UUID(filing["id"]), change, version=1, by=caller(filer), vault=app.state.vault
        )
    filed = await waiting
    assert filed["payload"]["seat"] == {"commune_code": "SN-MT-KA1-1"}
    assert filed["authority_code"] == "SN-MT-KA"
    assert filed["arrival_number"].startswith("SN-MT-KA/")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("reviews", {"outcome": "COMPLETE"}),
        ("assignments", {"kind": "TAKE"}),
        ("territory-transfers", {"authority_code": "SN-SE-BO", "reason": "Siège à Bounkiling"}),
        ("messages", {"text": "Il manque une pièce"}),
    ],
)
async def test_who_lost_a_file_while_they_waited_for_it_acts_on_it_no_more(
    town: Town, what: str, body: dict[str, Any]
) -> None:
    # R24: an agent works on the files of their own territory
    filing = await submitted(town, a_filer())
    agent = Identity(scope="filings:review filings:correct", territory=["SN-SE"])
    registrar = caller(Identity(scope="filings:correct", territory=["SN"]))

    async def late() -> httpx.Response:
        async with town.client("registry", agent) as client:
            return await act(client, filing, what, body)

    async with town.apps["registry"].state.database.transaction() as session:
        await hold(session, f"filing/{filing['id']}")
        waiting = asyncio.create_task(late())
        await until_waiting(town, f"filing/{filing['id']}", 1)  # it has seen the file
        to = TransferWrite(authority_code="SN-KD-KD", reason="Le siège relève de Kolda")
        await transfer(session, UUID(filing["id"]), to, version=None, by=registrar)
    assert problem(await waiting)["code"] == "NOT_FOUND"


async def test_an_edit_and_a_submission_at_once_follow_each_other(town: Town) -> None:
    filer = a_filer()
    filings = [await drafted(town, filer) for _ in range(6)]
    turns = asyncio.Semaphore(_CONNECTIONS // 2)

    async def both(filing: dict[str, Any]) -> tuple[int, int]:
        async with turns, town.client("registry", filer) as client:
            edit = client.patch(
                f"/v1/filings/{filing['id']}",
                json={"payload": {"object": "Séchage de poisson"}},
                headers={"If-Match": '"1"'},
            )
            answers = await asyncio.gather(edit, act(client, filing, "submissions", {}))
            return answers[0].status_code, answers[1].status_code

    outcomes = set(await asyncio.gather(*(both(filing) for filing in filings)))
    assert outcomes <= {(200, 201), (412, 201)}


async def test_a_withdrawal_and_a_review_at_once_do_not_both_happen(town: Town) -> None:
    filer = a_filer()
    filings = [await submitted(town, filer) for _ in range(6)]
    turns = asyncio.Semaphore(_CONNECTIONS // 2)

    async def both(filing: dict[str, Any]) -> tuple[int, int]:
        async with (
            turns,
            town.client("registry", filer) as own,
            town.client("registry", an_instructor()) as instructor,
        ):
            answers = await asyncio.gather(
                act(own, filing, "withdrawals", {}),
                act(instructor, filing, "reviews", {"outcome": "COMPLETE"}),
            )
            return answers[0].status_code, answers[1].status_code

    outcomes = set(await asyncio.gather(*(both(filing) for filing in filings)))
    assert outcomes <= {(201, 409), (409, 201)}


async def of_one_group(town: Town, filer: Identity, n: int) -> list[dict[str, Any]]:
    async with town.client("registry", filer) as client:
        group = expect(await client.post("/v1/initiatives", json=an_initiative()), 201)
        made = []
        for _ in range(n):
            body = a_filing() | {"initiative_id": group["id"]}
            filing = expect(await client.post("/v1/filings", json=body), 201)
            made.append(expect(await act(client, filing, "submissions", {}), 201))
    async with town.client("registry", an_instructor()) as instructor:
        for filing in made:
            seen = expect(await act(instructor, filing, "reviews", {"outcome": "COMPLETE"}), 201)
            filing["version"] = seen["version"]
    return made


async def test_a_group_becomes_one_cooperative_however_many_are_approved_at_once(
    town: Town,
) -> None:
    filer = a_filer()
    filings = await of_one_group(town, filer, 3)

    async def approve(filing: dict[str, Any]) -> Any:
        async with town.client("registry", a_validator()) as client:
            return await decide(client, filing, {"outcome": "APPROVED"})

    answers = sorted(
        await asyncio.gather(*(approve(filing) for filing in filings)), key=lambda a: a.status_code
    )
    assert [answer.status_code for answer in answers] == [201, 422, 422]
    assert codes(answers[1]) == codes(answers[2]) == {"INITIATIVE_ALREADY_REGISTERED"}
    group = filings[0]["initiative_id"]
    async with town.client("registry", filer) as client:
        read = expect(await client.get(f"/v1/initiatives/{group}"), 200)
        late = await client.post("/v1/filings", json=a_filing() | {"initiative_id": group})
        again = await act(client, await drafted(town, filer), "submissions", {})
    assert read["cooperative_id"] == answers[0].json()["cooperative_id"]
    assert codes(late) == {"INITIATIVE_ALREADY_REGISTERED"}
    assert again.status_code == 201


async def test_two_delegations_heard_at_once_make_a_group_ready_once(town: Town) -> None:
    async with town.client("registry", a_filer()) as client:
        group = expect(await client.post("/v1/initiatives", json=an_initiative()), 201)
    [effect] = HEARS.values()
    first, second = completed(group["id"]), completed(group["id"])
    database = town.apps["registry"].state.database
    async with database.transaction() as slow, database.transaction() as quick:
        seen = await Initiatives(slow).get(UUID(group["id"]))
        await effect(quick, first)
        await quick.commit()
        assert seen.trained_at is None  # what the slow one would act upon if it did not look again
        await effect(slow, second)
    async with database.transaction() as session:
        read = await Initiatives(session).get(UUID(group["id"]))
    assert (read.version, read.trained_at) == (2, first.time)


_SECONDS = count(1)


def completed(initiative_id: str) -> Fact:
    return Fact(
        id=str(uuid4()),
        type="sn.mboolo.training.delegation.completed.v1",
        subject=f"delegation/{uuid4()}",
        time=clock.now() + timedelta(seconds=next(_SECONDS)),
        resourceversion=1,
        data={"initiative_id": initiative_id, "outcome": "ACHIEVED"},
    )


def caller(who: Identity) -> Caller:
    return Caller(
        sub=who.sub,
        client_id="test",
        organisation_id=who.org,
        scopes=frozenset(who.scope.split()),
        roles=frozenset(who.roles),
        territories=frozenset(who.territory),
    )
