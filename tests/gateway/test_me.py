import httpx
import pytest

from gateway.roles import ROLES
from tests.gateway.world import Gateway
from tests.town import problem


@pytest.mark.parametrize("role", ["cooperative", "dual_agent", "trainer", "admin"])
async def test_everybody_can_ask_who_they_are(
    gateway: Gateway, client: httpx.AsyncClient, role: str
) -> None:
    answer = await client.get("/v1/me", headers=await gateway.bearer(role))
    entry = gateway.entry(role)
    assert answer.json() == {
        "sub": entry["sub"],
        "client_id": entry["client_id"],
        "organisation_id": entry["organisation_id"],
        "roles": [role],
        "scopes": sorted(ROLES[role]),
        "territory": [entry["territory"]] if entry["territory"] else [],
        "lender_id": None,
    }
    assert answer.headers["cache-control"] == "no-store"


async def test_a_stranger_is_asked_to_say_who_they_are(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/me")
    assert problem(answer)["code"] == "UNAUTHENTICATED"
    assert answer.headers["www-authenticate"] == 'Bearer realm="mboolo"'


@pytest.mark.parametrize(("method", "status"), [("POST", 405), ("DELETE", 405), ("PUT", 405)])
async def test_who_one_is_cannot_be_changed_by_asking(
    gateway: Gateway, client: httpx.AsyncClient, method: str, status: int
) -> None:
    answer = await client.request(method, "/v1/me", headers=await gateway.bearer("admin"))
    assert (answer.status_code, answer.headers["allow"]) == (status, "GET, HEAD")
