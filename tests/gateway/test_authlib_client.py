"""Authlib's own client against a running gateway: discovery, PKCE, tokens, refresh, revocation."""

import time
import warnings
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tests.gateway.people import new_client, new_person
from tests.gateway.visitor import Visitor
from tests.gateway.world import Gateway

with warnings.catch_warnings():  # it would rather have a successor of httpx that is not here
    warnings.simplefilter("ignore")
    from authlib.integrations.httpx_client import AsyncOAuth2Client

VERIFIER = "v" * 64


@pytest.fixture
async def metadata(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/.well-known/openid-configuration")).json()
    return found


@pytest.fixture
async def app(gateway: Gateway, metadata: dict[str, Any]) -> AsyncIterator[AsyncOAuth2Client]:
    entry = gateway.entry("frontend")
    async with AsyncOAuth2Client(
        entry["client_id"],
        redirect_uri=entry["redirect_uri"],
        scope="openid profile training:read",
        code_challenge_method="S256",
        token_endpoint_auth_method="none",
        token_endpoint=metadata["token_endpoint"],
        revocation_endpoint_auth_method="none",
        timeout=30,
    ) as found:
        yield found


async def callback(gateway: Gateway, url: str, user: dict[str, str]) -> str:
    """What the browser brings back from an address that the application sent it to."""
    browser = Visitor(gateway.url, gateway.entry("frontend"))
    async with browser.http:
        page = await browser.http.get(url)
        page = await browser.sign_in(page, user)
        answer = await browser.send(page, decision="allow")
        location: str = answer.headers["location"]
        return location


async def signed_in(
    gateway: Gateway, app: AsyncOAuth2Client, metadata: dict[str, Any]
) -> dict[str, Any]:
    user = await new_person(gateway, "trainer")
    url, state = app.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce="n-1"
    )
    back = await callback(gateway, url, user)
    token: dict[str, Any] = await app.fetch_token(
        metadata["token_endpoint"],
        authorization_response=back,
        state=state,
        code_verifier=VERIFIER,
    )
    return token


def test_the_metadata_is_what_the_standard_asks_for(metadata: dict[str, Any]) -> None:
    # Authlib wants RS256 among the algorithms and https everywhere; we sign ES256, on loopback here
    told = {
        k: v.replace("http:", "https:") if isinstance(v, str) else v for k, v in metadata.items()
    }
    told["id_token_signing_alg_values_supported"] = ["RS256", "ES256"]
    OpenIDProviderMetadata(told).validate()


async def test_a_person_comes_in_calls_and_refreshes(
    gateway: Gateway, app: AsyncOAuth2Client, metadata: dict[str, Any]
) -> None:
    token = await signed_in(gateway, app, metadata)
    me = await app.get(f"{gateway.url}/v1/me")
    assert me.json()["scopes"] == ["openid", "profile", "training:read"]
    info = (await app.get(metadata["userinfo_endpoint"])).json()
    assert info["name"] == "Awa Diop"

    renewed = await app.refresh_token(metadata["token_endpoint"])
    assert renewed["refresh_token"] != token["refresh_token"]
    assert (await app.get(f"{gateway.url}/v1/me")).status_code == 200


async def test_its_token_is_refreshed_when_it_has_expired(
    gateway: Gateway, app: AsyncOAuth2Client, metadata: dict[str, Any]
) -> None:
    token = await signed_in(gateway, app, metadata)
    app.token = {**token, "expires_at": 1}
    assert (await app.get(f"{gateway.url}/v1/me")).status_code == 200
    assert app.token["access_token"] != token["access_token"]


async def test_its_id_token_holds(
    gateway: Gateway, app: AsyncOAuth2Client, metadata: dict[str, Any], client: httpx.AsyncClient
) -> None:
    token = await signed_in(gateway, app, metadata)
    keys = KeySet.import_key_set((await client.get(metadata["jwks_uri"])).json())
    found = jwt.decode(token["id_token"], keys, algorithms=["ES256"])
    claims = CodeIDToken(
        found.claims,
        found.header,
        options={
            "iss": {"essential": True, "value": metadata["issuer"]},
            "aud": {"essential": True, "value": gateway.entry("frontend")["client_id"]},
            "nonce": {"essential": True, "value": "n-1"},
        },
        params={
            "nonce": "n-1",
            "client_id": gateway.entry("frontend")["client_id"],
            "access_token": token["access_token"],
        },
    )
    claims.validate()


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_it_revokes_what_it_was_given(
    gateway: Gateway, app: AsyncOAuth2Client, metadata: dict[str, Any], kind: str
) -> None:
    token = await signed_in(gateway, app, metadata)
    answer = await app.revoke_token(metadata["revocation_endpoint"], token[kind], kind)
    assert answer.status_code == 200
    assert (await app.get(f"{gateway.url}/v1/me")).status_code == 401


async def test_a_machine_asks_what_its_token_is_worth(
    gateway: Gateway, metadata: dict[str, Any]
) -> None:
    async with AsyncOAuth2Client(*gateway.basic("instructor")) as machine:
        token = await machine.fetch_token(
            metadata["token_endpoint"], grant_type="client_credentials"
        )
        assert (await machine.get(f"{gateway.url}/v1/me")).status_code == 200
        said = await machine.introspect_token(
            metadata["introspection_endpoint"], token["access_token"], "access_token"
        )
        assert said.json()["active"] is True


async def test_a_lender_signs_its_assertions(gateway: Gateway, metadata: dict[str, Any]) -> None:
    entry = gateway.entry("bank_a")
    key = ECKey.import_key(entry["private_key_jwk"])
    async with AsyncOAuth2Client(
        entry["client_id"], key, token_endpoint_auth_method="private_key_jwt"
    ) as bank:
        header = {"alg": "ES256", "kid": entry["private_key_jwk"]["kid"]}
        minute = {"exp": int(time.time()) + 55}  # left to itself it signs for an hour
        bank.register_client_auth_method(
            PrivateKeyJWT(metadata["token_endpoint"], claims=minute, headers=header, alg="ES256")
        )
        token = await bank.fetch_token(metadata["token_endpoint"], grant_type="client_credentials")
        assert token["scope"].split() == ["lender:read", "lender:decide", "lender:report"]


async def test_a_confidential_application_too(gateway: Gateway, metadata: dict[str, Any]) -> None:
    entry = await new_client(gateway)
    user = await new_person(gateway, "trainer")
    async with AsyncOAuth2Client(
        entry["client_id"],
        entry["client_secret"],
        redirect_uri=entry["redirect_uri"],
        code_challenge_method="S256",
    ) as portal:
        url, state = portal.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=VERIFIER
        )
        back = await callback(gateway, url, user)
        token = await portal.fetch_token(
            metadata["token_endpoint"],
            authorization_response=back,
            state=state,
            code_verifier=VERIFIER,
        )
        assert set(token["scope"].split()) == {"training:read", "training:deliver"}
