"""Thirty numbers and ten names are said wherever the register listens; afterwards nobody finds them
in a log, a refusal, an event, a kept answer, a document or the database."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import randrange
from typing import Any
from uuid import uuid4

import pytest
import structlog

from chassis import logs, openapi
from tests.makers import a_filing, a_member
from tests.registry.people import (
    a_filer,
    act,
    an_instructor,
    expect,
    link_everything,
    registered,
)
from tests.registry.privacy import a_protector, asked, linked, members_of
from tests.town import Identity, Town

WHY = {"Purpose-Of-Use": "CONTROL"}
# A member's name is part of the membership register; everything else is sealed or absent.
NAMES_STAND_IN = {"member"}
# Where callers write freely: what they say there is kept as they said it.
FREE_TEXT = {"review"}


@dataclass
class Planted:
    """What was said, and everything that came back or was written where nothing may be found."""

    numbers: list[str]
    names: list[str]
    people: list[dict[str, Any]]
    heard: list[str] = field(default_factory=list)

    def found_in(self, *texts: str) -> set[str]:
        # the tail of a name is what makes it one of a kind, however its odd beginning is escaped
        looked_for = {value: value for value in self.numbers} | {n: n[-12:] for n in self.names}
        return {value for value, it in looked_for.items() for text in texts if it in text}


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    before, lines = structlog.get_config()["logger_factory"], io.StringIO()
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=lines))
    logs.visits.out = lines
    yield lines
    logs.visits.out = None
    structlog.configure(logger_factory=before)


def plant() -> Planted:
    people, odd = (
        [],
        ["N'Díaye-", "Ó", "Fall & ", "d’", "Ŋom ", "Sow\u00a0", "Ba/", "Ly%", "Ka;", "Ɗ"],
    )
    for n in range(10):
        changes = {
            "nin": f"2{randrange(10**12):012d}",
            "phone": f"+22177{randrange(10**7):07d}",
            "birth_date": f"19{31 + n}-0{1 + n % 9}-1{n}",
            "birth_year": 1931 + n,
            "family_name": f"{odd[n]}{uuid4().hex[:12]}",
        }
        people.append(a_member(n, **changes))
    numbers = [one[name] for one in people for name in ("nin", "phone", "birth_date")]
    return Planted(numbers, [one["family_name"] for one in people], people)


async def said_wrongly(town: Town, planted: Planted) -> None:
    """In places where it does not belong: refusals must not repeat it."""
    extra = planted.people
    async with town.client("registry", a_filer()) as client:
        for one in extra:
            body = a_filing(members=[one | {"sex": one["nin"], "shares": one["phone"]}])
            body["effective_on"] = one["birth_date"] + "T"
            body[one["nin"]] = one["family_name"]
            query = f"?status={one['nin']}&cursor={one['phone'][1:]}&{one['nin']}=1"
            for answer in (
                await client.post("/v1/filings", json=body),
                await client.post("/v1/filings", content=json.dumps(body)[:-1]),
                await client.get("/v1/filings" + query),
                await client.get(f"/v1/members/{one['nin']}"),
                await client.get("/v1/filings", headers={"Purpose-Of-Use": one["nin"]}),
                await client.post("/v1/me/member-links", json={"code": one["nin"]}),
            ):
                if answer.status_code >= 400:
                    planted.heard.append(answer.text + str(answer.headers))
        wrong = [
            one | {"nin": one["nin"][:-1], "phone": one["phone"] + "0"} for one in planted.people
        ]
        dry = await client.post("/v1/filings?validate_only=true", json=a_filing(members=wrong))
        planted.heard.append(dry.text)


async def said_rightly(town: Town, planted: Planted) -> None:
    """A cooperative with these members, read, changed, reviewed, asked about."""
    owner, person = a_filer(), Identity(scope="")
    crew = [a_member(n + 20) for n in range(7)]
    for n, member in enumerate(crew):
        member["id"] = f"m{n}"
    extra = [one | {"id": f"x{n}"} for n, one in enumerate(planted.people)]
    made = await registered(town, owner, members=[*crew, *extra], capital_xof=17 * 5 * 5000)
    rows = await members_of(town, owner, made["cooperative_id"])
    member = next(row for row in rows if row["family_name"] == planted.names[0])
    await linked(town, member["id"], person, giver=owner)
    changes = {"nin": planted.people[0]["nin"], "phone": planted.people[0]["phone"]}
    statement = " ".join([*planted.numbers[:3], planted.names[0]])
    said = {"changes": changes, "statement": statement}
    request = await asked(town, person, member["id"], "RECTIFICATION", **said)
    async with town.client("registry", a_protector()) as client:
        body = {"outcome": "GRANTED", "reason": "Vu"}
        path = f"/v1/data-requests/{request['id']}/decisions"
        expect(await client.post(path, json=body, headers={"If-Match": '"1"'}), 201)
    async with town.client("registry", an_instructor()) as client:
        for path in (
            f"/v1/filings/{made['filing_id']}",
            f"/v1/cooperatives/{made['cooperative_id']}/members",
        ):
            shown = expect(await client.get(path, headers=WHY), 200)
            assert planted.numbers[0] in json.dumps(shown)  # else this test could not fail
    async with town.client("registry", owner) as client:
        draft = expect(await client.post("/v1/filings", json=a_filing(members=extra)), 201)
        answer = await client.patch(
            f"/v1/filings/{draft['id']}",
            json={"payload": {"members": planted.people}},
            headers={"If-Match": '"1"'},
        )
        filed = await act(client, {"id": draft["id"]}, "submissions", {})
    planted.heard += [json.dumps(draft), filed.text]
    assert answer.status_code == 200


async def written(town: Town) -> dict[str, str]:
    """Every row of every table, as text."""
    async with town.owner("registry") as owner:
        await owner.execute("set statement_timeout = 0")  # it reads all that others wrote, too
        tables = await owner.fetch(
            "select tablename as name from pg_tables where schemaname = 'public' order by 1"
        )
        dump = {}
        for table in tables:
            rows = await owner.fetch(f'select t::text as it from "{table["name"]}" t')
            dump[table["name"]] = "\n".join(row["it"] for row in rows)
        kept = await owner.fetch("select convert_from(body, 'UTF8') as body from idempotency")
    return {**dump, "idempotency bodies": "\n".join(row["body"] for row in kept)}


async def public(town: Town) -> str:
    """What anyone may read, and the documents."""
    async with town.client("registry") as anyone:
        answers = [
            (await anyone.get(path)).text
            for path in ("/v1/events?limit=200", "/v1/cooperatives?limit=200")
        ]
    return "\n".join([*answers, json.dumps(openapi.document(town.apps["registry"]))])


async def test_thirty_planted_numbers_are_nowhere(town: Town, logged: io.StringIO) -> None:
    planted = plant()
    await said_wrongly(town, planted)
    await said_rightly(town, planted)
    await town.deliver()
    await link_everything(town)
    logs.visits.flush()
    assert len(set(planted.numbers)) == 30
    assert "/v1/filings" in logged.getvalue()
    assert planted.found_in(logged.getvalue()) == set()
    assert planted.found_in(*planted.heard) == set()
    assert planted.found_in(await public(town)) == set()
    dump = await written(town)
    assert len(dump["person_key"]) > 0
    hits = {table: planted.found_in(text) for table, text in dump.items()}
    assert {table for table, found in hits.items() if found} <= NAMES_STAND_IN
    assert hits["member"] <= set(planted.names)


async def test_what_a_registrar_writes_is_kept_closed_and_answered_again(town: Town) -> None:
    """A note or a reason may speak of somebody: the answer kept for thirty days says it sealed."""
    word = f"Madame Ŋom-{uuid4().hex[:12]}"
    id = (await registered(town, a_filer()))["cooperative_id"]
    wish = {
        "type": "REGISTRAR_NOTE",
        "cooperative_id": id,
        "payload": {"subject": "Appel", "note": f"{word} a téléphoné"},
    }
    registrar = Identity(scope="filings:correct", roles=["registrar"], territory=["SN"])
    async with town.client("registry", registrar) as client:
        keyed = {"Idempotency-Key": uuid4().hex}
        drafts = [await client.post("/v1/filings", json=wish, headers=keyed) for _ in range(2)]
        path = f"/v1/filings/{drafts[0].json()['id']}"
        for act_of_it, said in (("submissions", {}), ("withdrawals", {"reason": word})):
            keyed = {"Idempotency-Key": uuid4().hex}
            answers = [
                await client.post(f"{path}/{act_of_it}", json=said, headers=keyed) for _ in range(2)
            ]
            assert [answer.status_code for answer in answers] == [201, 201], answers[0].text
            assert answers[0].content == answers[1].content
    assert drafts[0].content == drafts[1].content
    assert word in drafts[1].json()["payload"]["note"]
    kept = (await written(town))["idempotency bodies"]
    assert word not in kept
    assert word.encode("unicode_escape").decode() not in kept
