"""The chains of the registry: what the world follows, and what nobody may change unseen."""

from typing import Any

from asyncpg import Record

from chassis import clock
from chassis.chain import BEHIND_HORIZON, Chain, linked_to, placed, whole_rows
from chassis.envelopes import envelope
from chassis.reads import Reads
from services.registry.withheld import WITHHELD


def public_body(row: Record) -> dict[str, Any]:
    """An event as the public stream shows and hashes it."""
    said = envelope("registry", row)
    return {**said, "data": {k: v for k, v in said["data"].items() if k not in WITHHELD}}


PUBLIC = Chain(
    name="public",
    query=f"select * from event_log where is_public and {BEHIND_HORIZON}",  # noqa: S608 - constant
    body=public_body,
    linked=linked_to("public", "e.* from event_log e where e.id = l.ref and e.is_public"),
    source="(select * from event_log where is_public) t",
)
CHAINS = {
    chain.name: chain
    for chain in (
        PUBLIC,
        whole_rows("ledger", "ledger"),
        whole_rows("effects", "effect", key="filing_id"),
        whole_rows("log", "event_log"),
        whole_rows("steps", "desk_step"),
        whole_rows("imprints", "imprint"),
    )
}

_CHECKPOINTS = """
select chain, sequence, hash, at, kid, jws, number from chain_checkpoint
where ($1::text is null or chain = $1) and ($2::bigint is null or number < $2)
order by number desc limit $3
"""
_TIP = "select sequence, hash from chain_head where chain = $1"


def published(row: Record) -> dict[str, Any]:
    """An event as the stream shows it. The stored hash is shown, so that a change is seen."""
    return {**placed(PUBLIC.body(row), row["sequence"], row["prevhash"]), "hash": row["hash"]}


async def events(reads: Reads, after: int, limit: int) -> list[dict[str, Any]]:
    """Events of the public stream after a sequence number."""
    rows = await reads.fetch(PUBLIC.linked, after, after + limit)
    return [published(row) for row in rows if row["ref"]]


async def tip(reads: Reads, chain: str) -> Record | None:
    """Where a chain stands."""
    return await reads.fetchrow(_TIP, chain)


async def checkpoints(
    reads: Reads, chain: str | None, before: int | None, limit: int
) -> list[dict[str, Any]]:
    """Checkpoints, newest first, before the one of that number."""
    rows = await reads.fetch(_CHECKPOINTS, chain, before, limit)
    return [{**row, "at": clock.wire(row["at"])} for row in rows]
