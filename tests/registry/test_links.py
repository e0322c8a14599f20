"""How an account becomes a person of the register, and what it then sees."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from chassis import clock
from tests.makers import a_client
from tests.registry.people import a_filer, an_instructor, expect, registered
from tests.registry.privacy import a_member_of, a_protector, linked, members_of
from tests.town import Identity, Town, codes, problem

GROUND = {"ground": "IDENTITY_DOCUMENT_SEEN"}
FRENCH = {"Accept-Language": "fr"}
WHY = {"Purpose-Of-Use": "CONTROL"}


async def given(town: Town, member: str, giver: Identity) -> str:
    async with town.client("registry", giver) as client:
        path = f"/v1/members/{member}/link-codes"
        return str(expect(await client.post(path, json=GROUND), 201)["code"])


async def test_a_person_sees_who_read_what_and_why(town: Town) -> None:
    owner, person, agent = a_filer(), Identity(scope=""), an_instructor()
    made = await registered(town, owner)
    member = (await members_of(town, owner, made["cooperative_id"]))[-1]
    await linked(town, member["id"], person, giver=owner)
    async with town.client("registry", agent) as client:
        path = f"/v1/cooperatives/{made['cooperative_id']}/members"
        expect(await client.get(path, headers=WHY), 200)
        expect(await client.get(f"/v1/filings/{made['filing_id']}"), 200)
    async with town.client("registry", person) as client:
        answer = await client.get("/v1/me/data-accesses", headers=FRENCH)
        english = await client.get("/v1/me/data-accesses", headers={"Accept-Language": "en"})
    filing, members, *earlier = expect(answer, 200)["items"]
    assert (filing["operation"], filing["filing_id"]) == ("FILING", made["filing_id"])
    assert (members["purpose"], members["is_whole"]) == ("CONTROL", True)
    assert members["sentence"].startswith("Un agent du ministère a vu : nom, prénoms")
    assert members["sentence"].endswith("motif : Contrôle d'une coopérative.")
    assert "An agent of the ministry saw" in english.json()["items"][0]["sentence"]
    assert {one["capacity"] for one in earlier} == {"COOPERATIVE", "FILER"}
    assert agent.sub not in answer.text


async def test_a_person_sees_their_own_data_whole_and_nobody_elses(town: Town) -> None:
    owner, person = a_filer(), Identity(scope="")
    made = await registered(town, owner)
    member = (await members_of(town, owner, made["cooperative_id"]))[-1]
    await linked(town, member["id"], person, giver=owner)
    async with town.client("registry", person) as client:
        [own] = expect(await client.get("/v1/me/personal-data"), 200)["items"]
    assert own["member"]["id"] == member["id"]
    assert own["member"]["revealed"]["nin"][-3:] == member["nin_last3"]


async def test_without_a_link_there_is_nothing(town: Town) -> None:
    await a_member_of(town)
    async with town.client("registry", Identity(scope="")) as client:
        for path in ("/v1/me/data-accesses", "/v1/me/personal-data", "/v1/data-requests"):
            assert expect(await client.get(path), 200)["items"] == []


async def test_a_code_is_good_once_and_for_a_week(town: Town) -> None:
    owner, one, other = a_filer(), Identity(scope=""), Identity(scope="")
    member = await a_member_of(town, owner)
    code, late = await given(town, member, owner), await given(town, member, owner)
    async with town.client("registry", one) as client:
        expect(await client.post("/v1/me/member-links", json={"code": code.lower()}), 201)
    async with town.client("registry", other) as client:
        again = await client.post("/v1/me/member-links", json={"code": code})
        unknown = await client.post("/v1/me/member-links", json={"code": "M" + "A" * 13})
        with clock.shifted(timedelta(days=8)):
            expired = await client.post("/v1/me/member-links", json={"code": late})
    assert codes(again) == codes(unknown) == codes(expired) == {"LINK_CODE_INVALID"}


async def test_who_gives_a_code_does_not_use_it(town: Town) -> None:
    owner = a_filer()
    code = await given(town, await a_member_of(town, owner), owner)
    async with town.client("registry", owner) as client:
        answer = await client.post("/v1/me/member-links", json={"code": code})
    assert (answer.status_code, problem(answer)["code"]) == (403, "LINK_CODE_OWN")


async def test_two_who_use_one_code_at_once_are_one_who_did(town: Town) -> None:
    owner = a_filer()
    code = await given(town, await a_member_of(town, owner), owner)

    async def claim() -> int:
        async with town.client("registry", Identity(scope="")) as client:
            return (await client.post("/v1/me/member-links", json={"code": code})).status_code

    assert sorted(await asyncio.gather(*(claim() for _ in range(4)))) == [201, 422, 422, 422]


async def test_a_new_account_takes_the_place_of_the_lost_one(town: Town) -> None:
    owner, old, new = a_filer(), Identity(scope=""), Identity(scope="")
    member = await a_member_of(town, owner)
    await linked(town, member, old, giver=owner)
    await linked(town, member, new, giver=owner)
    seen = {}
    for who in (old, new):
        async with town.client("registry", who) as client:
            seen[who.sub] = len(expect(await client.get("/v1/me/personal-data"), 200)["items"])
    assert seen == {old.sub: 0, new.sub: 1}


async def test_no_code_is_given_by_whom_the_cooperative_lent_its_record(town: Town) -> None:
    owner = a_filer()
    made = await registered(town, owner)
    member = (await members_of(town, owner, made["cooperative_id"]))[-1]["id"]
    lent = a_client(owner, made["cooperative_id"], "filings:write")
    for who in (lent, an_instructor("SN-DK")):
        async with town.client("registry", who) as client:
            answer = await client.post(f"/v1/members/{member}/link-codes", json=GROUND)
        assert answer.status_code == 404


async def test_no_code_is_stored_in_clear(town: Town) -> None:
    owner, key = a_filer(), uuid4().hex
    member = await a_member_of(town, owner)
    path, headers = f"/v1/members/{member}/link-codes", {"Idempotency-Key": key}
    async with town.client("registry", owner) as client:
        first = expect(await client.post(path, json=GROUND, headers=headers), 201)
        again = expect(await client.post(path, json=GROUND, headers=headers), 201)
    reads = town.apps["registry"].state.reads
    rows = await reads.fetch("select * from member_link")
    kept = await reads.fetch("select convert_from(body, 'UTF8') as body from idempotency")
    assert first == again
    assert first["code"] not in str([dict(row) for row in (*rows, *kept)])


@pytest.mark.parametrize("territory", ["SN-SE", "SN-DK"])
async def test_data_protection_sees_the_readings_of_its_territory(
    town: Town, territory: str
) -> None:
    owner = a_filer()
    made = await registered(town, owner)
    member = (await members_of(town, owner, made["cooperative_id"]))[-1]["id"]
    async with town.client("registry", a_protector(territory)) as client:
        all_of_them = expect(await client.get("/v1/data-accesses?limit=200"), 200)["items"]
        answer = await client.get(f"/v1/data-accesses?member_id={member}")
    seen = made["cooperative_id"] in {one["cooperative_id"] for one in all_of_them}
    assert seen == (territory == "SN-SE")
    assert answer.status_code == (200 if territory == "SN-SE" else 404)
    if territory == "SN-SE":
        assert answer.json()["items"][0]["sub"] == owner.sub
