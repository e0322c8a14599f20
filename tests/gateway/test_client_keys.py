"""Keys of clients: uploaded by their holders with a proof, two at a time, ended at a date."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from chassis import clock
from chassis.keys import new_private_jwk, public_jwk, thumbprint
from gateway.client_keys.hearing import read_due
from gateway.client_keys.rules import TYP
from tests.gateway.bureau import Bureau, Who, a_manager, code_of, itself
from tests.gateway.conftest import bound, serving, url_of
from tests.gateway.world import answer as answered
from tests.gateway.world import asking, b64, compact, es256
from tests.town import PEERS, Town, codes, problem

ISSUER = PEERS["gateway"]
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "bank-keys.md"


def a_key() -> dict[str, Any]:
    return dict(new_private_jwk(f"bank-{uuid4().hex[:12]}"))


def claims_of(client: dict[str, Any], key: dict[str, Any], **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {
        "iss": client["id"],
        "sub": client["id"],
        "aud": ISSUER,
        "jkt": thumbprint(key),
        "iat": now,
        "exp": now + 120,
        "jti": uuid4().hex,
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def header_of(key: dict[str, Any], **changes: Any) -> dict[str, Any]:
    header = {"alg": "ES256", "typ": TYP, "kid": key["kid"]} | changes
    return {name: value for name, value in header.items() if value is not None}


def an_upload(client: dict[str, Any], key: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A public key and the proof that its private half is held."""
    claims = claims_of(client, key, **changes)
    return {"jwk": public_jwk(key), "proof": compact(header_of(key), claims, es256(key))}


async def a_bank(bureau: Bureau) -> tuple[dict[str, Any], dict[str, Any]]:
    """A lender's machine without a key yet, and its organisation."""
    own = await bureau.organisation("LENDER")
    wish = {"auth_method": "private_key_jwt", "scopes": ["lender:read", "lender:decide"]}
    return await bureau.client(own, roles=["lender"], **wish), own


async def with_key(bureau: Bureau) -> tuple[dict[str, Any], dict[str, Any]]:
    client, _ = await a_bank(bureau)
    key = a_key()
    await bureau.done(f"/clients/{client['id']}/keys", an_upload(client, key))
    return client, key


async def token_by(bureau: Bureau, client: dict[str, Any], key: dict[str, Any]) -> httpx.Response:
    now = int(time.time())
    claims = {"iss": client["id"], "sub": client["id"], "aud": f"{ISSUER}/oauth2/token"}
    claims |= {"iat": now, "exp": now + 55, "jti": uuid4().hex}
    header = {"alg": "ES256", "typ": "JWT", "kid": key["kid"]}
    transport = httpx.ASGITransport(bureau.app)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as asked:
        form = asking(compact(header, claims, es256(key)))
        return await asked.post("/oauth2/token", data=form)


async def test_a_bank_replaces_its_key_by_itself(bureau: Bureau) -> None:
    client, first = await with_key(bureau)
    assert (await token_by(bureau, client, first)).status_code == 200
    path, second = f"/clients/{client['id']}", a_key()
    assert (await token_by(bureau, client, second)).status_code == 401
    kept = await bureau.done(f"{path}/keys", an_upload(client, second), who=itself(client))
    assert kept["thumbprint"] == thumbprint(second)
    assert kept["jwk"] == public_jwk(second)
    for key in (first, second):
        assert (await token_by(bureau, client, key)).status_code == 200
    token = (await token_by(bureau, client, first)).json()["access_token"]
    await bureau.done(f"{path}/key-revocations", {"kid": first["kid"]}, who=itself(client))
    assert (await token_by(bureau, client, first)).status_code == 401
    headers = {"Authorization": f"Bearer {token}"}
    assert code_of(await bureau.raw("GET", "/me", headers))[0] == 401
    assert (await token_by(bureau, client, second)).status_code == 200
    listed = (await bureau.got(f"{path}/keys"))["items"]
    assert [(key["kid"], key["revoke_at"] is None) for key in listed] == [
        (first["kid"], False),
        (second["kid"], True),
    ]
    acts = ["CLIENT_REGISTERED", "CLIENT_KEY_ADDED", "CLIENT_KEY_ADDED", "CLIENT_KEY_REVOKED"]
    assert await bureau.acts(client["id"]) == acts


Forge = Callable[[dict[str, Any], dict[str, Any], dict[str, Any]], dict[str, Any]]


def changed(**claims: Any) -> Forge:
    return lambda client, key, _: an_upload(client, key, **claims)


def headed(**header: Any) -> Forge:
    def forge(client: dict[str, Any], key: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
        made = compact(header_of(key, **header), claims_of(client, key), es256(key))
        return {"jwk": public_jwk(key), "proof": made}

    return forge


def _signed_by_another(
    client: dict[str, Any], key: dict[str, Any], other: dict[str, Any]
) -> dict[str, Any]:
    made = compact(header_of(key), claims_of(client, key), es256(other))
    return {"jwk": public_jwk(key), "proof": made}


def _for_another_key(
    client: dict[str, Any], key: dict[str, Any], other: dict[str, Any]
) -> dict[str, Any]:
    made = compact(header_of(key), claims_of(client, other), es256(key))
    return {"jwk": public_jwk(key), "proof": made}


def _assertion(client: dict[str, Any], key: dict[str, Any], _: dict[str, Any]) -> dict[str, Any]:
    claims = claims_of(client, key, aud=f"{ISSUER}/oauth2/token", jkt=None)
    return {"jwk": public_jwk(key), "proof": compact(header_of(key, typ="JWT"), claims, es256(key))}


def at(**ahead_s: int) -> Forge:
    """Claims of the moment in which it is forged, so many seconds from now."""
    return lambda client, key, _: an_upload(
        client, key, **{name: int(time.time()) + seconds for name, seconds in ahead_s.items()}
    )


FORGERIES: dict[str, Forge] = {
    "signed by another key": _signed_by_another,
    "about another key": _for_another_key,
    "a client assertion": _assertion,
    "of another client": changed(iss="client-other", sub="client-other"),
    "about another subject": changed(sub="client-other"),
    "for another issuer": changed(aud="https://elsewhere.example"),
    "for a list of issuers": changed(aud=[ISSUER]),
    "for nobody": changed(aud=None),
    "expired": at(iat=-900, exp=-600),
    "made long ago": at(iat=-3600),
    "made tomorrow": at(iat=86_000, exp=86_100),
    "living too long": at(exp=3600),
    "for ever": changed(exp=None),
    "without a thumbprint": changed(jkt=None),
    "without jti": changed(jti=None),
    "with an empty jti": changed(jti=""),
    "with a jti that is a number": changed(jti=7),
    "without iss": changed(iss=None),
    "alg none": headed(alg="none"),
    "alg HS256": headed(alg="HS256"),
    "alg RS256": headed(alg="RS256"),
    "of another kind": headed(typ="at+jwt"),
    "of no kind": headed(typ=None),
    "crit": headed(crit=["exp"]),
    "kid of another": headed(kid="other"),
    "without kid": headed(kid=None),
    "no JWS": lambda _client, key, _: {"jwk": public_jwk(key), "proof": "a.b.c"},
    "empty": lambda _client, key, _: {"jwk": public_jwk(key), "proof": ".."},
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_what_proves_nothing_is_refused(bureau: Bureau, forgery: str) -> None:
    client, _ = await a_bank(bureau)
    wish = FORGERIES[forgery](client, a_key(), a_key())
    answer = await bureau.ask("POST", f"/clients/{client['id']}/keys", wish)
    assert answer.status_code == 422, answer.text
    assert codes(answer) == {"PROOF_REFUSED"}
    assert (await bureau.got(f"/clients/{client['id']}/keys"))["items"] == []


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda key: key | {"d": a_key()["d"]}, "PRIVATE_KEY_SENT"),
        (lambda key: key | {"crv": "P-384"}, "FIELD_INVALID"),
        (lambda key: key | {"kty": "RSA"}, "FIELD_INVALID"),
        (lambda key: key | {"alg": "ES384"}, "FIELD_INVALID"),
        (lambda key: key | {"use": "enc"}, "FIELD_INVALID"),
        (lambda key: key | {"x5c": []}, "FIELD_UNKNOWN"),
        (lambda key: key | {"x": key["x"] + "="}, "FIELD_INVALID"),
        (lambda key: key | {"x": key["x"][:-2]}, "COORDINATE_NOT_CANONICAL"),
        (lambda key: key | {"kid": "a b"}, "FIELD_INVALID"),
        (lambda key: key | {"kid": "../x"}, "FIELD_INVALID"),
        (lambda key: key | {"kid": ""}, "FIELD_INVALID"),
        (lambda key: {n: v for n, v in key.items() if n != "y"}, "FIELD_MISSING"),
    ],
)
async def test_only_public_p256_keys_are_taken(
    bureau: Bureau, spoil: Callable[[dict[str, Any]], dict[str, Any]], code: str
) -> None:
    client, _ = await a_bank(bureau)
    key = a_key()
    wish = an_upload(client, key)
    wish["jwk"] = spoil(wish["jwk"])
    answer = await bureau.ask("POST", f"/clients/{client['id']}/keys", wish)
    assert code in codes(answer)
    assert "d" not in wish["jwk"] or wish["jwk"]["d"] not in answer.text


async def test_a_point_off_the_curve_is_no_key(bureau: Bureau) -> None:
    client, _ = await a_bank(bureau)
    key = a_key()
    wish = an_upload(client, key)
    wish["jwk"]["y"] = b64(bytes(31) + b"\x01")
    answer = await bureau.ask("POST", f"/clients/{client['id']}/keys", wish)
    assert codes(answer) == {"PROOF_REFUSED"}


async def test_one_key_has_one_spelling(bureau: Bureau) -> None:
    client, key = await with_key(bureau)
    await bureau.done(f"/clients/{client['id']}/key-revocations", {"kid": key["kid"]})
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(key["x"][-1])
    wish = an_upload(client, key)
    wish["jwk"] |= {"x": key["x"][:-1] + alphabet[last + 1], "kid": "again"}
    answer = await bureau.ask("POST", f"/clients/{client['id']}/keys", wish)
    assert "COORDINATE_NOT_CANONICAL" in codes(answer)


async def test_a_proof_counts_once_and_a_key_that_ended_does_not_come_back(
    bureau: Bureau,
) -> None:
    client, _ = await a_bank(bureau)
    path, key = f"/clients/{client['id']}", a_key()
    wish = an_upload(client, key)
    await bureau.done(f"{path}/keys", wish)
    assert codes(await bureau.ask("POST", f"{path}/keys", wish)) == {"PROOF_REFUSED"}
    await bureau.done(f"{path}/key-revocations", {"kid": key["kid"]})
    again = await bureau.ask("POST", f"{path}/keys", an_upload(client, key))
    assert code_of(again) == (409, "KEY_KNOWN")
    renamed = await bureau.ask("POST", f"{path}/keys", an_upload(client, key | {"kid": "new"}))
    assert code_of(renamed) == (409, "KEY_KNOWN")
    other = await bureau.ask(
        "POST", f"{path}/keys", an_upload(client, a_key() | {"kid": key["kid"]})
    )
    assert code_of(other) == (409, "KID_TAKEN")


async def test_a_name_means_one_key_in_the_whole_organisation(bureau: Bureau) -> None:
    client, own = await a_bank(bureau)
    wish = {"auth_method": "private_key_jwt", "scopes": ["lender:read"]}
    twin = await bureau.client(own, **wish)
    first, second = a_key(), a_key() | {"kid": "shared"}
    first["kid"] = "shared"
    answers = await asyncio.gather(
        bureau.ask("POST", f"/clients/{client['id']}/keys", an_upload(client, first)),
        bureau.ask("POST", f"/clients/{twin['id']}/keys", an_upload(twin, second)),
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    [refused] = [answer for answer in answers if answer.status_code == 409]
    assert problem(refused)["code"] == "KID_TAKEN"


async def test_two_uploads_for_the_last_place(bureau: Bureau) -> None:
    client, _ = await with_key(bureau)
    path = f"/clients/{client['id']}/keys"
    wishes = [an_upload(client, a_key()) for _ in range(4)]
    answers = await asyncio.gather(*(bureau.ask("POST", path, wish) for wish in wishes))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = [answer for answer in answers if answer.status_code == 409]
    assert {problem(answer)["code"] for answer in refused} == {"TWO_KEYS_ALREADY"}


async def test_a_key_ends_at_its_date(bureau: Bureau) -> None:
    client, key = await with_key(bureau)
    path = f"/clients/{client['id']}/key-revocations"
    ends = clock.now() + timedelta(days=2)
    await bureau.done(path, {"kid": key["kid"], "revoke_at": clock.wire(ends)})
    assert (await token_by(bureau, client, key)).status_code == 200
    later = {"kid": key["kid"], "revoke_at": clock.wire(ends + timedelta(days=1))}
    assert codes(await bureau.ask("POST", path, later)) == {"DATE_OUT_OF_RANGE"}
    assert codes(await bureau.ask("POST", path, {"kid": "other"})) == {"KEY_UNKNOWN"}
    with clock.shifted(timedelta(days=2, seconds=1)):
        assert (await token_by(bureau, client, key)).status_code == 401


async def test_who_has_a_secret_uploads_no_key(bureau: Bureau) -> None:
    client = await bureau.client(await bureau.organisation("DEVELOPER"))
    answer = await bureau.ask("POST", f"/clients/{client['id']}/keys", an_upload(client, a_key()))
    assert code_of(answer) == (409, "OTHER_PROOF_EXPECTED")


async def test_managers_learn_of_a_new_key(bureau: Bureau) -> None:
    client, own = await a_bank(bureau)
    manager = await bureau.active(own, "manager")
    person = await bureau.active(own, "lender")
    await bureau.done(f"/clients/{client['id']}/keys", an_upload(client, a_key()))
    kind, letter = (await bureau.letters(manager["id"]))[-1]
    assert (kind, letter.to, letter.subject) == ("KEY_ADDED", manager["email"], client["name"])
    assert [kind for kind, _ in await bureau.letters(person["id"])] == ["INVITATION"]


async def financing_knows(town: Town, lender_id: str) -> dict[str, Any]:
    reads = town.apps["financing"].state.reads
    rows = await reads.fetch("select * from lender_key where lender_id = $1", lender_id)
    return {row["kid"]: dict(row) for row in rows}


async def test_financing_hears_with_which_keys_a_lender_signs(bureau: Bureau, town: Town) -> None:
    client, own = await a_bank(bureau)
    path, first, second = f"/clients/{client['id']}", a_key(), a_key()
    for key in (first, second):
        await bureau.done(f"{path}/keys", an_upload(client, key))
    ends = clock.now() + timedelta(days=2)
    wish = {"kid": first["kid"], "revoke_at": clock.wire(ends)}
    await bureau.done(f"{path}/key-revocations", wish)
    await bureau.deliver()
    known = await financing_knows(town, own["lender_id"])
    assert known.keys() == {first["kid"], second["kid"]}
    assert known[first["kid"]]["jwk"]["x"] == first["x"]
    assert known[first["kid"]]["revoked_at"] == ends
    assert known[second["kid"]]["revoked_at"] is None
    await bureau.done(f"{path}/closures")
    await bureau.deliver()
    known = await financing_knows(town, own["lender_id"])
    assert all(key["revoked_at"] <= clock.now() for key in known.values())


async def test_keys_of_others_are_nobodys_business(bureau: Bureau, town: Town) -> None:
    own = await bureau.organisation("DEVELOPER")
    client = await bureau.client(own, auth_method="private_key_jwt")
    await bureau.done(f"/clients/{client['id']}/keys", an_upload(client, a_key()))
    said = await bureau.rows(
        "select 1 from event_log where aggregate like $1", f"lender_key/{client['id']}/%"
    )
    assert said == []


@pytest.mark.parametrize("noun", ["keys", "key-revocations"])
async def test_only_who_controls_a_client_touches_its_keys(bureau: Bureau, noun: str) -> None:
    client, key = await with_key(bureau)
    wish = {"kid": key["kid"]} if noun == "key-revocations" else an_upload(client, a_key())
    own = client["organisation_id"]
    strangers = [
        Who(scope="lender:read lender:decide", org=own, roles=["lender"]),
        Who(scope="lender:read", org=own, client_id=client["id"]),
        a_manager("org-other"),
    ]
    for who in strangers:
        answer = await bureau.ask("POST", f"/clients/{client['id']}/{noun}", wish, who=who)
        assert code_of(answer) == (404, "NOT_FOUND")
    await bureau.done(f"/clients/{client['id']}/{noun}", wish, who=a_manager(own))


async def test_a_manager_does_not_become_a_machine_that_may_more(bureau: Bureau) -> None:
    unit = await bureau.organisation("MINISTRY_UNIT")
    wish = {"auth_method": "private_key_jwt", "scopes": ["platform:admin"], "roles": ["admin"]}
    client, manager, key = await bureau.client(unit, **wish), a_manager(unit["id"]), a_key()
    path = f"/clients/{client['id']}"
    refused = await bureau.ask("POST", f"{path}/keys", an_upload(client, key), who=manager)
    assert code_of(refused) == (403, "BEYOND_YOUR_RIGHTS")
    await bureau.done(f"{path}/keys", an_upload(client, key), who=itself(client))
    named = {"kid": key["kid"]}
    refused = await bureau.ask("POST", f"{path}/key-revocations", named, who=manager)
    assert code_of(refused) == (403, "BEYOND_YOUR_RIGHTS")


class Address:
    """Where a client publishes its keys; what it answers is the test's to say."""

    def __init__(self) -> None:
        self.content: bytes = b""
        self.status = 200

    def show(self, *keys: dict[str, Any]) -> None:
        self.content = json.dumps({"keys": keys}).encode()

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        await answered(send, self.status, self.content)


@pytest.fixture
async def address() -> AsyncIterator[tuple[Address, str]]:
    found, socket = Address(), bound()
    async with serving(found, socket):
        yield found, f"{url_of(socket)}/jwks.json"


async def publisher(bureau: Bureau, uri: str) -> tuple[dict[str, Any], dict[str, Any]]:
    own = await bureau.organisation("LENDER")
    wish = {"auth_method": "private_key_jwt", "scopes": ["lender:read"], "jwks_uri": uri}
    return await bureau.client(own, **wish), own


async def read_now(bureau: Bureau, client: dict[str, Any]) -> dict[str, Any]:
    await bureau.done(f"/clients/{client['id']}/key-refreshes")
    while await read_due(bureau.app):
        pass
    return await bureau.got(f"/clients/{client['id']}")


async def test_keys_are_those_that_stand_at_the_address(
    bureau: Bureau, town: Town, address: tuple[Address, str]
) -> None:
    place, uri = address
    client, own = await publisher(bureau, uri)
    manager = await bureau.active(own, "manager")
    first, second, third = a_key(), a_key(), a_key()
    place.show(public_jwk(first), public_jwk(second))
    assert (await read_now(bureau, client))["jwks_error"] is None
    for key in (first, second):
        assert (await token_by(bureau, client, key)).status_code == 200
    place.show(public_jwk(second), public_jwk(third) | {"x5c": ["…"]})
    await read_now(bureau, client)
    assert (await token_by(bureau, client, first)).status_code == 401
    assert (await token_by(bureau, client, third)).status_code == 200
    await bureau.deliver()
    known = await financing_knows(town, own["lender_id"])
    assert {kid for kid, key in known.items() if key["revoked_at"] is None} == {
        second["kid"],
        third["kid"],
    }
    told = [kind for kind, _ in await bureau.letters(manager["id"])]
    assert told.count("KEY_ADDED") == 3
    uploaded = await bureau.ask("POST", f"/clients/{client['id']}/keys", an_upload(client, a_key()))
    assert code_of(uploaded) == (409, "KEYS_AT_ADDRESS")


TWICE = public_jwk(a_key())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (json.dumps({"keys": [TWICE, TWICE]}).encode(), "KEY_REPEATED"),
        (json.dumps({"keys": [TWICE, TWICE | {"kid": "again"}]}).encode(), "KEY_REPEATED"),
        (json.dumps({"keys": [TWICE, public_jwk(a_key()) | {"kid": TWICE["kid"]}]}).encode(),
         "KEY_REPEATED"),
        (b"", "NOT_A_KEY_SET"),
        (b"<html>", "NOT_A_KEY_SET"),
        (b"[" * 60_000, "NOT_A_KEY_SET"),
        (b'{"keys": 7}', "NOT_A_KEY_SET"),
        (b'{"keys": [7]}', "NOT_A_KEY_SET"),
        (b'{"keys": []}', "ONE_OR_TWO_KEYS_EXPECTED"),
        (json.dumps({"keys": [public_jwk(a_key()) for _ in range(3)]}).encode(),
         "ONE_OR_TWO_KEYS_EXPECTED"),
        (json.dumps({"keys": [a_key()]}).encode(), "PRIVATE_KEY_PUBLISHED"),
        (json.dumps({"keys": [public_jwk(a_key()) | {"crv": "P-384"}]}).encode(), "KEY_REFUSED"),
        (json.dumps({"keys": [public_jwk(a_key()) | {"kid": "a b"}]}).encode(), "KEY_REFUSED"),
        (b" " * 70_000, "TOO_LARGE"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
async def test_an_address_that_says_nonsense_takes_no_key_away(
    bureau: Bureau, address: tuple[Address, str], content: bytes, why: str
) -> None:
    place, uri = address
    client, _ = await publisher(bureau, uri)
    key = a_key()
    place.show(public_jwk(key))
    await read_now(bureau, client)
    place.content = content
    assert (await read_now(bureau, client))["jwks_error"] == why
    assert (await token_by(bureau, client, key)).status_code == 200


@pytest.mark.parametrize("status", [301, 404, 500])
async def test_an_address_that_is_away_takes_no_key_away(
    bureau: Bureau, address: tuple[Address, str], status: int
) -> None:
    place, uri = address
    client, _ = await publisher(bureau, uri)
    key = a_key()
    place.show(public_jwk(key))
    await read_now(bureau, client)
    place.status = status
    assert (await read_now(bureau, client))["jwks_error"] == "UNREACHABLE"
    assert (await token_by(bureau, client, key)).status_code == 200
    place.status = 200
    assert (await read_now(bureau, client))["jwks_error"] is None


async def test_a_key_that_ended_does_not_come_back_by_the_address(
    bureau: Bureau, address: tuple[Address, str]
) -> None:
    place, uri = address
    client, _ = await publisher(bureau, uri)
    key = a_key()
    place.show(public_jwk(key))
    await read_now(bureau, client)
    await bureau.done(f"/clients/{client['id']}/key-revocations", {"kid": key["kid"]})
    assert (await read_now(bureau, client))["jwks_error"] == "KEY_KNOWN"
    assert (await token_by(bureau, client, key)).status_code == 401


async def test_without_an_address_nothing_is_read(bureau: Bureau) -> None:
    client, _ = await a_bank(bureau)
    answer = await bureau.ask("POST", f"/clients/{client['id']}/key-refreshes", {})
    assert code_of(answer) == (409, "NO_KEY_ADDRESS")


async def test_the_guide_for_banks_works_as_it_is_written(bureau: Bureau) -> None:
    [code] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    written: dict[str, Any] = {}
    exec(code, written)  # noqa: S102  the page itself is what is tested
    client, _ = await with_key(bureau)
    key = written["new_key"](f"bank-{uuid4().hex[:8]}")
    wish = written["upload_of"](key, client["id"], ISSUER)
    await bureau.done(f"/clients/{client['id']}/keys", wish, who=itself(client))
    assert (await token_by(bureau, client, key.as_dict(private=True))).status_code == 200
