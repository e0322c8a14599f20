"""What a cooperative lends to a client on its training, and what the client does in its name."""

from typing import Any

from sqlalchemy import text

from chassis.sql import run
from tests.house.things import a_cooperative
from tests.makers import a_client
from tests.town import Identity, problem
from tests.training.makers import a_group, members
from tests.training.stage import Stage


def wish(thing: str, cooperative: str) -> dict[str, Any]:
    return {
        "training_session_id": thing.rpartition("/")[2],
        "cooperative_id": cooperative,
        "members": members(3),
    }


async def test_a_client_enrols_the_group_and_the_history_names_the_client(stage: Stage) -> None:
    owner = stage.cast.cooperative
    cooperative = await a_cooperative(stage.town, owner.org)
    client = a_client(owner, cooperative, "training:enrol")
    desk = await stage.desk(client)
    thing = await stage.opened()
    made = await desk.make("/v1/delegations", wish(thing, cooperative))
    assert made["organisation_id"] == owner.org
    await desk.done(f"/v1/delegations/{made['id']}", "withdrawals")
    async with stage.town.apps["training"].state.database.transaction() as session:
        query = text("select enrolled_by from delegation where id = :id")
        enrolled_by = (await run(session, query, {"id": made["id"]})).scalar_one()
        query = text("select distinct by_sub from transition where subject = :subject")
        subject = f"enrolment/{made['enrolments'][0]['id']}"
        hands = set((await run(session, query, {"subject": subject})).scalars())
    assert ({enrolled_by}, hands) == ({client.sub}, {client.sub})


async def test_a_client_enrols_no_other_group_of_the_organisation(stage: Stage) -> None:
    owner = stage.cast.cooperative
    lent, other = [await a_cooperative(stage.town, owner.org) for _ in range(2)]
    initiative = await a_group(stage.town, owner)
    desk = await stage.desk(a_client(owner, lent, "training:enrol"))
    thing = await stage.opened()
    body = wish(thing, other)
    answers = [
        await desk.post("/v1/delegations", body),
        await desk.post(
            "/v1/delegations", body | {"cooperative_id": None, "initiative_id": initiative}
        ),
    ]
    assert {answer.status_code for answer in answers} == {404}


async def test_a_look_is_not_a_hand(stage: Stage) -> None:
    """`training:read` was lent: seen, but neither enrolled nor withdrawn, whatever the token
    itself may do for its own organisation."""
    owner = stage.cast.cooperative
    cooperative = await a_cooperative(stage.town, owner.org)
    thing = await stage.opened()
    group = await stage.group()
    made = await group.make("/v1/delegations", wish(thing, cooperative))
    scope = "training:read training:enrol"
    desk = await stage.desk(a_client(owner, cooperative, "training:read", scope=scope))
    path = f"/v1/delegations/{made['id']}"
    assert (await desk.get(path))["id"] == made["id"]
    answers = [
        await desk.act(path, "withdrawals"),
        await desk.act(f"/v1/enrolments/{made['enrolments'][0]['id']}", "withdrawals"),
        await desk.post("/v1/delegations", wish(thing, cooperative)),
    ]
    assert {answer.status_code for answer in answers} == {404}


async def test_the_record_of_a_cooperative_begins_when_it_was_an_initiative(stage: Stage) -> None:
    owner = stage.cast.cooperative
    thing = await stage.opened()
    before, other = await stage.enrolled(thing, 3), await stage.enrolled(thing, 3)
    cooperative = await a_cooperative(stage.town, owner.org, before["initiative_id"])
    desk = await stage.desk(a_client(owner, cooperative, "training:read"))
    assert (await desk.get(f"/v1/delegations/{before['id']}"))["id"] == before["id"]
    listed = await desk.get("/v1/delegations?limit=200")
    assert [row["id"] for row in listed["items"]] == [before["id"]]
    absent = await desk.client.get(f"/v1/delegations/{other['id']}")
    assert absent.status_code == 404


async def test_a_grant_of_another_organisation_on_this_cooperative_is_worth_nothing(
    stage: Stage,
) -> None:
    """Whoever says to own what they do not (the gateway refuses it too) opens nothing."""
    cooperative = await a_cooperative(stage.town, stage.cast.cooperative.org)
    liar = Identity(scope="training:enrol")
    desk = await stage.desk(a_client(liar, cooperative, "training:enrol"))
    answer = await desk.post("/v1/delegations", wish(await stage.opened(), cooperative))
    assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")
