"""What a cooperative lends to a client on its record in the register, and what stays with it."""

from tests.makers import a_client
from tests.registry.people import a_filer, act, drafted, expect, registered, submitted
from tests.town import Identity, Town, problem


async def test_a_client_reads_the_filing_that_brought_the_cooperative_and_sees_no_number(
    town: Town,
) -> None:
    owner = a_filer()
    made = await registered(town, owner)
    path = f"/v1/filings/{made['filing_id']}"
    async with town.client("registry", owner) as client:
        whole = expect(await client.get(path), 200)
    who = a_client(owner, made["cooperative_id"], "filings:write")
    async with town.client("registry", who) as client:
        seen = expect(await client.get(path), 200)
        decisions = expect(await client.get(f"{path}/decisions"), 200)["items"]
    assert whole["payload"]["members"][0]["nin"].isdigit()
    assert seen["payload"]["members"][0]["nin"] == {"is_masked": True}
    assert seen["payload"]["name"] == whole["payload"]["name"]
    assert decisions[0]["cooperative_id"] == made["cooperative_id"]


async def test_a_client_acts_as_far_as_the_life_of_the_filing_allows(town: Town) -> None:
    """A door opens: 409 tells of the state, where a stranger would hear 404."""
    owner = a_filer()
    made = await registered(town, owner)
    who = a_client(owner, made["cooperative_id"], "filings:write")
    async with town.client("registry", who) as client:
        answer = await act(client, {"id": made["filing_id"]}, "withdrawals", {})
    assert (answer.status_code, problem(answer)["current_status"]) == (409, "APPROVED")


async def test_a_grant_opens_no_draft_and_no_initiative_of_the_organisation(town: Town) -> None:
    owner = a_filer()
    made = await registered(town, owner)
    draft, filed = await drafted(town, owner), await submitted(town, owner)
    who = a_client(owner, made["cooperative_id"], "filings:write")
    async with town.client("registry", who) as client:
        listed = expect(await client.get("/v1/filings?limit=200"), 200)["items"]
        answers = [await client.get(f"/v1/filings/{one['id']}") for one in (draft, filed)]
        mine = expect(await client.post("/v1/filings", json={"type": "REGISTRATION"}), 201)
    assert {row["id"] for row in listed} == {made["filing_id"]}
    assert {answer.status_code for answer in answers} == {404}
    assert mine["organisation_id"] == who.org


async def test_a_client_sees_the_members_of_the_cooperative_that_lent_it(town: Town) -> None:
    owner = a_filer()
    one, two = await registered(town, owner), await registered(town, owner)
    who = a_client(owner, one["cooperative_id"], "cooperatives.members:read")
    async with town.client("registry", who) as client:
        seen = expect(await client.get(f"/v1/cooperatives/{one['cooperative_id']}/members"), 200)
        other = await client.get(f"/v1/cooperatives/{two['cooperative_id']}/members")
    assert len(seen["items"]) == 7
    assert seen["items"][0]["nin"] == {"is_masked": True}
    assert other.status_code == 404


async def test_a_grant_makes_nobody_an_agent(town: Town) -> None:
    owner = a_filer()
    made = await registered(town, owner)
    scopes = "filings:write filings:review filings:decide"
    who: Identity = a_client(owner, made["cooperative_id"], *scopes.split())
    async with town.client("registry", who) as client:
        answer = await act(client, {"id": made["filing_id"]}, "reviews", {"outcome": "COMPLETE"})
    assert answer.status_code == 404
