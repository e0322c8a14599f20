"""The edges of a record: a member on no day, days at the end of time, acts in preparation."""

from urllib.parse import quote

import pytest

from services.registry.history.rules import State
from services.registry.public_view import counts_of
from tests.makers import a_member
from tests.registry.people import a_filer, expect
from tests.registry.test_changes import a_registrar, changed, cooperative, days_ago, members
from tests.town import Town

MOMENTS = [
    "as_of=9999-12-31",
    "as_of=0001-01-01",
    f"known_at={quote('9999-12-31T23:59:59.999999-14:00')}",
    f"known_at={quote('0001-01-01T00:00:00+14:00')}",
    "as_of=9999-12-31&known_at=0001-01-01T00:00:00Z",
]


@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_ends_of_time_are_no_failure(town: Town, moment: str) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    async with town.client("registry", filer) as client:
        for what in ("", "/officers", "/members", "/alerts", "/obligations"):
            answer = await client.get(f"/v1/cooperatives/{id}{what}?{moment}")
            assert answer.status_code in (200, 400, 404), (what, answer.text)


async def test_who_left_on_the_day_of_their_admission_is_still_shown(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer)
    wish = {
        "decided_on": days_ago(3),
        "admissions": [a_member(8, requested_on=days_ago(5))],
        "capital_xof": 200_000,
    }
    await changed(town, filer, "CHANGE_OF_MEMBERSHIP", id, wish)
    new = next(one for one in await members(town, filer, id) if one["birth_year"] == 1993)
    gone = [{"member_id": new["id"], "reason": "WITHDRAWAL"}]
    out = {"decided_on": days_ago(3), "exits": gone, "capital_xof": 175_000}
    await changed(town, filer, "CHANGE_OF_MEMBERSHIP", id, out)
    assert new["id"] not in {one["id"] for one in await members(town, filer, id)}
    async with town.client("registry", filer) as client:
        shown = expect(await client.get(f"/v1/members/{new['id']}"), 200)
    assert (shown["id"], shown["shares"], shown["left_on"]) == (new["id"], 5, days_ago(3))


async def test_a_cooperative_is_not_told_what_a_registrar_prepares(town: Town) -> None:
    filer, registrar = a_filer(), a_registrar()
    id = await cooperative(town, filer)
    wish = {"type": "STRIKE_OFF", "cooperative_id": id, "payload": {"reason": "x"}}
    async with town.client("registry", registrar) as client:
        draft = expect(await client.post("/v1/filings", json=wish), 201)
        own = await client.get(f"/v1/cooperatives/{id}/allowed-actions")
    async with town.client("registry", filer) as client:
        answer = await client.get(f"/v1/cooperatives/{id}/allowed-actions")
    assert draft["id"] in own.text
    assert draft["id"] not in answer.text
    told = {one["action"]: one["blockers"] for one in expect(answer, 200)["actions"]}
    assert "FILING_OPEN_ALREADY" not in {one["code"] for one in told["STRIKE_OFF"]}


@pytest.mark.parametrize(
    ("women", "men", "named", "members"),
    [
        (10, None, 1, (None, 10, None)),
        (None, 4, 4, (None, None, 4)),
        (10, None, 11, (None, None, None)),
        (None, None, 1, (None, None, None)),
        (None, None, 0, (None, None, None)),
    ],
)
def test_where_a_list_stated_no_total_those_who_are_named_are_some(
    women: int | None, men: int | None, named: int, members: tuple[int | None, ...]
) -> None:
    stated = {"members": None, "women": women, "men": men}
    people = {f"m{n}": {"sex": "F", "shares": 0} for n in range(named)}
    found = counts_of(State({"stated_counts": stated}, people))
    assert (found["members_count"], found["women_count"], found["men_count"]) == members
    assert found["sex_not_stated_count"] is None
    whole = counts_of(State({"stated_counts": None}, people))
    assert (whole["members_count"], whole["women_count"]) == (named, named)
