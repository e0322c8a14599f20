"""The public register: what anyone sees, what nobody sees, and what was true before."""

import argparse
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from chassis import clock
from chassis.jose import LocalKeys, construct
from services.registry.verify_ledger import checkpoint
from tests.registry.people import a_filer, an_instructor, expect, registered
from tests.registry.test_desk import walk_ledger
from tests.town import Identity, Town, codes, problem

SECRETS = ("nin", "phone", "birth", "shares", "organisation_id", "given_names", "family_name")


async def test_lists_and_search_name_no_person(town: Town) -> None:
    word = f"Teranga{uuid4().hex[:8]}"
    name = f"Société coopérative simplifiée SCOOPS Téranga {word}"
    decision = await registered(town, a_filer(), name=name)
    async with town.client("registry") as anyone:
        page = expect(await anyone.get("/v1/cooperatives", params={"q": word.upper()}), 200)
    [found] = page["items"]
    assert found["id"] == decision["cooperative_id"]
    assert not [name for name in SECRETS if name in found]
    assert (page["next_cursor"], page["next"]) == (None, None)


async def test_a_name_is_found_in_spite_of_a_typo(town: Town) -> None:
    word = f"sukkali{uuid4().hex[:6]}"
    await registered(town, a_filer(), name=f"SCOOPS société coopérative simplifiée {word} bignona")
    async with town.client("registry") as anyone:
        typo = word.replace("kk", "k") + " bignona"
        page = expect(await anyone.get("/v1/cooperatives", params={"q": typo}), 200)
    assert word in {item["name"].split()[-2] for item in page["items"]}


async def test_the_detail_shows_names_and_functions_of_officers_and_nothing_else(
    town: Town,
) -> None:
    decision = await registered(town, a_filer())
    async with town.client("registry") as anyone:
        found = expect(await anyone.get(f"/v1/cooperatives/{decision['cooperative_id']}"), 200)
    assert set(found["officers"][0]) == {
        "mandate_id", "family_name", "given_names", "organ", "function", "from_on", "to_on",
        "representative",
    }  # fmt: skip
    assert not [name for name in ("nin", "phone", "birth_year", "members") if name in found]
    assert (found["women_count"], found["sex_not_stated_count"]) == (7, 0)


async def test_the_register_says_what_it_said_then(town: Town) -> None:
    decision = await registered(town, a_filer())
    path = f"/v1/cooperatives/{decision['cooperative_id']}"
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    before = clock.wire(clock.now() - timedelta(hours=1))
    async with town.client("registry") as anyone:
        assert (await anyone.get(path, params={"as_of": yesterday})).status_code == 404
        assert (await anyone.get(path, params={"known_at": before})).status_code == 404
        now = expect(await anyone.get(path, params={"as_of": clock.today().isoformat()}), 200)
    assert now["as_of"] == clock.today().isoformat()


async def test_no_two_versions_are_true_at_once(town: Town) -> None:
    decision = await registered(town, a_filer())
    database = town.apps["registry"].state.database
    again = (
        "insert into cooperative_version select gen_random_uuid(), cooperative_id, 2, filing_id,"
        f" valid, recorded, public from cooperative_version"
        f" where cooperative_id = '{decision['cooperative_id']}'"
    )
    from sqlalchemy import text

    with pytest.raises(DBAPIError, match="ex_cooperative_version_bitemporal"):
        async with database.transaction() as session:
            await (await session.connection()).execute(text(again))


@pytest.mark.parametrize(
    ("table", "key", "index"),
    [
        ("cooperative_version", "cooperative_id", "ix_cooperative_version_cooperative_id"),
        ("mandate", "mandate_id", None),
        ("membership", "member_id", None),
    ],
)
async def test_who_reads_by_id_never_reads_the_index_of_the_constraint(
    town: Town, table: str, key: str, index: str | None
) -> None:
    """It looks cheaper to PostgreSQL, and reads a hundred pages where the other reads three."""
    async with town.owner("registry") as owner:
        change = owner.transaction()
        await change.start()
        if index:
            await owner.execute(f"drop index {index}")
        await owner.execute("set local enable_seqscan = off")
        read = f"explain select 1 from {table} where {key} = '{uuid4()}'"
        plan = "\n".join(row[0] for row in await owner.fetch(read))
        await change.rollback()
    assert f"ex_{table}_bitemporal" not in plan, plan


async def test_members_are_for_the_cooperative_and_its_agents(town: Town) -> None:
    filer = a_filer()
    decision = await registered(town, filer)
    path = f"/v1/cooperatives/{decision['cooperative_id']}/members"
    async with town.client("registry", filer) as own:
        members = expect(await own.get(path), 200)["items"]
    async with town.client("registry", an_instructor("SN-SE")) as agent:
        seen = expect(await agent.get(path), 200)["items"]
    async with town.client("registry", an_instructor("SN-DK")) as elsewhere:
        foreign = await elsewhere.get(path)
    async with town.client("registry", a_filer()) as other:
        hidden = await other.get(path)
    assert len(members) == len(seen) == 7
    assert members[0]["nin"] == {"is_masked": True}
    assert (foreign.status_code, hidden.status_code) == (404, 404)


async def test_the_certificate_holds_for_anyone_with_the_published_key(town: Town) -> None:
    from jose import jws

    decision = await registered(town, a_filer())
    async with town.client("registry") as anyone:
        proof = expect(await anyone.get(f"/v1/verifications/{decision['verification_code']}"), 200)
        key = expect(await anyone.get(f"/v1/signing-keys/{proof['kid']}"), 200)
    signed = jws.verify(proof["credential"], construct(key), ["ES256"])
    assert decision["registration_number"].encode() in signed
    assert await LocalKeys([key]).find(proof["kid"]) is not None
    assert "d" not in key


@pytest.mark.parametrize("code", ["R7KQ2M9XD4TBWA", "T123", "R" * 14, "%00", "R' or 1=1"])
async def test_an_unknown_or_mistyped_code_is_not_found(town: Town, code: str) -> None:
    async with town.client("registry") as anyone:
        answer = await anyone.get(f"/v1/verifications/{code}")
    assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")


async def test_agents_read_the_arrival_register_of_their_territory(town: Town) -> None:
    made = await registered(town, a_filer())
    own = await walk_ledger(town, an_instructor("SN-SE"), made["filing_id"])
    async with town.client("registry", an_instructor("SN-SE")) as agent:
        lines = expect(await agent.get("/v1/ledger?limit=200"), 200)["items"]
    async with town.client("registry", an_instructor("SN-DK")) as elsewhere:
        others = expect(await elsewhere.get("/v1/ledger?limit=200"), 200)["items"]
    async with town.client("registry", Identity(scope="filings:write")) as filer:
        assert (await filer.get("/v1/ledger")).status_code == 403
    assert [line["kind"] for line in own] == ["ARRIVAL", "APPROVAL"]
    assert all(line["authority_code"].startswith("SN-SE") for line in lines)
    assert not {line["id"] for line in others} & {line["id"] for line in lines}


@pytest.mark.parametrize(
    "mark", ["publik:1:00", "public:1", "public:x:00", "ledger:1:xyz", "ledger:-1:00", ""]
)
def test_a_mistyped_checkpoint_is_refused_and_not_skipped(mark: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        checkpoint(mark)


def test_a_checkpoint_names_a_chain_a_sequence_and_a_hash() -> None:
    assert checkpoint(f"public:17:{'0a' * 32}") == ("public", 17, "0a" * 32)


@pytest.mark.parametrize("name", ["divisions", "sectors", "languages", "functions"])
async def test_code_lists_carry_both_languages(town: Town, name: str) -> None:
    async with town.client("registry") as anyone:
        answer = await anyone.get(f"/v1/code-lists/{name}")
        missing = await anyone.get("/v1/code-lists/nothing")
    listed = expect(answer, 200)
    assert answer.headers["cache-control"].startswith("public, max-age=300")
    assert listed["items"][0]["label"].keys() == {"fr", "en"}
    assert missing.status_code == 404


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "page=2", "life=ALIVE", "q=a", "cursor=%00", "as_of=1"]
)
async def test_the_register_refuses_what_it_does_not_understand(town: Town, query: str) -> None:
    async with town.client("registry") as anyone:
        answer = await anyone.get(f"/v1/cooperatives?{query}")
    assert answer.status_code == 400
    assert codes(answer)


async def test_english_is_spoken_to_those_who_ask(town: Town) -> None:
    async with town.client("registry") as anyone:
        answer = await anyone.get("/v1/verifications/nope", headers={"Accept-Language": "en"})
    assert (problem(answer)["title"], answer.headers["content-language"]) == ("Not found", "en")


async def test_training_makes_an_initiative_ready(town: Town) -> None:
    from chassis.inbox import Fact, hear
    from services.registry.training import HEARS

    filer = a_filer()
    async with town.client("registry", filer) as client:
        body = {
            "name": "Groupe de Diendé", "commune_code": "SN-SE-SD3-1", "activity": "Cajou",
            "members_count": 7,
        }  # fmt: skip
        made = expect(await client.post("/v1/initiatives", json=body), 201)
        fact = Fact.model_validate(
            {
                "id": str(uuid4()),
                "type": "sn.mboolo.training.delegation.completed.v1",
                "subject": f"delegation/{uuid4()}",
                "time": clock.wire(clock.now()),
                "resourceversion": 1,
                "data": {"initiative_id": made["id"], "outcome": "ACHIEVED"},
            }
        )
        async with town.apps["registry"].state.database.transaction() as session:
            outcome = await hear(session, "training", [fact], HEARS)
        read = expect(await client.get(f"/v1/initiatives/{made['id']}"), 200)
    assert outcome.failed == {}
    assert read["trained_at"] is not None
