"""What was ended is refused at the next request, by every process, without asking the database."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chassis.errors import Unauthenticated
from chassis.jose import LocalKeys, Signer
from chassis.keys import public_jwk
from gateway.issuer import cutoffs
from gateway.issuer.cutoffs import Cutoffs, RevocationsUnknown, cut_off
from gateway.plane.passports import Passports
from tests.gateway.people import new_client
from tests.gateway.world import Gateway, Recorder
from tests.town import problem

SUBJECTS: dict[str, dict[str, Any]] = {
    "jti:": {"jti": "token-7"},
    "sid:": {"sid": "family-7"},
    "sub:": {"sub": "user-7"},
    "client:": {"client_id": "client-7"},
    "org:": {"org": "org-7"},
}


def long_ago() -> datetime:
    """So long that it is settled, and not so long that it is forgotten."""
    return datetime.now(UTC) - timedelta(minutes=5)


@pytest.fixture
def known() -> Cutoffs:
    found = Cutoffs()
    found.hear([])
    return found


@pytest.fixture
def office(gateway: Gateway, known: Cutoffs) -> Passports:
    keys = LocalKeys([public_jwk(gateway.private)])
    return Passports(keys, Signer(gateway.private), gateway.url, known)


@pytest.mark.parametrize(("subject", "claims"), SUBJECTS.items())
async def test_a_committed_cut_off_is_felt_at_the_very_next_request(
    gateway: Gateway, client: httpx.AsyncClient, subject: str, claims: dict[str, Any]
) -> None:
    bearer = {"Authorization": f"Bearer {gateway.made(**claims)}"}
    assert (await client.get("/v1/me", headers=bearer)).status_code == 200
    async with gateway.app.state.database.transaction() as session:
        await cut_off(session, f"{subject}{next(iter(claims.values()))}")
        assert (await client.get("/v1/me", headers=bearer)).status_code == 200
    for path in ("/v1/me", "/v1/cooperatives"):
        assert problem(await client.get(path, headers=bearer))["code"] == "UNAUTHENTICATED"


async def test_a_cut_off_that_rolls_back_ends_nothing(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    bearer = {"Authorization": f"Bearer {gateway.made(sub='user-8')}"}
    with pytest.raises(ZeroDivisionError):
        async with gateway.app.state.database.transaction() as session:
            await cut_off(session, "sub:user-8")
            raise ZeroDivisionError
    await gateway.app.state.cutoffs.listen(gateway.app.state.reads)
    assert (await client.get("/v1/me", headers=bearer)).status_code == 200


async def test_another_process_hears_it_within_half_a_second(gateway: Gateway) -> None:
    async with gateway.app.state.database.transaction() as session:
        session.info.clear()
        await cut_off(session, "sub:user-9")
        session.info.clear()  # as if another process had done it
    known: Cutoffs = gateway.app.state.cutoffs
    for _ in range(300):  # the poll itself is 0.4 s; the machine may be busy
        if known.cover(["sub:user-9"], time.time() - 60):
            break
        await asyncio.sleep(0.1)
    assert known.cover(["sub:user-9"], time.time() - 60)
    assert cutoffs.timer.every_s <= 0.5
    assert cutoffs.timer.is_own


@pytest.mark.parametrize(("subject", "claims"), SUBJECTS.items())
async def test_only_what_was_issued_until_then_is_dead(
    gateway: Gateway, office: Passports, known: Cutoffs, subject: str, claims: dict[str, Any]
) -> None:
    then = long_ago()
    known.hear([(f"{subject}{next(iter(claims.values()))}", then)])
    settled = int(then.timestamp()) + 11
    assert await office.passport(gateway.made(iat=settled, **claims))
    with pytest.raises(Unauthenticated):
        await office.passport(gateway.made(iat=int(then.timestamp()), **claims))


async def test_what_was_made_from_a_reading_before_the_commit_is_dead_too(
    gateway: Gateway, office: Passports, known: Cutoffs
) -> None:
    # `before` is the time of the statement; its transaction may commit seconds later
    now = int(time.time())
    known.hear([("sub:user-1", datetime.fromtimestamp(now - 3, UTC))])
    with pytest.raises(Unauthenticated):
        await office.passport(gateway.made(iat=now - 1))


async def test_others_are_not_concerned(
    gateway: Gateway, office: Passports, known: Cutoffs
) -> None:
    known.hear([("sub:user-2", datetime.now(UTC)), ("client:user-1", datetime.now(UTC))])
    assert await office.passport(gateway.made(sub="user-1"))


async def test_a_later_cut_off_of_the_same_subject_counts(
    gateway: Gateway, office: Passports, known: Cutoffs
) -> None:
    known.hear([("sub:user-1", long_ago())])
    token = gateway.made()
    assert await office.passport(token)
    known.hear([("sub:user-1", datetime.now(UTC))])
    with pytest.raises(Unauthenticated):
        await office.passport(token)


async def test_a_row_that_an_older_reading_lacks_is_not_forgotten(
    gateway: Gateway, office: Passports, known: Cutoffs
) -> None:
    known.committed({"cut_off": {"sub:user-1": datetime.now(UTC)}})
    known.hear([])  # read before the commit, arrived after it
    with pytest.raises(Unauthenticated):
        await office.passport(gateway.made(iat=int(time.time()) - 5))


async def test_rows_are_forgotten_when_no_token_can_be_that_old(known: Cutoffs) -> None:
    old = datetime.now(UTC) - timedelta(seconds=1000)
    known.hear([("sub:user-1", old)])
    known.hear([])
    assert not known.cover(["sub:user-1"], old.timestamp())


@pytest.mark.parametrize("path", ["/v1/me", "/v1/cooperatives/deaf"])
async def test_a_process_that_has_not_heard_for_30_s_accepts_no_token(
    gateway: Gateway,
    client: httpx.AsyncClient,
    registry: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    bearer = {"Authorization": f"Bearer {gateway.made()}"}
    assert cutoffs._DEAF_S == 30
    monkeypatch.setattr(cutoffs, "_DEAF_S", -1.0)  # whatever it hears is too old
    before = registry.count("/v1/cooperatives/deaf")
    refused = await client.get(path, headers=bearer)
    assert problem(refused)["code"] == "REVOCATIONS_UNKNOWN"
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert registry.count("/v1/cooperatives/deaf") == before
    assert (await client.get("/v1/cooperatives")).status_code == 200  # public, without a token
    ready = (await client.get("/health/ready")).json()
    assert "revocations" in ready["missing"]


async def test_a_process_that_starts_waits_for_the_first_word(gateway: Gateway) -> None:
    fresh = Cutoffs()
    keys = LocalKeys([public_jwk(gateway.private)])
    office = Passports(keys, Signer(gateway.private), gateway.url, fresh)
    asked = asyncio.create_task(office.passport(gateway.made()))
    await asyncio.sleep(0)
    assert not asked.done()
    fresh.hear([])
    assert (await asked).caller.sub == "user-1"


async def test_a_process_that_never_hears_refuses(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutoffs, "_PATIENCE_S", 0.01)
    keys = LocalKeys([public_jwk(gateway.private)])
    office = Passports(keys, Signer(gateway.private), gateway.url, Cutoffs())
    with pytest.raises(RevocationsUnknown):
        await office.passport(gateway.made())


async def letters_said(gateway: Gateway, office: Passports, token: str) -> dict[str, Any]:
    from chassis.auth import GATEWAY_ISSUER, INTERNAL_TYP
    from chassis.jose import Expected, verify

    letter = await office.letter(token, "registry")
    keys = LocalKeys([public_jwk(gateway.private)])
    return await verify(letter, keys, Expected(INTERNAL_TYP, GATEWAY_ISSUER, "registry"))


GRANT = {"org": "org-2", "subject": "0198a000-0000-7000-8000-0000000000c1", "scopes": ["a:read"]}


async def test_a_machine_s_letter_carries_what_was_lent_to_it(
    gateway: Gateway, office: Passports, known: Cutoffs
) -> None:
    lent: list[dict[str, Any]] = [GRANT]
    asked: list[str] = []

    async def grants_of(client_id: str) -> list[dict[str, Any]]:
        asked.append(client_id)
        return lent

    office.grants_of = grants_of
    token = gateway.made()
    assert (await letters_said(gateway, office, token))["grants"] == [GRANT]
    lent = []
    assert (await letters_said(gateway, office, token))["grants"] == [GRANT]  # kept
    known.hear([("letters:client-1", datetime.now(UTC))])
    assert "grants" not in await letters_said(gateway, office, token)
    assert await office.passport(token)  # the access token itself lives on
    assert asked == ["client-1", "client-1"]


async def test_a_person_s_letter_carries_none(gateway: Gateway, office: Passports) -> None:
    async def grants_of(_client_id: str) -> list[dict[str, Any]]:
        return [GRANT]

    office.grants_of = grants_of
    said = await letters_said(gateway, office, gateway.made(sid="family-1"))
    assert said["sid"] == "family-1"
    assert "grants" not in said


async def test_a_letter_made_while_grants_changed_is_not_kept(
    gateway: Gateway, office: Passports, known: Cutoffs
) -> None:
    lent: list[dict[str, Any]] = [GRANT]

    async def grants_of(client_id: str) -> list[dict[str, Any]]:
        found = list(lent)
        if lent:
            lent.clear()
            known.committed({"cut_off": {f"letters:{client_id}": datetime.now(UTC)}})
            await office.passport(token)  # somebody else looks, and passes, meanwhile
        return found

    token = gateway.made()
    office.grants_of = grants_of
    await office.letter(token, "registry")
    assert "grants" not in await letters_said(gateway, office, token)


async def test_a_passport_shows_tier_and_sid(gateway: Gateway, office: Passports) -> None:
    plain = await office.passport(gateway.made())
    person = await office.passport(gateway.made(tier="PARTNER", sid="family-1"))
    assert (plain.tier, plain.sid) == ("STANDARD", None)
    assert (person.tier, person.sid) == ("PARTNER", "family-1")


async def test_what_is_issued_after_a_cut_off_in_the_same_second_is_good(
    gateway: Gateway, client: httpx.AsyncClient
) -> None:
    machine = await new_client(gateway, grant_types=["client_credentials"])
    for _ in range(5):
        async with gateway.app.state.database.transaction() as session:
            await cut_off(session, f"client:{machine['client_id']}")
        await asyncio.sleep(0.002)  # a token says to the millisecond when it was asked for
        asked = await client.post(
            "/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(machine["client_id"], machine["client_secret"]),
        )
        bearer = {"Authorization": f"Bearer {asked.json()['access_token']}"}
        assert (await client.get("/v1/me", headers=bearer)).status_code == 200


@pytest.mark.parametrize("exact", ["1", 1.5, True, 0, None])
async def test_a_millisecond_of_another_second_is_no_token_of_ours(
    gateway: Gateway, client: httpx.AsyncClient, exact: object
) -> None:
    token = gateway.made(iat_ms=exact)
    answer = await client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == (200 if exact is None else 401)
