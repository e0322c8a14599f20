"""The same person elsewhere: a sign for agents, by a hash that says nothing to anybody else."""

from tests.makers import a_member, a_nin
from tests.registry.people import a_filer, a_validator, an_instructor, expect, registered, submitted
from tests.town import Identity, Town


async def test_an_agent_learns_that_a_person_is_a_member_or_president_elsewhere(
    town: Town,
) -> None:
    """R36: the same person president of several cooperatives is a sign, not a ground to refuse."""
    president, member = a_nin(), a_nin()
    people = [a_member(0, nin=president), a_member(1, nin=member)]
    people += [a_member(n) for n in range(2, 7)]
    there = await registered(town, a_filer(), members=people)
    spelt = f"{president[:3]} {president[3:]}"
    again = [a_member(0, nin=spelt), *(a_member(n) for n in range(1, 6)), a_member(6, nin=member)]
    filing = await submitted(town, a_filer(), members=again)
    path = f"/v1/filings/{filing['id']}/person-matches"
    async with town.client("registry", an_instructor()) as client:
        found = expect(await client.get(path), 200)["items"]
    async with town.client("registry", an_instructor("SN-SE-SD3-1")) as client:
        near = expect(await client.get(path), 200)["items"]
    assert [(one["code"], one["pointer"], one["severity"]) for one in found] == [
        ("MULTI_PRESIDENT", "/payload/members/0", "WARN"),
        ("MEMBER_ELSEWHERE", "/payload/members/6", "WARN"),
    ]
    assert {one["cooperative"]["id"] for one in found} == {there["cooperative_id"]}
    assert near == found
    reads = town.apps["registry"].state.reads
    rows = await reads.fetch(
        "select subjects from data_access where operation = 'PERSON_MATCHES'"
        " and filing_id = $1::text::uuid",
        filing["id"],
    )
    assert [len(row["subjects"]) for row in rows] == [7 + 2, 7 + 2]


async def test_a_cooperative_of_another_territory_is_not_named(town: Town) -> None:
    nin = a_nin()
    made = await registered(
        town, a_filer(), members=[a_member(0, nin=nin), *map(a_member, range(1, 7))]
    )
    filing = await submitted(
        town, a_filer(), members=[a_member(0, nin=nin), *map(a_member, range(1, 7))]
    )
    moves = "update cooperative set path = $2 where id = $1::text::uuid returning path"
    reads, id = town.apps["registry"].state.reads, made["cooperative_id"]
    [here] = await reads.fetch("select path from cooperative where id = $1::text::uuid", id)
    await reads.fetch(moves, id, ["SN-DK", "SN"])
    try:
        async with town.client("registry", an_instructor()) as client:
            answer = await client.get(f"/v1/filings/{filing['id']}/person-matches")
    finally:  # no effect says that it moved, and others hold the register against its effects
        await reads.fetch(moves, id, here["path"])
    [found] = expect(answer, 200)["items"]
    assert found["cooperative"] is None
    assert made["cooperative_id"] not in answer.text
    [member] = await reads.fetch(
        "select m.id from member m join mandate d on d.member_id = m.id"
        " where m.cooperative_id = $1::text::uuid and d.function = 'PRESIDENT'", id,
    )  # fmt: skip
    seen = await reads.fetch(
        "select operation, filing_id::text from data_access where $1 = any(subjects)", member["id"]
    )
    assert [tuple(one) for one in seen] == [("PERSON_MATCHES", filing["id"])]


async def test_nobody_but_the_agents_of_the_filing_may_look(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    path = f"/v1/filings/{filing['id']}/person-matches"
    statuses = {}
    for name, who in {
        "filer": filer,
        "elsewhere": an_instructor("SN-DK"),
        "validator": a_validator(),
        "reader": Identity(scope="cooperatives.members:read", territory=["SN"]),
    }.items():
        async with town.client("registry", who) as client:
            statuses[name] = (await client.get(path)).status_code
    assert statuses == {"filer": 403, "elsewhere": 404, "validator": 200, "reader": 403}
