"""The chain of decisions: edits, deletions and reorders show; its own history cannot be undone."""

import asyncio
import time
from typing import Any

import asyncpg
import pytest

from services.financing.decisions.chain import (
    broken_decision,
    link_decisions,
    verify_decisions,
)
from tests.financing.acts import decide, transmitted
from tests.financing.banks import a_bank, a_rejection
from tests.financing.people import expect
from tests.town import Town

_LINKED = "select 1 from chain_link where chain = 'decisions' and ref = any($1::uuid[])"


@pytest.fixture
async def linked(town: Town) -> list[Any]:
    """Three decisions, chained; their ids."""
    ids = []
    for _ in range(3):
        bank = await a_bank(town)
        file = await transmitted(town, bank)
        assignment = file.assignments[bank.id]
        made = expect(await decide(town, bank, assignment, a_rejection(assignment)), 201)
        ids.append(made["decision_id"])
    app, until = town.apps["financing"], time.monotonic() + 180
    while len(await app.state.reads.fetch(_LINKED, ids)) < len(ids):
        assert time.monotonic() < until, "a transaction held the horizon back for a minute"
        await link_decisions(app)
        await asyncio.sleep(0.01)
    return ids


class Undo(Exception):
    """Ends a transaction that tampered, so that nothing of it remains."""


async def broken_after(town: Town, *sql: str) -> int | None:
    """Where the chain breaks once somebody with all rights has tampered."""
    found = None
    try:
        async with (
            town.owner("financing") as connection,
            connection.transaction(),
        ):
            await connection.execute("set local session_replication_role = replica")
            for statement in sql:
                await connection.execute(statement)
            found = await broken_decision(connection)
            raise Undo
    except Undo:
        return found


async def sequence(town: Town, id: str) -> int:
    rows = await town.apps["financing"].state.reads.fetch(
        "select sequence from chain_link where chain = 'decisions' and ref = $1", id
    )
    return int(rows[0]["sequence"])


async def test_an_untouched_chain_holds(town: Town, linked: list[str]) -> None:
    assert await broken_after(town) is None
    async with town.apps["financing"].state.reads.connection() as connection:
        await verify_decisions(connection, [])
    numbers = [await sequence(town, id) for id in linked]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    "tamper",
    [
        "update lender_decision set payload = payload || ' '::bytea where id = '{}'",
        "update lender_decision set received_at = received_at - interval '1 day' where id = '{}'",
        "update lender_decision set jws = 'x' where id = '{}'",
        "update lender_decision set type = 'OFFER' where id = '{}'",
        "update lender_decision set jwk = (select jwk from lender_decision o where o.kid <>"
        " lender_decision.kid limit 1) where id = '{}'",
        "update lender_decision set jwk = '{{}}' where id = '{}'",
        "delete from lender_decision where id = '{}'",
        "delete from chain_link where ref = '{}'",
        "update chain_link set hash = repeat('0', 64) where ref = '{}'",
    ],
)
async def test_a_tampered_decision_shows_where_it_stands(
    town: Town, linked: list[str], tamper: str
) -> None:
    assert await broken_after(town, tamper.format(linked[1])) == await sequence(town, linked[1])


async def test_two_decisions_that_changed_places_show(town: Town, linked: list[str]) -> None:
    first = await sequence(town, linked[0])
    swap = (
        f"update chain_link set sequence = -1 where chain = 'decisions' and sequence = {first}",
        f"update chain_link set sequence = {first} where chain = 'decisions'"
        f" and sequence = {first + 1}",
        f"update chain_link set sequence = {first + 1} where chain = 'decisions' and sequence = -1",
    )
    assert await broken_after(town, *swap) == first


async def test_the_links_themselves_cannot_be_changed(town: Town, linked: list[str]) -> None:
    assert linked
    async with town.apps["financing"].state.reads.connection() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("update chain_link set hash = 'x'")
