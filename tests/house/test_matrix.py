"""Every route × every role: strangers 401, the wrong scope 403, the object of others absent, a
surplus field 422. Generated from the routes: a new one is in the matrix, or the matrix fails."""

from uuid import uuid4

import pytest

from gateway.roles import ROLES, SCOPES
from tests.house.calls import body_of, filled, send, told
from tests.house.house import House
from tests.house.objects import MAKERS, OPEN, SEES_ALL, Objects, before_parameter, stranger
from tests.house.services import ALL, READS_ANYTHING, READS_FILES, Case, cases
from tests.town import Identity, problem

WITH_PARAMETER = [case for case in cases(*ALL) if case.has_parameter]
OWNED = [case for case in WITH_PARAMETER if case[1:3] not in OPEN]
BY_ROLE = [
    (case, role)
    for case in OWNED
    for role, scopes in ROLES.items()
    if not set(scopes).isdisjoint(case.scopes or ())
    and not (case.service == "gateway" and role in SEES_ALL)
]
READ_JSON = [
    case
    for case in cases(*ALL)
    if case.is_write and not case.is_form and case[1:3] not in READS_ANYTHING | READS_FILES
]
SURPRISE = b'{"surprise": true}'


@pytest.mark.parametrize("case", WITH_PARAMETER, ids=str)
def test_every_address_has_a_row(case: Case) -> None:
    assert case.path.count("{") == 1, "teach the matrix what two parameters mean"
    assert case[1:3] in OPEN or before_parameter(case.path) in MAKERS, (
        f"write a maker for {before_parameter(case.path)} in tests/house/objects.py,"
        " or say there why its objects are nobody's own"
    )


def test_no_row_is_without_a_route() -> None:
    assert {before_parameter(case.path) for case in WITH_PARAMETER} >= MAKERS.keys()


@pytest.mark.parametrize("case", [case for case in cases(*ALL) if case.scopes is not None], ids=str)
async def test_strangers_and_wrong_scopes_are_refused(house: House, case: Case) -> None:
    sent = body_of(case.method, b"{}")
    async with house.client(case.service) as nobody:
        answer = await nobody.request(case.method, filled(case.path), **sent)
    assert (answer.status_code, problem(answer)["code"]) == (401, "UNAUTHENTICATED")
    if not case.scopes:
        return  # any caller will do
    wrong = " ".join(scope for scope in SCOPES if scope not in case.scopes)
    async with house.client(case.service, Identity(scope=wrong, territory=["SN"])) as client:
        answer = await client.request(case.method, filled(case.path), **sent)
    assert (answer.status_code, problem(answer)["code"]) == (403, "INSUFFICIENT_SCOPE")


@pytest.mark.parametrize(("case", "role"), BY_ROLE, ids=str)
async def test_the_object_of_others_is_absent(
    house: House, objects: Objects, case: Case, role: str
) -> None:
    thing = await objects.at(case.path)
    sent = body_of(case.method, SURPRISE)
    async with house.client(case.service, stranger(role)) as client:
        foreign, absent, malformed = [
            await client.request(case.method, filled(case.path, value), **sent)
            for value in (thing.value, str(uuid4()), "7")
        ]
    assert foreign.status_code == 404
    assert told(foreign) == told(absent) == told(malformed)


@pytest.mark.parametrize("case", OWNED, ids=str)
async def test_the_object_is_there_for_its_own(house: House, objects: Objects, case: Case) -> None:
    # without this one the objects of the test above might be absent for everybody
    answer = await send(house, case, await objects.at(case.path), SURPRISE)
    assert answer.status_code == (422 if case.is_write else 200), answer.text


@pytest.mark.parametrize("case", [case for case in WITH_PARAMETER if case[1:3] in OPEN], ids=str)
async def test_what_is_nobodys_own_is_absent_when_it_does_not_exist(
    house: House, case: Case
) -> None:
    who = None if case.scopes is None else Identity(scope=" ".join(case.scopes))
    query = f"?cooperative_id={uuid4()}" if case.path.endswith("/eligibility") else ""
    async with house.client(case.service, who) as client:
        answers = [
            await client.request(case.method, filled(case.path, value) + query)
            for value in (str(uuid4()), "7", "%00", "%ff", "a" * 300)
        ]
    assert {answer.status_code for answer in answers} == {404}
    if case.path.startswith("/v1/"):
        assert {problem(answer)["code"] for answer in answers} == {"NOT_FOUND"}


@pytest.mark.parametrize("case", READ_JSON, ids=str)
async def test_a_surplus_field_is_refused(house: House, objects: Objects, case: Case) -> None:
    thing = await objects.at(case.path) if case.has_parameter else None
    answer = await send(house, case, thing, SURPRISE)
    assert answer.status_code == 422, answer.text
    found = {(finding["code"], finding.get("pointer")) for finding in problem(answer)["errors"]}
    assert ("FIELD_UNKNOWN", "/surprise") in found
