"""Every route × every role: who may come in, written down by hand and compared with the house."""

from itertools import product
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import openapi
from tests.town import Town, problem
from tests.training.makers import SCOPES, somebody
from tests.training.stage import Stage

READERS = {"cooperative", "volunteer", "training_manager", "trainer", "third_party"}
ENROLLERS = {"cooperative", "volunteer", "training_manager"}
MANAGERS = {"training_manager"}
TRAINERS = {"trainer"}
EVERYBODY = {*SCOPES, ""}
SESSION, CERTIFICATE = "/v1/training-sessions/{id}", "/v1/training-certificates/{id}"
ROUTES = {
    ("GET", "/v1/tools"): READERS,
    ("GET", "/v1/tool-versions"): READERS,
    ("GET", "/v1/programmes"): READERS,
    ("GET", "/v1/programme-versions"): READERS,
    ("GET", "/v1/programme-versions/{id}"): READERS,
    ("GET", "/v1/training-sessions"): READERS,
    ("GET", SESSION): READERS,
    ("POST", "/v1/training-sessions"): MANAGERS,
    ("PATCH", SESSION): MANAGERS,
    ("POST", f"{SESSION}/submissions"): MANAGERS,
    ("POST", f"{SESSION}/approvals"): MANAGERS,
    ("POST", f"{SESSION}/openings"): MANAGERS,
    ("POST", f"{SESSION}/registration-closures"): MANAGERS,
    ("POST", f"{SESSION}/postponements"): MANAGERS,
    ("POST", f"{SESSION}/cancellations"): MANAGERS,
    ("POST", f"{SESSION}/capacity-changes"): MANAGERS,
    ("POST", f"{SESSION}/starts"): TRAINERS,
    ("POST", f"{SESSION}/deliveries"): TRAINERS,
    ("POST", f"{SESSION}/result-validations"): MANAGERS,
    ("POST", f"{SESSION}/closures"): MANAGERS,
    ("GET", f"{SESSION}/attendance-sheet"): READERS,
    ("POST", "/v1/attendance-events"): TRAINERS,
    ("POST", "/v1/delegations"): ENROLLERS,
    ("GET", "/v1/delegations"): READERS,
    ("GET", "/v1/delegations/{id}"): READERS,
    ("POST", "/v1/delegations/{id}/withdrawals"): ENROLLERS,
    ("GET", "/v1/enrolments"): READERS,
    ("GET", "/v1/enrolments/{id}"): READERS,
    ("POST", "/v1/enrolments/{id}/withdrawals"): ENROLLERS,
    ("GET", "/v1/seat-offers"): ENROLLERS,
    ("GET", "/v1/seat-offers/{id}"): ENROLLERS,
    ("POST", "/v1/seat-offers/{id}/acceptances"): ENROLLERS,
    ("POST", "/v1/seat-offers/{id}/refusals"): ENROLLERS,
    ("POST", "/v1/assessments"): TRAINERS,
    ("GET", "/v1/assessments"): READERS,
    ("GET", "/v1/assessments/{id}"): READERS,
    ("POST", "/v1/completion-decisions"): MANAGERS,
    ("GET", "/v1/completion-decisions/{id}"): READERS,
    ("POST", "/v1/training-certificates"): MANAGERS,
    ("GET", "/v1/training-certificates"): READERS,
    ("GET", CERTIFICATE): READERS,
    ("GET", f"{CERTIFICATE}/credential"): READERS,
    ("POST", f"{CERTIFICATE}/suspensions"): MANAGERS,
    ("POST", f"{CERTIFICATE}/reinstatements"): MANAGERS,
    ("POST", f"{CERTIFICATE}/revocations"): MANAGERS,
    ("GET", f"{CERTIFICATE}/revocations"): MANAGERS,
    ("POST", f"{CERTIFICATE}/revocation-approvals"): MANAGERS,
    ("GET", "/v1/verifications/{code}"): EVERYBODY,
    ("GET", "/v1/signing-keys/{kid}"): EVERYBODY,
}


async def call(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    for name in ("id", "code", "kid"):
        path = path.replace(f"{{{name}}}", str(uuid4()))
    kind = {"content-type": "application/json"} if method != "GET" else {}
    return await client.request(method, path, headers=kind)


async def test_every_route_has_its_line_in_the_table(town: Town) -> None:
    found = {
        (method, route.path_format)
        for route in openapi.routes(town.apps["training"])
        if route.include_in_schema
        for method in route.methods or ()
    }
    assert found == ROUTES.keys()


@pytest.mark.parametrize(("route", "role"), list(product(ROUTES, [*SCOPES, ""])))
async def test_a_role_comes_in_where_it_may_and_nowhere_else(
    town: Town, route: tuple[str, str], role: str
) -> None:
    async with town.client("training", somebody(role) if role else None) as client:
        answer = await call(client, *route)
    if role in ROUTES[route]:
        assert answer.status_code not in (401, 403), answer.text
        return
    expected = (403, "INSUFFICIENT_SCOPE") if role else (401, "UNAUTHENTICATED")
    assert (answer.status_code, problem(answer)["code"]) == expected


KEYED = [
    path
    for method, path in ROUTES
    if method == "POST" and path != "/v1/attendance-events" and "{id}" not in path
]


@pytest.mark.parametrize("path", KEYED)
async def test_what_is_filed_or_decided_needs_a_key(town: Town, path: str) -> None:
    [role, *_] = ROUTES["POST", path]
    async with town.client("training", somebody(role)) as client:
        answer = await client.post(path, json={}, headers={"Idempotency-Key": ""})
    assert (answer.status_code, problem(answer)["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")


@pytest.mark.parametrize(
    "path", [path for method, path in ROUTES if method == "POST" and path.startswith(SESSION)]
)
async def test_a_session_of_another_territory_or_trainer_looks_absent(
    stage: Stage, path: str
) -> None:
    thing = await stage.opened()
    address = path.replace("{id}", thing.rpartition("/")[2])
    [role] = ROUTES["POST", path]
    stranger = somebody(role, territory=["SN-DK"] if role == "training_manager" else [])
    answer = await (await stage.desk(stranger)).post(address, **{"If-Match": '"4"'})
    assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("listed", ["tools", "tool-versions", "programmes", "programme-versions"])
async def test_the_catalogue_is_read_page_by_page(stage: Stage, listed: str) -> None:
    group = await stage.group()
    first = await group.get(f"/v1/{listed}?limit=3")
    rest = await group.get(first["next"].removeprefix("http://gateway"))
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 1, None)


async def test_a_tool_says_what_is_confirmed_and_under_which_licence(stage: Stage) -> None:
    group = await stage.group()
    tools: dict[str, Any] = {item["code"]: item for item in (await group.get("/v1/tools"))["items"]}
    assert tools["THINK_COOP"]["next_tool_codes"] == ["START_COOP"]
    [edition] = (await group.get("/v1/tool-versions?tool_code=START_COOP"))["items"]
    assert (edition["licence"], edition["isbn"]) == ("CC-BY-NC-SA-4.0", "978-92-2-032438-7")
    # The licence text of Start.COOP forbids the use of the ILO logo.
    assert edition["is_ilo_logo_authorised"] is False
    [think] = (await group.get("/v1/programme-versions?programme_code=THINK_COOP"))["items"]
    assert (think["total_minutes"], think["completion_rule"]) == (360, None)
    one = await group.get(f"/v1/programme-versions/{think['id']}")
    assert one == think
