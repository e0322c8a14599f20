from typing import Any

import pytest

from tests.town import Identity, Town, codes, problem


def an_initiative(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Femmes de Diendé",
        "commune_code": "SN-SE-SD3-1",
        "activity": "Transformation de la noix de cajou",
        "members_count": 7,
        "women_count": 6,
    } | changes


@pytest.fixture
def volunteer() -> Identity:
    return Identity(scope="filings:write", roles=["volunteer"], territory=["SN-SE"])


async def test_a_group_makes_itself_known_and_is_found_again(
    town: Town, volunteer: Identity
) -> None:
    async with town.client("registry", volunteer) as client:
        made = await client.post("/v1/initiatives", json=an_initiative())
        assert made.status_code == 201, made.text
        read = await client.get(made.headers["location"])
    assert read.json() == made.json()
    assert read.headers["etag"] == '"1"'


async def test_a_stranger_is_refused(town: Town) -> None:
    async with town.client("registry") as client:
        answer = await client.post("/v1/initiatives", json=an_initiative())
    assert answer.status_code == 401
    assert problem(answer)["code"] == "UNAUTHENTICATED"


async def test_the_wrong_scope_is_refused(town: Town) -> None:
    async with town.client("registry", Identity(scope="training:read")) as client:
        answer = await client.post("/v1/initiatives", json=an_initiative())
    assert problem(answer)["code"] == "INSUFFICIENT_SCOPE"


async def test_the_initiative_of_others_looks_absent(town: Town, volunteer: Identity) -> None:
    async with town.client("registry", volunteer) as client:
        made = await client.post("/v1/initiatives", json=an_initiative())
    async with town.client("registry", Identity(scope="filings:write")) as other:
        foreign = await other.get(made.headers["location"])
        absent = await other.get("/v1/initiatives/0197d1a5-0000-7000-8000-000000000000")
        malformed = await other.get("/v1/initiatives/7")
    statuses = {answer.status_code for answer in (foreign, absent, malformed)}
    assert statuses == {404}
    drop = ("trace_id", "instance")
    bodies = [{k: v for k, v in problem(a).items() if k not in drop} for a in (foreign, absent)]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"commune_code": "SN-DK"}, "COMMUNE_UNKNOWN", "/commune_code"),
        ({"members_count": "7"}, "FIELD_INVALID", "/members_count"),
        ({"members_count": 7.5}, "FIELD_INVALID", "/members_count"),
        ({"surprise": 1}, "FIELD_UNKNOWN", "/surprise"),
        ({"women_count": 8}, "COUNT_EXCEEDS_TOTAL", ""),
    ],
)
async def test_bad_input_is_named_and_located(
    town: Town, volunteer: Identity, change: dict[str, Any], code: str, pointer: str
) -> None:
    async with town.client("registry", volunteer) as client:
        answer = await client.post("/v1/initiatives", json=an_initiative(**change))
    assert answer.status_code == 422
    [finding] = problem(answer)["errors"]
    assert (finding["code"], finding["pointer"]) == (code, pointer)


async def test_same_key_same_answer_and_other_body_is_refused(
    town: Town, volunteer: Identity
) -> None:
    key = {"Idempotency-Key": "k-1"}
    async with town.client("registry", volunteer) as client:
        first = await client.post("/v1/initiatives", json=an_initiative(), headers=key)
        again = await client.post("/v1/initiatives", json=an_initiative(), headers=key)
        other = await client.post("/v1/initiatives", json=an_initiative(name="Autre"), headers=key)
        without = await client.post(
            "/v1/initiatives", json=an_initiative(), headers={"Idempotency-Key": ""}
        )
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert problem(other)["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert problem(without)["code"] == "IDEMPOTENCY_KEY_MISSING"


async def test_lists_follow_their_cursor_to_the_end(town: Town) -> None:
    mine = Identity(scope="filings:write")
    async with town.client("registry", mine) as client:
        made = [
            (await client.post("/v1/initiatives", json=an_initiative(name=f"Groupe {n}"))).json()
            for n in range(5)
        ]
        seen, address = [], "/v1/initiatives?limit=2"
        while address:
            page = (await client.get(address)).json()
            seen += page["items"]
            address = (page["next"] or "").removeprefix("http://gateway")
    assert seen == made


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "lmit=5", "cursor=AAAA", "limit=5&limit=6"]
)
async def test_a_list_refuses_what_it_does_not_understand(town: Town, query: str) -> None:
    async with town.client("registry", Identity(scope="filings:write")) as client:
        answer = await client.get(f"/v1/initiatives?{query}")
    assert answer.status_code == 400
    assert codes(answer)
