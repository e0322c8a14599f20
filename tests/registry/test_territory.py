"""Who has a territory begins nothing outside it; what has no place yet is its filers' alone."""

from typing import Any

import pytest

from tests.makers import DIENDE, a_filing
from tests.registry.people import a_filer, act, an_instructor, drafted, expect
from tests.registry.test_initiatives import an_initiative
from tests.town import Identity, Town, codes, problem

DAKAR = "SN-DK-DD1-1"
OUTSIDE = {"COMMUNE_OUTSIDE_TERRITORY"}


def pointers(answer: Any) -> set[str]:
    return {finding["pointer"] for finding in problem(answer)["errors"]}


def seated(commune: str) -> dict[str, Any]:
    return {"payload": {"seat": {"commune_code": commune}}}


@pytest.mark.parametrize("owner", ["own", "another"])
async def test_a_volunteer_drafts_no_filing_for_a_seat_elsewhere(town: Town, owner: str) -> None:
    volunteer = a_filer(territory=["SN-DK"])
    body = a_filing() | ({"organisation_id": "org-of-a-group"} if owner == "another" else {})
    async with town.client("registry", volunteer) as client:
        drafted = await client.post("/v1/filings", json=body)
        tried = await client.post("/v1/filings?validate_only=true", json=body)
        home = await client.post("/v1/filings", json=body | seated(DAKAR))
    assert codes(drafted) == codes(tried) == OUTSIDE
    assert pointers(drafted) == {"/payload/seat/commune_code"}
    assert home.status_code == 201


async def test_a_seat_cannot_be_moved_out_of_the_territory_later(town: Town) -> None:
    volunteer = a_filer(territory=["SN-DK"])
    async with town.client("registry", volunteer) as client:
        blank = expect(await client.post("/v1/filings", json={"type": "REGISTRATION"}), 201)
        moved = await client.patch(
            f"/v1/filings/{blank['id']}", json=seated(DIENDE), headers={"If-Match": '"1"'}
        )
        seen = expect(await client.get(f"/v1/filings/{blank['id']}"), 200)
    assert codes(moved) == OUTSIDE
    assert (seen["version"], seen["payload"]) == (1, {})


async def test_whoever_lost_the_territory_does_not_submit_there(town: Town) -> None:
    volunteer = a_filer(territory=["SN-SE"])
    filing = await drafted(town, volunteer)
    volunteer.territory = ["SN-DK"]
    async with town.client("registry", volunteer) as client:
        filed = await act(client, filing, "submissions", {})
        tried = await act(client, filing, "submissions?validate_only=true", {})
    assert codes(filed) == codes(tried) == OUTSIDE


async def test_a_volunteer_starts_no_group_elsewhere_not_even_of_their_own(town: Town) -> None:
    async with town.client("registry", a_filer(territory=["SN-DK"])) as client:
        answer = await client.post("/v1/initiatives", json=an_initiative())
    assert codes(answer) == OUTSIDE
    assert pointers(answer) == {"/commune_code"}


async def test_a_cooperative_without_a_territory_sits_wherever_it_does(town: Town) -> None:
    async with town.client("registry", a_filer()) as client:
        for commune in (DIENDE, DAKAR):
            expect(await client.post("/v1/filings", json=a_filing() | seated(commune)), 201)


async def test_a_draft_without_a_seat_lies_in_no_territory(town: Town) -> None:
    filer = a_filer()
    async with town.client("registry", filer) as client:
        filing = expect(await client.post("/v1/filings", json={"type": "REGISTRATION"}), 201)
    agents = [an_instructor("SN"), Identity(scope="filings:correct", territory=["SN"])]
    for agent in agents:
        async with town.client("registry", agent) as client:
            assert (await client.get(f"/v1/filings/{filing['id']}")).status_code == 404
