"""The two chains of the registry: the public stream and the arrival register."""

from typing import Any

from asyncpg import Record

from chassis import clock
from chassis.chain import BEHIND_HORIZON, Chain, link
from chassis.events import envelope
from chassis.reads import Reads
from services.registry.events import WITHHELD


def public_body(row: Record) -> dict[str, Any]:
    """An event as the public stream shows and hashes it."""
    said = envelope("registry", row)
    return {**said, "data": {k: v for k, v in said["data"].items() if k not in WITHHELD}}


PUBLIC = Chain(
    name="public",
    query=f"select * from event_log where is_public and {BEHIND_HORIZON}",  # noqa: S608 - constant
    body=public_body,
)


def ledger_body(row: Record) -> dict[str, Any]:
    """A line of the arrival register as it is hashed."""
    names = ("authority_code", "year", "number", "kind", "arrival_number", "formality")
    return {
        "id": str(row["id"]),
        **{name: row[name] for name in names},
        "filing_id": str(row["filing_id"]),
        "declarant": row["declarant"],
        "subject": row["subject"],
        "recorded_at": clock.wire(row["recorded_at"]),
    }


LEDGER = Chain(
    name="ledger",
    query=f"select * from ledger where {BEHIND_HORIZON}",  # noqa: S608 - constant
    body=ledger_body,
)

_EVENTS = """
select e.*, l.sequence, l.prevhash, l.hash from chain_link l join event_log e on e.id = l.ref
where l.chain = 'public' and l.sequence > $1 order by l.sequence limit $2
"""
_LINES = """
select e.*, l.sequence, l.prevhash, l.hash from chain_link l join ledger e on e.id = l.ref
where l.chain = 'ledger' and l.sequence > $1 order by l.sequence limit $2
"""
_TIP = "select sequence, hash from chain_head where chain = $1"


def published(row: Record) -> dict[str, Any]:
    """An event as the stream shows it. The stored hash is shown, so that a change is seen."""
    return {**link(row["sequence"], row["prevhash"], PUBLIC.body(row)), "hash": row["hash"]}


def linked_line(row: Record) -> dict[str, Any]:
    """A line of the arrival register with its stored link."""
    return {**link(row["sequence"], row["prevhash"], ledger_body(row)), "hash": row["hash"]}


async def events(reads: Reads, after: int, limit: int) -> list[dict[str, Any]]:
    """Events of the public stream after a sequence number."""
    return [published(row) for row in await reads.fetch(_EVENTS, after, limit)]


async def lines(reads: Reads, after: int, limit: int) -> list[dict[str, Any]]:
    """Linked lines of the arrival register after a sequence number."""
    return [linked_line(row) for row in await reads.fetch(_LINES, after, limit)]


async def tip(reads: Reads, chain: str) -> Record | None:
    """Where a chain stands."""
    return await reads.fetchrow(_TIP, chain)
