"""Groups enter a session, are read by those whom they concern, and leave."""

from datetime import timedelta
from typing import Any

import pytest

from chassis import clock
from chassis.ids import new_id
from tests.town import Identity, codes, problem
from tests.training.makers import START_COOP, a_group, initiative_fact, members, somebody, tell
from tests.training.stage import Stage, shift_to

DAKAR = "SN-DK-DD1-1"


async def test_a_group_of_seven_has_its_seven_places(stage: Stage) -> None:
    thing = await stage.opened()
    wish = await stage.wish(thing, members=members(7, women=6))
    made = await (await stage.group()).post("/v1/delegations", wish)
    body = made.json()
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"/v1/delegations/{body['id']}"
    assert body["organisation_id"] == stage.cast.cooperative.org
    assert [seat["member_id"] for seat in body["enrolments"]] == [f"m{n}" for n in range(7)]
    assert {seat["status"] for seat in body["enrolments"]} == {"CONFIRMED"}
    read = await (await stage.group()).client.get(made.headers["location"])
    assert (read.json(), read.headers["etag"]) == (body, made.headers["etag"])


async def test_a_cooperative_enrols_as_well_and_remembers_where_it_came_from(
    stage: Stage,
) -> None:
    initiative = await a_group(stage.town, stage.cast.cooperative)
    id = new_id()
    fact = initiative_fact(id, {})
    registered = {
        "cooperative_id": str(id),
        "registration_number": "SN-SE-2026-00001-97",
        "organisation_id": stage.cast.cooperative.org,
        "initiative_id": initiative,
        "name": "Coopérative de Diendé",
        "legal_form": "SCOOPS",
        "commune_code": "SN-SE-SD3-1",
        "status": "REGISTERED",
        "said_later": "by a newer registry",
    }
    kind = "sn.mboolo.registry.cooperative.registered.v1"
    changes = {"type": kind, "subject": f"cooperative/{id}", "data": registered}
    await tell(stage.town, fact.model_copy(update=changes))
    thing = await stage.opened()
    wish = await stage.wish(thing, initiative_id=None, cooperative_id=str(id))
    made = await (await stage.group()).make("/v1/delegations", wish)
    assert (made["cooperative_id"], made["initiative_id"]) == (str(id), initiative)


async def test_names_stay_with_the_organisers_and_numbers_with_nobody(stage: Stage) -> None:
    thing = await stage.opened()
    wish = await stage.wish(thing, members=members(2))
    made = await (await stage.group()).post("/v1/delegations", wish)
    assert "Diatta" not in made.text
    for desk in (await stage.group(), await stage.manager(), await stage.trainer()):
        page = await desk.get(f"/v1/enrolments?delegation_id={made.json()['id']}")
        assert [item["family_name"] for item in page["items"]] == ["Diatta", "Diatta"]
        assert [item["phone"] for item in page["items"]] == [{"is_masked": True}] * 2
        one = await desk.client.get(f"/v1/enrolments/{page['items'][0]['id']}")
        assert (one.json()["phone"], "771234567" in one.text) == ({"is_masked": True}, False)
    detail = await (await stage.manager()).client.get(thing)
    assert "Diatta" not in detail.text


async def test_a_number_is_sealed_where_it_rests(stage: Stage) -> None:
    made = await stage.enrolled(await stage.opened(), members=members(1))
    app = stage.town.apps["training"]
    id = made["enrolments"][0]["id"]
    row = await app.state.reads.fetchrow("select phone_sealed from enrolment where id = $1", id)
    assert "77123" not in row["phone_sealed"]
    opened = app.state.vault.open(row["phone_sealed"], f"enrolment/{id}/phone")
    assert opened == "+221771234567"


@pytest.mark.parametrize(
    ("role", "changes", "status"),
    [
        ("volunteer", {}, 201),
        ("training_manager", {}, 201),
        ("volunteer", {"territory": ["SN-SE"]}, 201),
        ("volunteer", {"territory": ["SN-DK"]}, 404),
        ("cooperative", {}, 404),
    ],
)
async def test_a_group_is_enrolled_by_its_own_or_by_those_of_its_territory(
    stage: Stage, role: str, changes: dict[str, Any], status: int
) -> None:
    wish = await stage.wish(await stage.opened())
    answer = await (await stage.desk(somebody(role, **changes))).post("/v1/delegations", wish)
    assert answer.status_code == status, answer.text


async def test_a_group_of_which_nobody_told_us_is_not_known_yet(stage: Stage) -> None:
    thing = await stage.opened()
    unknown = str(new_id())
    wish = await stage.wish(thing, initiative_id=unknown)
    group = await stage.group()
    answer = await group.post("/v1/delegations", wish)
    assert (answer.status_code, problem(answer)["code"]) == (409, "NOT_YET_KNOWN")
    assert answer.headers["retry-after"] == "1"
    assert problem(answer)["subject"] == f"initiative/{unknown}"
    swapped = await stage.wish(thing, initiative_id=None, cooperative_id=wish["initiative_id"])
    assert problem(await group.post("/v1/delegations", swapped))["code"] == "NOT_YET_KNOWN"


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"cooperative_id": START_COOP}, "ONE_GROUP_REQUIRED", ""),
        ({"initiative_id": None}, "ONE_GROUP_REQUIRED", ""),
        ({"members": []}, "FIELD_INVALID", "/members"),
        ({"mode": "WHATEVER"}, "FIELD_INVALID", "/mode"),
        # Rule 12: delegation size = members listed, distinct, within the session.
        ({"members": members(1) * 2}, "INVALID_DELEGATION", "/members/0/id"),
        ({"members": members(21)}, "INVALID_DELEGATION", "/members"),
        # Rule 37: phone E.164; birth_year plausible; sex as declared.
        ({"members": [members(1)[0] | {"phone": "12"}]}, "INVALID_LEARNER", "/members/0/phone"),
        ({"members": [members(1)[0] | {"phone": "rien"}]}, "INVALID_LEARNER", "/members/0/phone"),
        (
            {"members": [members(1)[0] | {"birth_year": 2199}]},
            "INVALID_LEARNER",
            "/members/0/birth_year",
        ),
        ({"members": [members(1)[0] | {"sex": "X"}]}, "FIELD_INVALID", "/members/0/sex"),
        ({"training_session_id": START_COOP}, "TRAINING_SESSION_UNKNOWN", "/training_session_id"),
    ],
)
async def test_a_bad_wish_is_named_and_located(
    stage: Stage, change: dict[str, Any], code: str, pointer: str
) -> None:
    wish = await stage.wish(await stage.opened(), **change)
    answer = await (await stage.group()).post("/v1/delegations", wish)
    assert answer.status_code == 422
    found = problem(answer)["errors"][0]
    assert (found["code"], found["pointer"]) == (code, pointer)


async def test_neither_a_telephone_nor_a_birth_year_is_needed_to_learn(stage: Stage) -> None:
    person = {"family_name": "Sarr", "given_names": "Coumba", "sex": "NOT_STATED"}
    made = await stage.enrolled(await stage.opened(), members=[person])
    assert made["seats_held"] == 1


async def test_a_draft_is_an_unknown_session_to_a_group(stage: Stage) -> None:
    wish = await stage.wish(await stage.planned())
    answer = await (await stage.group()).post("/v1/delegations", wish)
    assert codes(answer) == {"TRAINING_SESSION_UNKNOWN"}


async def test_registration_is_only_possible_while_it_is_open(stage: Stage) -> None:
    """Rule 1: registration only inside window and status `open`."""
    thing = await stage.opened()
    plan = await (await stage.manager()).get(thing)
    group = await stage.group()
    with clock.shifted(shift_to(plan["registration_closes_at"], timedelta(seconds=1))):
        late = await group.post("/v1/delegations", await stage.wish(thing))
    await stage.take(thing, "registration-closures")
    closed = await group.post("/v1/delegations", await stage.wish(thing))
    for answer in (late, closed):
        assert (answer.status_code, problem(answer)["code"]) == (409, "REGISTRATION_CLOSED")
    assert problem(closed)["current_status"] == "REGISTRATION_CLOSED"


async def test_registration_does_not_begin_before_its_hour(stage: Stage) -> None:
    opens = clock.wire(clock.now() + timedelta(days=1))
    thing = await stage.opened(registration_opens_at=opens)
    answer = await (await stage.group()).post("/v1/delegations", await stage.wish(thing))
    assert problem(answer)["code"] == "REGISTRATION_CLOSED"


async def test_a_delegation_concerns_its_group_its_trainers_and_its_territory(
    stage: Stage,
) -> None:
    made = await stage.enrolled(await stage.opened())
    address = f"/v1/delegations/{made['id']}"
    cast = stage.cast
    colleague = Identity(scope="training:read", org=cast.cooperative.org)
    for who in (cast.manager, cast.trainer, cast.volunteer, colleague):
        assert (await (await stage.desk(who)).client.get(address)).status_code == 200
    reader = Identity(scope="training:read", territory=["SN"])
    strangers = (
        reader,
        somebody("cooperative"),
        somebody("trainer"),
        somebody("volunteer", territory=[DAKAR]),
        somebody("training_manager", territory=[DAKAR]),
    )
    for who in strangers:
        desk = await stage.desk(who)
        assert (await desk.client.get(address)).status_code == 404
        for listed in ("delegations", "enrolments"):
            page = await desk.get(f"/v1/{listed}?limit=200")
            assert made["id"] not in str(page)


async def test_lists_follow_their_cursor_to_the_end(stage: Stage) -> None:
    thing = await stage.opened()
    made = [(await stage.enrolled(thing, 2))["id"] for _ in range(3)]
    group = await stage.group()
    session = thing.rpartition("/")[2]
    first = await group.get(f"/v1/delegations?training_session_id={session}&limit=2")
    rest = await group.get(first["next"].removeprefix("http://gateway"))
    assert [item["id"] for item in first["items"] + rest["items"]] == made
    assert first["items"][0]["members_count"] == 2
    learners = await group.get("/v1/enrolments?limit=4")
    others = await group.get(learners["next"].removeprefix("http://gateway"))
    assert [item["delegation_id"] for item in learners["items"] + others["items"]] == [
        id for id in made for _ in range(2)
    ]
