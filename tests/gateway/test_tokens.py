import time
from typing import Any

import httpx
import pytest

from chassis import jose
from chassis.keys import public_jwk
from gateway.roles import DEMO, ROLES, SCOPES
from tests.gateway.world import Gateway

GRANT = {"grant_type": "client_credentials"}
MACHINES = [role for role in DEMO if role not in ("bank_a", "bank_b", "sfd")]


async def verified(gateway: Gateway, token: str) -> dict[str, Any]:
    keys = jose.LocalKeys([public_jwk(gateway.private)])
    return await jose.verify(token, keys, jose.Expected("at+jwt", gateway.url, gateway.url))


@pytest.mark.parametrize("role", MACHINES)
async def test_each_role_gets_a_token_by_its_secret(
    gateway: Gateway, client: httpx.AsyncClient, role: str
) -> None:
    answer = await client.post("/oauth2/token", data=GRANT, auth=gateway.basic(role))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 300)
    assert body["scope"].split() == list(ROLES[role])


async def test_a_token_says_who_holds_it_and_lasts_five_minutes(gateway: Gateway) -> None:
    claims = await verified(gateway, await gateway.token("instructor"))
    entry = gateway.entry("instructor")
    assert claims["iss"] == claims["aud"] == gateway.url
    assert claims["exp"] - claims["iat"] == 300
    assert abs(claims["iat"] - time.time()) < 300
    assert {name: claims[name] for name in ("sub", "client_id", "org", "roles", "territory")} == {
        "sub": entry["sub"],
        "client_id": entry["client_id"],
        "org": entry["organisation_id"],
        "roles": ["instructor"],
        "territory": ["SN"],
    }
    assert "lender_id" not in claims


async def test_a_cooperative_has_no_territory(gateway: Gateway) -> None:
    claims = await verified(gateway, await gateway.token("cooperative"))
    assert claims["territory"] == []


async def test_every_token_is_another_one(gateway: Gateway, client: httpx.AsyncClient) -> None:
    auth = gateway.basic("trainer")
    tokens = [
        (await client.post("/oauth2/token", data=GRANT, auth=auth)).json()["access_token"]
        for _ in range(2)
    ]
    first, second = [await verified(gateway, token) for token in tokens]
    assert first["jti"] != second["jti"]


async def test_a_part_of_the_scopes_may_be_asked_for(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    answer = await client.post(
        "/oauth2/token",
        data={**GRANT, "scope": "training:read  filings:review training:read"},
        auth=gateway.basic("instructor"),
    )
    assert answer.json()["scope"] == "training:read filings:review"
    claims = await verified(gateway, answer.json()["access_token"])
    assert claims["scope"] == "training:read filings:review"


@pytest.mark.parametrize(
    "scope",
    ["nonsense", "filings:review nonsense", "platform:admin", "filings:review platform:admin"],
)
async def test_a_scope_that_was_not_granted_is_refused_and_never_left_out(
    gateway: Gateway, client: httpx.AsyncClient, scope: str
) -> None:
    answer = await client.post(
        "/oauth2/token", data={**GRANT, "scope": scope}, auth=gateway.basic("instructor")
    )
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_scope"


@pytest.mark.parametrize("scope", ["", "  "])
async def test_an_empty_scope_asks_for_nothing_in_particular(
    gateway: Gateway, client: httpx.AsyncClient, scope: str
) -> None:
    answer = await client.post(
        "/oauth2/token", data={**GRANT, "scope": scope}, auth=gateway.basic("trainer")
    )
    assert answer.json()["scope"].split() == list(ROLES["trainer"])


async def test_a_wrong_secret_and_an_unknown_client_look_the_same(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    client_id, secret = gateway.basic("instructor")
    wrong = await client.post("/oauth2/token", data=GRANT, auth=(client_id, secret[:-1] + "~"))
    absent = await client.post("/oauth2/token", data=GRANT, auth=("client-nobody", secret))
    for answer in (wrong, absent):
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Basic realm="mboolo"'
        assert answer.headers["cache-control"] == "no-store"
        assert answer.json()["error"] == "invalid_client"
    assert wrong.json() == absent.json()


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic /////w==",
        "Basic Og==",
        "Basic AAA6AAA=",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Digest x",
    ],
)
async def test_credentials_that_cannot_be_read_are_refused(
    client: httpx.AsyncClient, header: str
) -> None:
    answer = await client.post("/oauth2/token", data=GRANT, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


async def test_the_frontend_gets_nothing_for_its_name_alone(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    client_id = gateway.entry("frontend")["client_id"]
    silent = await client.post("/oauth2/token", data={**GRANT, "client_id": client_id})
    with_basic = await client.post("/oauth2/token", data=GRANT, auth=(client_id, "anything"))
    assert [silent.status_code, with_basic.status_code] == [401, 401]


async def test_a_secret_in_the_form_is_not_a_way_to_prove_oneself(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    client_id, secret = gateway.basic("instructor")
    form = {**GRANT, "client_id": client_id, "client_secret": secret}
    answer = await client.post("/oauth2/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token"])
async def test_a_grant_that_the_client_is_not_registered_for_is_refused(
    gateway: Gateway, client: httpx.AsyncClient, grant: str
) -> None:
    answer = await client.post(
        "/oauth2/token", data={"grant_type": grant}, auth=gateway.basic("instructor")
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize("grant", ["password", "implicit", ""])
async def test_other_grants_are_not_supported(
    gateway: Gateway, client: httpx.AsyncClient, grant: str
) -> None:
    answer = await client.post(
        "/oauth2/token", data={"grant_type": grant}, auth=gateway.basic("instructor")
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("body", "media"),
    [
        (b"grant_type=client_credentials&grant_type=password", None),
        (b"grant_type=client_credentials&scope=a&scope=b", None),
        (b'{"grant_type": "client_credentials"}', "application/json"),
        (b"grant_type=%ff%fe", None),
        (b"grant_type=\xff", None),
        (b"&".join(b"a%d=1" % n for n in range(30)), None),
        (b"grant_type=client_credentials&x=" + b"y" * 20_000, None),
    ],
)
async def test_a_form_that_cannot_be_read_is_an_invalid_request(
    gateway: Gateway, client: httpx.AsyncClient, body: bytes, media: str | None
) -> None:
    answer = await client.post(
        "/oauth2/token",
        content=body,
        headers={"Content-Type": media or "application/x-www-form-urlencoded"},
        auth=gateway.basic("instructor"),
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_tokens_are_not_given_to_a_get(client: httpx.AsyncClient) -> None:
    answer = await client.get("/oauth2/token")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_disabled_client_is_unknown(gateway: Gateway, client: httpx.AsyncClient) -> None:
    reads = gateway.app.state.reads
    client_id = gateway.entry("statistician")["client_id"]
    flip = "update client set status = $2 where id = $1"
    await reads.fetch(flip, client_id, "SUSPENDED")
    refused = await client.post("/oauth2/token", data=GRANT, auth=gateway.basic("statistician"))
    await reads.fetch(flip, client_id, "ACTIVE")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


async def test_discovery_says_only_what_is_supported(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    names = ("oauth-authorization-server", "openid-configuration")
    first, second = [(await client.get(f"/.well-known/{name}")).json() for name in names]
    assert first == second
    assert first["issuer"] == gateway.url
    assert first["token_endpoint"] == f"{gateway.url}/oauth2/token"
    assert first["grant_types_supported"] == [
        "authorization_code",
        "refresh_token",
        "client_credentials",
    ]
    assert first["authorization_endpoint"] == f"{gateway.url}/oauth2/authorize"
    assert first["response_types_supported"] == ["code"]
    assert first["code_challenge_methods_supported"] == ["S256"]
    assert first["scopes_supported"] == [*SCOPES, "openid", "profile"]
    assert first["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "private_key_jwt",
        "none",
    ]
    assert first["authorization_response_iss_parameter_supported"] is True
    published = (await client.get(first["jwks_uri"])).json()["keys"]
    assert published[0] == public_jwk(gateway.private)
    assert len(published) == 2  # and the one that comes next


async def test_the_platform_names_its_issuer(gateway: Gateway, client: httpx.AsyncClient) -> None:
    found = (await client.get("/.well-known/oauth-protected-resource")).json()
    assert found["resource"] == gateway.url
    assert found["authorization_servers"] == [gateway.url]
    assert found["bearer_methods_supported"] == ["header"]


async def test_services_find_the_same_keys(gateway: Gateway, client: httpx.AsyncClient) -> None:
    internal = (await client.get("/internal/v1/jwks")).json()
    assert internal == (await client.get("/oauth2/jwks")).json()
    assert public_jwk(gateway.private) in internal["keys"]
    assert "d" not in internal["keys"][0]


@pytest.mark.parametrize(
    ("scope", "status"), [("openid filings:write", 403), ("openid profile", 200)]
)
async def test_an_application_knows_a_person_as_far_as_they_allow(
    gateway: Gateway, client: httpx.AsyncClient, scope: str, status: int
) -> None:
    tokens = await gateway.person("cooperative", scope=scope)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await client.get("/v1/me/profile", headers=bearer)).status_code == status
    change = {"Content-Type": "application/merge-patch+json", "If-Match": '"0"'}
    answer = await client.patch("/v1/me/profile", json={}, headers=bearer | change)
    assert (answer.status_code == 403) is (status == 403)
