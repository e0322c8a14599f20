"""Internal tokens: made for one service, for a minute, never outliving what they stand for."""

import time
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import jose
from chassis.auth import GATEWAY_ISSUER, INTERNAL_TYP
from chassis.keys import public_jwk
from gateway.issuer.cutoffs import Cutoffs
from gateway.plane import passports
from gateway.plane.passports import Passports
from tests.gateway.world import Gateway
from tests.town import Identity, Town, problem


@pytest.fixture
def office(gateway: Gateway) -> Passports:
    keys = jose.LocalKeys([public_jwk(gateway.private)])
    cutoffs = Cutoffs()
    cutoffs.hear([])
    return Passports(keys, jose.Signer(gateway.private), gateway.url, cutoffs)


async def told(gateway: Gateway, letter: str, service: str) -> dict[str, Any]:
    keys = jose.LocalKeys([public_jwk(gateway.private)])
    return await jose.verify(letter, keys, jose.Expected(INTERNAL_TYP, GATEWAY_ISSUER, service))


async def test_a_letter_is_made_once_for_each_service(gateway: Gateway, office: Passports) -> None:
    token = gateway.made()
    first, again = [await office.letter(token, "registry") for _ in range(2)]
    other = await office.letter(token, "training")
    assert first == again != other
    assert (await told(gateway, other, "training"))["aud"] == "training"


async def test_a_letter_never_outlives_the_token(gateway: Gateway, office: Passports) -> None:
    expires_at = int(time.time()) + 25
    letter = await office.letter(gateway.made(exp=expires_at), "registry")
    assert (await told(gateway, letter, "registry"))["exp"] == expires_at


@pytest.mark.parametrize(("later_s", "is_kept"), [(0, True), (45, True), (51, False), (70, False)])
async def test_a_letter_is_renewed_ten_seconds_before_it_expires(
    gateway: Gateway,
    office: Passports,
    monkeypatch: pytest.MonkeyPatch,
    later_s: int,
    is_kept: bool,
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    token = gateway.made()
    first = await office.letter(token, "registry")
    monkeypatch.setattr(time, "time", lambda: now + later_s)
    assert (await office.letter(token, "registry") == first) is is_kept


@pytest.mark.parametrize(("later_s", "is_remembered"), [(0, True), (299, True), (301, False)])
async def test_a_token_is_remembered_until_it_expires(
    gateway: Gateway,
    office: Passports,
    monkeypatch: pytest.MonkeyPatch,
    later_s: int,
    is_remembered: bool,
) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    token = gateway.made()
    first = await office.passport(token)
    monkeypatch.setattr(time, "time", lambda: now + later_s)
    assert (await office.passport(token) is first) is is_remembered


async def test_what_is_remembered_has_a_limit(
    gateway: Gateway, office: Passports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passports, "_MOST", 3)
    tokens = [gateway.made() for _ in range(5)]
    seen = [await office.passport(token) for token in tokens]
    again = [await office.passport(token) for token in reversed(tokens)]
    is_same = [a is b for a, b in zip(seen, reversed(again), strict=True)]
    assert is_same == [False, False, True, True, True]


async def test_two_callers_never_share_a_letter(gateway: Gateway, office: Passports) -> None:
    letters = {await office.letter(gateway.made(sub=f"user-{n}"), "registry") for n in range(5)}
    subjects = {(await told(gateway, letter, "registry"))["sub"] for letter in letters}
    assert subjects == {f"user-{n}" for n in range(5)}


@pytest.mark.parametrize("changes", [{}, {"aud": "registry", "iss": GATEWAY_ISSUER}])
async def test_a_service_refuses_the_token_of_a_caller(
    gateway: Gateway, town: Town, changes: dict[str, Any]
) -> None:
    bearer = {"Authorization": f"Bearer {gateway.made(**changes)}"}
    async with town.client("registry") as client:
        answer = await client.get("/v1/initiatives", headers=bearer)
    assert problem(answer)["code"] == "UNAUTHENTICATED"


async def test_a_service_refuses_a_letter_for_another(
    gateway: Gateway, office: Passports, town: Town
) -> None:
    token = gateway.made(scope="filings:write")
    async with town.client("registry") as client:
        for service, status in (("training", 401), ("registry", 200)):
            bearer = {"Authorization": f"Bearer {await office.letter(token, service)}"}
            answer = await client.get("/v1/initiatives", headers=bearer)
            assert answer.status_code == status, answer.text


async def test_letters_are_what_the_tests_of_the_services_make_by_hand(
    gateway: Gateway, office: Passports, town: Town
) -> None:
    letter = await office.letter(gateway.made(), "registry")
    by_hand = town.token(Identity(scope="cooperatives:read"), "registry")
    ours, theirs = await told(gateway, letter, "registry"), await told(gateway, by_hand, "registry")
    assert ours.keys() == theirs.keys()
    assert [type(ours[name]) for name in ours] == [type(theirs[name]) for name in ours]


async def test_a_volunteer_reaches_the_real_registry_through_the_gateway(
    gateway: Gateway, gateway_before_registry: str
) -> None:
    initiative = {
        "name": "Femmes de Diendé",
        "commune_code": "SN-SE-SD3-1",
        "activity": "Transformation de la noix de cajou",
        "members_count": 7,
    }
    async with httpx.AsyncClient(base_url=gateway_before_registry, timeout=30) as client:
        asked = await client.post(
            "/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=gateway.basic("volunteer"),
        )
        bearer = {"Authorization": f"Bearer {asked.json()['access_token']}"}
        key = {"Idempotency-Key": uuid4().hex}
        made = await client.post("/v1/initiatives", json=initiative, headers=bearer | key)
        assert made.status_code == 201, made.text
        read = await client.get(made.headers["location"], headers=bearer)
        stranger = await client.get(made.headers["location"])
    assert read.json()["organisation_id"] == gateway.entry("volunteer")["organisation_id"]
    assert stranger.status_code == 401
