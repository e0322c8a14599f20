"""The chain of decisions: any later edit, deletion or reorder shows."""

import sys
from collections.abc import Sequence
from typing import Any

from asyncpg import Connection, Record

from chassis import clock
from chassis.canonical import sha256
from chassis.chain import BEHIND_HORIZON, GENESIS, Chain, broken_at, link, seal
from chassis.jose import holds

_PAGE = 500
_LINKED = """
select d.*, l.sequence, l.prevhash, l.hash from chain_link l
left join lender_decision d on d.id = l.ref
where l.chain = 'decisions' and l.sequence > $1 order by l.sequence limit $2
"""


def body(row: Record) -> dict[str, Any]:
    """A decision as it is hashed: its own bytes and signature, not our reading of them."""
    names = ("id", "assignment_id", "application_id", "lender_id", "supersedes_id")
    return {
        **{name: None if row[name] is None else str(row[name]) for name in names},
        "lender_decision_ref": row["lender_decision_ref"],
        "type": row["type"],
        "payload_sha256": sha256(row["payload"]),
        "jws": row["jws"],
        "kid": row["kid"],
        "received_at": clock.wire(row["received_at"]),
    }


DECISIONS = Chain(
    name="decisions",
    query=f"select * from lender_decision where {BEHIND_HORIZON}",  # noqa: S608 - constant
    body=body,
)


async def link_decisions(app: Any) -> int:
    """Link what was committed since the last time; how many decisions that was."""
    async with app.state.reads.connection() as connection:
        return await seal(connection, DECISIONS)


async def broken_decision(connection: "Connection[Record]") -> int | None:
    """The first sequence at which the chain does not hold, or None; a deleted row breaks it too,
    and so does a signature that is not the lender's over the bytes that are kept."""
    at, last = 0, GENESIS
    while rows := await connection.fetch(_LINKED, at, _PAGE):
        broken = broken_at([_linked(row) for row in rows], after=last, since=at)
        unsigned = next((row["sequence"] for row in rows if not _is_signed(row)), None)
        if found := [each for each in (broken, unsigned) if each is not None]:
            return min(found)
        at, last = rows[-1]["sequence"], rows[-1]["hash"]
    head = await connection.fetchval("select sequence from chain_head where chain = 'decisions'")
    return at + 1 if (head or 0) != at else None  # the last links may have been cut off


def _is_signed(row: Record) -> bool:
    # with the key that was kept: the lender's own may long have ended
    return row["id"] is None or holds(row["jws"], row["payload"], row["jwk"])


def _linked(row: Record) -> dict[str, Any]:
    content = body(row) if row["id"] is not None else {"deleted": True}
    return {**link(row["sequence"], row["prevhash"], content), "hash": row["hash"]}


async def verify_decisions(connection: "Connection[Record]", _: Sequence[str]) -> None:
    """Recompute the chain of decisions; ends with 1 when it does not hold."""
    broken = await broken_decision(connection)
    sys.stdout.write(
        "decisions: intact\n" if broken is None else f"decisions: {broken} is broken\n"
    )
    if broken is not None:
        raise SystemExit(1)
