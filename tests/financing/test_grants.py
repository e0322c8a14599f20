"""What a client does for a cooperative that lent it `financing:apply`: everything but bind it."""

from typing import Any

import pytest

from tests.financing.acts import (
    File,
    a_wish,
    accept,
    accepted,
    get,
    offered,
    post,
    reviewed,
    submitted,
    transmitted,
)
from tests.financing.banks import a_bank
from tests.financing.people import a_cooperative, an_applicant, expect
from tests.makers import a_client
from tests.town import Identity, Town, problem

APPLY = "financing:apply"


def client_of(file: File, *scopes: str, **changes: Any) -> Identity:
    return a_client(
        file.owner, file.cooperative["cooperative_id"], *(scopes or (APPLY,)), **changes
    )


async def hands(town: Town, application: str) -> list[tuple[str, str]]:
    """What was done with an application, and by whom."""
    query = "select kind, by_sub from application_act where application_id = $1 order by at, id"
    async with town.apps["financing"].state.reads.connection() as connection:
        return [(row["kind"], row["by_sub"]) for row in await connection.fetch(query, application)]


async def test_a_client_applies_and_every_act_names_the_client(town: Town) -> None:
    owner = an_applicant()
    cooperative = await a_cooperative(town, owner)
    client = a_client(owner, cooperative["cooperative_id"], APPLY)
    made = expect(await post(town, client, "/v1/financing-applications", a_wish(cooperative)), 201)
    path = f"/v1/financing-applications/{made['id']}"
    expect(await post(town, client, f"{path}/submissions"), 201)
    async with town.apps["financing"].state.reads.connection() as connection:
        row = await connection.fetchrow("select * from application where id = $1", made["id"])
    assert (row["organisation_id"], row["created_by"]) == (owner.org, client.sub)
    assert await hands(town, made["id"]) == [("SUBMISSION", client.sub)]


async def test_the_client_and_the_organisation_do_not_share_their_keys(town: Town) -> None:
    """An idempotency key is its caller's own: the same one means another act for another hand."""
    owner = an_applicant()
    cooperative = await a_cooperative(town, owner)
    client = a_client(owner, cooperative["cooperative_id"], APPLY)
    key = {"Idempotency_Key": "k-1"}
    path = "/v1/financing-applications"
    one = await post(town, owner, path, a_wish(cooperative, purpose="Semences"), **key)
    two = await post(town, client, path, a_wish(cooperative, purpose="Engrais"), **key)
    assert (one.status_code, two.status_code) == (201, 201)
    assert one.json()["id"] != two.json()["id"]


async def test_a_client_applies_for_no_other_cooperative_of_the_organisation(town: Town) -> None:
    owner = an_applicant()
    lent, other = [await a_cooperative(town, owner) for _ in range(2)]
    client = a_client(owner, lent["cooperative_id"], APPLY)
    answer = await post(town, client, "/v1/financing-applications", a_wish(other))
    path = "/v1/financing-products/CAMPAIGN_CREDIT/eligibility?cooperative_id="
    async with town.client("financing", client) as desk:
        mine = await desk.get(path + lent["cooperative_id"])
        foreign = await desk.get(path + other["cooperative_id"])
    assert (answer.status_code, mine.status_code, foreign.status_code) == (404, 200, 404)


async def test_a_client_compares_offers_and_only_the_cooperative_accepts(town: Town) -> None:
    file, [offer] = await offered(town, await a_bank(town))
    client = client_of(file)
    listed = (await get(town, client, "/v1/offers"))["items"]
    assert [row["id"] for row in listed] == [offer["id"]]
    refused = await post(
        town, client, f"/v1/offers/{offer['id']}/acceptances", If_Match=f'"{offer["version"]}"'
    )
    assert (refused.status_code, problem(refused)["code"]) == (403, "OWNER_REQUIRED")
    assert (await get(town, file.owner, f"/v1/offers/{offer['id']}"))["status"] == "LIVE"
    expect(await accept(town, file, offer), 201)


async def test_whoever_may_not_see_an_offer_is_not_told_who_may_accept_it(town: Town) -> None:
    file, [offer] = await offered(town, await a_bank(town))
    other = await a_cooperative(town, file.owner)
    stranger = a_client(file.owner, other["cooperative_id"], APPLY)
    refused = await post(town, stranger, f"/v1/offers/{offer['id']}/acceptances")
    assert refused.status_code == 404


async def test_a_client_withdraws_until_an_offer_is_accepted(town: Town) -> None:
    early = await submitted(town)
    answer = await post(town, client_of(early), f"{early.address}/withdrawals")
    assert expect(answer, 201)["status"] == "WITHDRAWN"
    late, financing = await accepted(town, await a_bank(town))
    body = {"reason": "Trop cher"}
    refused = await post(town, client_of(late), f"{late.address}/withdrawals", body)
    assert (refused.status_code, problem(refused)["code"]) == (403, "OWNER_REQUIRED")
    seen = await get(town, client_of(late), financing)
    assert seen["status"] == "ACCEPTED"
    expect(await post(town, late.owner, f"{late.address}/withdrawals", body), 201)


@pytest.mark.parametrize("tie", ["a grant", "the organisation"])
@pytest.mark.parametrize("what", ["reviews", "eligibility-decisions", "transmissions"])
async def test_officers_work_in_their_territory_alone_even_on_what_they_may_see(
    town: Town, what: str, tie: str
) -> None:
    stage = {"reviews": submitted, "eligibility-decisions": reviewed, "transmissions": reviewed}
    file = await stage[what](town)
    scope = f"{APPLY} financing:review financing:validate"
    who = client_of(file, scope=scope, territory=["SN-DK"])
    if tie == "the organisation":
        who = Identity(scope=scope, org=file.owner.org, territory=["SN-DK"])
    seen = await get(town, who, file.address)
    body = {"outcome": "COMPLETE"} if what == "reviews" else {}
    answer = await post(town, who, f"{file.address}/{what}", body, If_Match=f'"{seen["version"]}"')
    assert answer.status_code == 404


async def test_a_client_reads_what_lenders_ask_and_answers(town: Town) -> None:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    assignment = file.assignments[bank.id]
    question = {"items": [{"code": "ACCOUNTS", "text": "Comptes 2025 ?"}]}
    path = f"/v1/lender/assignments/{assignment['id']}"
    expect(await post(town, bank.who, f"{path}/acknowledgements", {"outcome": "ACCEPTED"}), 201)
    asked = expect(await post(town, bank.who, f"{path}/information-requests", question), 201)
    client = client_of(file)
    seen = (await get(town, client, f"{file.address}/information-requests"))["items"]
    assert [row["id"] for row in seen] == [asked["id"]]
    answers = {
        "information_request_id": asked["id"],
        "answers": [{"code": "ACCOUNTS", "text": "Ci-joints."}],
    }
    expect(await post(town, client, f"{file.address}/information-answers", answers), 201)
    done = await hands(town, file.application["id"])
    assert done[-1] == ("INFORMATION_ANSWER", client.sub)
