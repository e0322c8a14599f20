"""Keys of lenders, as the gateway tells of them: from when, until when, and for ever after."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from joserfc import jws
from joserfc.jwk import ECKey

from chassis.ids import new_id
from chassis.jose import Signer, holds
from chassis.keys import new_private_jwk, public_jwk
from services.financing.decisions.chain import broken_decision, link_decisions
from tests.financing.acts import decide, get, transmitted
from tests.financing.banks import Bank, a_bank, a_rejection
from tests.financing.gateway_keys import REVOKED, a_key, at, hears, push, registered, revoked, told
from tests.financing.people import a_lender, expect
from tests.town import Town, problem

Case = tuple[Bank, dict[str, Any]]


async def a_case(town: Town) -> Case:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    return bank, file.assignments[bank.id]


async def test_a_key_that_the_gateway_told_of_signs(town: Town) -> None:
    bank, assignment = await a_case(town)
    key = a_key()
    bank.signer = Signer(key)
    before = await decide(town, bank, assignment, a_rejection(assignment))
    assert problem(before)["code"] == "SIGNATURE_INVALID_CLAIM"
    await hears(town, registered(bank, key))
    made = expect(await decide(town, bank, assignment, a_rejection(assignment)), 201)
    seen = await get(town, bank.who, f"/v1/lender/decisions/{made['decision_id']}")
    assert (seen["kid"], seen["jwk"]["x"]) == (key["kid"], key["x"])
    assert "d" not in seen["jwk"]


async def test_two_keys_sign_side_by_side_for_a_rotation(town: Town) -> None:
    """`two active for rotation`: the old one signs until it is revoked, the new one at once."""
    bank, assignment = await a_case(town)
    old, new = bank.signer, a_key()
    await hears(town, registered(bank, new))
    body = a_rejection(assignment)
    expect(await decide(town, bank, assignment, body), 201)
    bank.signer = Signer(new)
    file = await transmitted(town, bank)
    other = file.assignments[bank.id]
    expect(await decide(town, bank, other, a_rejection(other)), 201)
    await hears(town, revoked(bank, old.kid, at(), seq=1))
    bank.signer = old
    file = await transmitted(town, bank)
    third = file.assignments[bank.id]
    refused = problem(await decide(town, bank, third, a_rejection(third)))
    assert (refused["code"], refused["active_kids"]) == ("SIGNATURE_KEY_REVOKED", [new["kid"]])


@pytest.mark.parametrize(
    ("window", "iat", "code"),
    [
        ({"valid_from": {"hours": 1}}, 0, "SIGNATURE_KEY_NOT_YET_VALID"),
        ({"valid_from": {"minutes": -1}}, -200, "SIGNATURE_KEY_NOT_YET_VALID"),
        ({"valid_from": {"minutes": 2}}, 200, "SIGNATURE_KEY_NOT_YET_VALID"),
        ({"revoke_at": {"seconds": -1}}, 0, "SIGNATURE_KEY_REVOKED"),
        ({"revoke_at": {"seconds": -60}}, -200, "SIGNATURE_KEY_REVOKED"),
        ({"revoke_at": {"minutes": 2}}, 200, "SIGNATURE_KEY_REVOKED"),
        ({"revoke_at": {"minutes": 2}}, 0, None),
        ({"valid_from": {"minutes": -4}}, -200, None),
    ],
    ids=str,
)
async def test_a_signature_holds_within_the_window_of_its_key_and_is_made_within_it(
    town: Town, window: dict[str, dict[str, float]], iat: int, code: str | None
) -> None:
    """Both when it says that it was made and now: a stolen key may say any moment."""
    bank, assignment = await a_case(town)
    key = a_key()
    usual = {"valid_from": at(days=-1)}
    await hears(town, registered(bank, key, **(usual | {k: at(**v) for k, v in window.items()})))
    bank.signer = Signer(key)
    claims = {"iat": int(time.time()) + iat}
    answer = await decide(town, bank, assignment, a_rejection(assignment), claims=claims)
    if code is None:
        expect(answer, 201)
        return
    refusal = problem(answer)
    assert (answer.status_code, refusal["code"], refusal["kid"]) == (400, code, key["kid"])
    assert key["kid"] in refusal["detail"]
    assert "active_kids" in refusal["remedy"]


async def test_only_who_holds_a_key_is_told_that_it_ended(town: Town) -> None:
    bank, assignment = await a_case(town)
    await hears(town, revoked(bank, bank.signer.kid, at(), seq=1))
    bank.signer = Signer(new_private_jwk(bank.signer.kid))
    answer = await decide(town, bank, assignment, a_rejection(assignment))
    assert problem(answer)["code"] == "SIGNATURE_INVALID"


async def test_a_lender_tries_an_ended_key_and_learns_the_step(town: Town) -> None:
    bank = await a_bank(town)
    await hears(town, revoked(bank, bank.signer.kid, at(), seq=1))
    key, address, raw = uuid4().hex, "/v1/lender/signature-tests", b"{}"
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": key,
        "x-jws-signature": bank.signed(address, raw, key),
    }
    async with town.client("financing", bank.who) as client:
        tried = expect(await client.post(address, content=raw, headers=headers), 200)
    assert (tried["is_valid"], tried["failed_step"]) == (False, "KEY_REVOKED")


async def test_what_a_revoked_key_signed_stays_verifiable_for_ever(town: Town) -> None:
    bank, assignment = await a_case(town)
    made = expect(await decide(town, bank, assignment, a_rejection(assignment)), 201)
    await hears(town, revoked(bank, bank.signer.kid, at(), seq=1))
    state = town.apps["financing"].state
    async with state.reads.connection() as connection:
        await connection.execute("delete from lender_key where lender_id = $1", bank.id)
        query = "select payload, jws, jwk from lender_decision where id = $1"
        row = await connection.fetchrow(query, made["decision_id"])
    assert holds(row["jws"], row["payload"], row["jwk"])
    assert not holds(row["jws"], row["payload"] + b" ", row["jwk"])
    assert not holds(row["jws"], row["payload"], public_jwk(a_key()))
    public = ECKey.import_key(public_jwk(state.keys.current))
    receipt = json.loads(jws.deserialize_compact(made["receipt"], public).payload)
    assert receipt["jwk"] == {k: row["jwk"][k] for k in ("kty", "crv", "x", "y")}
    await link_decisions(town.apps["financing"])
    async with state.reads.connection() as connection:
        assert await broken_decision(connection) is None


async def test_hearing_twice_and_out_of_the_blue_changes_nothing(town: Town) -> None:
    bank, assignment = await a_case(town)
    key = a_key()
    event = registered(bank, key)
    end = revoked(bank, key["kid"], at(hours=-1))
    await hears(town, event, end)
    await hears(town, event, end)  # delivered again: at least once
    await hears(town, told(REVOKED, bank, "never-seen", revoke_at=at()))
    bank.signer = Signer(key)
    refused = await decide(town, bank, assignment, a_rejection(assignment))
    assert problem(refused)["code"] == "SIGNATURE_KEY_REVOKED"


async def test_a_revocation_is_never_taken_back(town: Town) -> None:
    bank, assignment = await a_case(town)
    key = a_key()
    await hears(
        town,
        registered(bank, key),
        revoked(bank, key["kid"], at(hours=-1)),
        revoked(bank, key["kid"], at(days=9), seq=3),
        registered(bank, key) | {"resourceversion": 4},
    )
    bank.signer = Signer(key)
    refused = await decide(town, bank, assignment, a_rejection(assignment))
    assert problem(refused)["code"] == "SIGNATURE_KEY_REVOKED"


async def test_a_name_means_one_key_of_a_lender(town: Town) -> None:
    """The event is refused, and so is every later one about that key: an operator must look."""
    bank, assignment = await a_case(town)
    impostor = dict(new_private_jwk(bank.signer.kid))
    answer = expect(await push(town, registered(bank, impostor)), 200)
    assert answer["failed"] == {f"lender_key/{bank.signer.kid}": "KeyNameTaken"}
    expect(await decide(town, bank, assignment, a_rejection(assignment)), 201)


async def test_a_key_of_a_lender_that_is_not_listed_yet_waits_for_it(town: Town) -> None:
    bank = await a_bank(town)
    bank.id = str(new_id())
    await hears(town, registered(bank, a_key()))


@pytest.mark.parametrize(
    "change",
    [{"kty": "RSA"}, {"crv": "P-384"}, {"x": "AAAA"}, {"y": None}],
    ids=str,
)
async def test_a_key_that_nobody_could_verify_with_is_refused(
    town: Town, change: dict[str, Any]
) -> None:
    bank, key = await a_bank(town), a_key()
    jwk = {k: v for k, v in (public_jwk(key) | change).items() if v is not None}
    answer = expect(await push(town, registered(bank, key, jwk=jwk)), 200)
    assert list(answer["failed"]) == [f"lender_key/{key['kid']}"]


async def test_no_private_part_is_kept_whatever_was_sent(town: Town) -> None:
    bank, key = await a_bank(town), a_key()
    await hears(town, registered(bank, key, jwk=key | {"x5c": ["…"]}))
    async with town.apps["financing"].state.reads.connection() as connection:
        query = "select jwk, client_id from lender_key where lender_id = $1 and kid = $2"
        row = await connection.fetchrow(query, bank.id, key["kid"])
    assert set(row["jwk"]) <= {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert row["client_id"] == "client-of-the-bank"


async def own_key(town: Town) -> dict[str, Any]:
    return {"signer": Signer(town.apps["registry"].state.keys.current)}


async def somebody(_: Town) -> dict[str, Any]:
    return {"signer": Signer(new_private_jwk("gw-stranger"))}


async def a_token_for_a_signature(_: Town) -> dict[str, Any]:
    return {"aud": "registry"}


Forge = Callable[[Town], Awaitable[dict[str, Any]]]


@pytest.mark.parametrize("forge", [own_key, somebody, a_token_for_a_signature])
async def test_nobody_else_tells_of_keys(town: Town, forge: Forge) -> None:
    bank, key = await a_bank(town), a_key()
    answer = await push(town, registered(bank, key), **(await forge(town)))
    assert (answer.status_code, problem(answer)["code"]) == (401, "UNAUTHENTICATED")


async def test_the_registry_signs_for_itself_and_says_nothing_about_keys(town: Town) -> None:
    bank, key = await a_bank(town), a_key()
    registry = Signer(town.apps["registry"].state.keys.current)
    answer = expect(await push(town, registered(bank, key), signer=registry, iss="registry"), 200)
    assert answer["failed"] == {f"lender_key/{key['kid']}": "NotTheirs"}


async def test_a_push_of_the_gateway_is_no_token_and_a_token_no_push(town: Town) -> None:
    """The same key signs both: each must be worthless as the other."""
    body = b'{"events": [], "heartbeat": null}'
    claims = {"iat": int(time.time()), "htm": "POST", "aud": "financing", "iss": "gateway"}
    pushed = Signer(town.gateway_keys.current).detached(body, claims)
    token = town.token(a_lender(), "financing")
    async with town.client("financing") as client:
        called = await client.get("/v1/lenders", headers={"Authorization": f"Bearer {pushed}"})
        told = await client.post(
            "/internal/v1/events", content=body, headers={"x-jws-signature": token}
        )
    assert (called.status_code, told.status_code) == (401, 401)
