"""What cannot be used or replayed any more is forgotten; what can is kept."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.issuer.families import sha256
from gateway.issuer.purge import forget_expired
from tests.gateway.people import new_person
from tests.gateway.world import Gateway


async def counts(gateway: Gateway, family: str) -> list[int]:
    rows = await gateway.app.state.reads.fetch(
        "select (select count(*) from authorization_code where family_id = $1) as codes,"
        " (select count(*) from refresh_token where family_id = $1) as tokens,"
        " (select count(*) from refresh_family where id = $1) as families",
        family,
    )
    return list(rows[0].values())


async def family_of(gateway: Gateway, token: str) -> str:
    rows = await gateway.app.state.reads.fetch(
        "select family_id from refresh_token where sha256 = $1", sha256(token)
    )
    found: str = rows[0]["family_id"]
    return found


async def age(gateway: Gateway, table: str, column: str, key: str, by: timedelta) -> None:
    sql = f"update {table} set {column} = $2 where {key.split('=', maxsplit=1)[0]} = $1"
    await gateway.app.state.reads.fetch(sql, key.split("=")[1], datetime.now(UTC) - by)


async def test_a_living_family_keeps_its_used_tokens(gateway: Gateway) -> None:
    visitor = gateway.visitor()
    async with visitor.http:
        tokens = await visitor.tokens(await new_person(gateway, "trainer"))
        newer = (await visitor.refresh(tokens["refresh_token"])).json()
        family = await family_of(gateway, newer["refresh_token"])
        await forget_expired(gateway.app)
        assert await counts(gateway, family) == [1, 2, 1]
        await age(gateway, "authorization_code", "expires_at", f"family_id={family}", days(2))
        await forget_expired(gateway.app)
        assert await counts(gateway, family) == [0, 2, 1]
        assert (await visitor.refresh(newer["refresh_token"])).status_code == 200


def days(count: int) -> timedelta:
    return timedelta(days=count)


async def test_an_old_family_goes_with_all_that_came_of_it(gateway: Gateway) -> None:
    visitor = gateway.visitor()
    async with visitor.http:
        tokens = await visitor.tokens(await new_person(gateway, "trainer"))
    family = await family_of(gateway, tokens["refresh_token"])
    await age(gateway, "refresh_family", "ended_at", f"id={family}", days(29))
    await forget_expired(gateway.app)
    assert await counts(gateway, family) == [1, 1, 1]
    await age(gateway, "refresh_family", "ended_at", f"id={family}", days(31))
    await forget_expired(gateway.app)
    assert await counts(gateway, family) == [0, 0, 0]


async def test_failures_cut_offs_codes_and_sign_ins_go_in_their_time(gateway: Gateway) -> None:
    reads: Any = gateway.app.state.reads
    user = await new_person(gateway)
    now = datetime.now(UTC)
    for word, ago in (("young", timedelta()), ("old", timedelta(days=32))):
        then = now - ago
        later = then + timedelta(minutes=16)
        await reads.fetch(
            "insert into sign_in_failures (subject, failures, window_began_at)"
            " values ($1, 1, $2) on conflict (subject) do update set window_began_at = $2",
            f"purge-{word}",
            then,
        )
        await reads.fetch(
            "insert into token_cutoff (subject, before, expires_at) values ($1, $2, $3)"
            " on conflict (subject) do update set expires_at = $3",
            f"purge:{word}",
            then,
            later,
        )
        await reads.fetch(
            "insert into one_time_code (sha256, account_id, purpose, created_at, expires_at,"
            " used_at) values ($1, $2, 'INVITATION', $3, $3, $3)",
            f"{word}-{user['sub']}",
            user["sub"],
            then,
        )
        await reads.fetch(
            "insert into sign_in (sha256, account_id, methods, signed_in_at, expires_at)"
            " values ($1, $2, '{pwd}', $3, $3)",
            f"{word}-{user['sub']}",
            user["sub"],
            then,
        )
    await forget_expired(gateway.app)
    for table, column in (
        ("sign_in_failures", "subject"),
        ("token_cutoff", "subject"),
        ("one_time_code", "sha256"),
        ("sign_in", "sha256"),
    ):
        rows = await reads.fetch(
            f"select {column} as key from {table} where {column} like 'purge%'"
            f" or {column} like '%' || $1",
            user["sub"],
        )
        assert len(rows) == 1
        assert "young" in rows[0]["key"]
