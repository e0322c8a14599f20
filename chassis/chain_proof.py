"""What else must hold beside the links: the head, the order, and every checkpoint."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from asyncpg import Connection, Record

from chassis import clock
from chassis.chain import GENESIS, Chain
from chassis.chain_check import Fault, check_stretch, hashes_at, joined, last_link
from chassis.checkpoints import Checkpoint
from chassis.sealing import Keys, inside

# The last goes outside first; should it get no further then, the next who signs makes up for it.
_A_WHILE = timedelta(minutes=1)
_HEAD = "select sequence, hash from chain_head where chain = $1"
_STRAY = "select count(*) from chain_link where chain = $1 and sequence < 1"
_COUNTS = """
select count(*) filter (where (t.xid, t.pos) <= (h.xid, h.pos)) as behind,
  count(*) filter (where (t.xid, t.pos) <= (h.xid, h.pos) is not true) as waiting,
  bool_or((t.xid, t.pos) = (h.xid, h.pos)) as is_at_a_row
from {source} left join chain_head h on h.chain = $1
"""


async def check_on(
    connection: "Connection[Record]", chain: Chain, links: int
) -> tuple[int, Fault | None]:
    """Check what was linked since `links` were found to hold; how many hold now."""
    until = await last_link(connection, chain.name)
    known = (await hashes_at(connection, chain.name, [links])).get(links, GENESIS)
    stretch = await check_stretch(connection, chain, links, until)
    return links + stretch.held, joined([stretch], links, known)


async def ends(
    connection: "Connection[Record]", chain: Chain, links: int
) -> tuple[int, list[Fault]]:
    """How many things wait to be linked; and what is wrong with the head, or with rows that the
    chain passed without a link."""
    counts = await connection.fetchrow(_COUNTS.format(source=chain.source), chain.name)
    faults = [fault] if (fault := await _head_fault(connection, chain.name, links)) else []
    if counts["is_at_a_row"] is False:
        faults.append(Fault(links, "the head stands where no row stands"))
    if counts["behind"] != links:
        faults.append(Fault(links + 1, f"{counts['behind']} rows stand where {links} were linked"))
    return counts["waiting"], faults


async def _head_fault(connection: "Connection[Record]", chain: str, links: int) -> Fault | None:
    head = await connection.fetchrow(_HEAD, chain)
    if await connection.fetchval(_STRAY, chain):
        return Fault(0, "links stand before the first")
    said, hash = (head["sequence"], head["hash"]) if head else (0, GENESIS)
    if said != links:
        return Fault(min(said, links) + 1, f"the head says {said}, {links} links are left")
    if hash != (await hashes_at(connection, chain, [links])).get(links, GENESIS):
        return Fault(links, "the head says another hash")
    return None


async def checkpoint_faults(
    connection: "Connection[Record]", chain: str, keys: Keys, kept_outside: list[Checkpoint] | None
) -> tuple[int, list[Fault]]:
    """How many checkpoints there are, and those that the chain does not agree with; what is kept
    outside was read before the transaction began, so that it cannot be ahead of what is seen."""
    kept_inside = await inside(connection, chain)
    everything = [*(kept_outside or []), *kept_inside]
    now = await hashes_at(connection, chain, {one.sequence for one in everything})
    faults = [fault for one in everything if (fault := _judge(one, chain, keys, now))]
    if kept_outside is not None:
        faults += _missing(kept_outside, kept_inside)
    return len({one.sequence for one in everything}), list(dict.fromkeys(faults))


def _judge(one: Checkpoint, chain: str, keys: Keys, now: dict[int, str]) -> Fault | None:
    if one.chain != chain or not one.is_signed(keys):
        return Fault(one.sequence, f"has a checkpoint of {one.at} that no key of ours signed")
    if one.sequence not in now:
        return Fault(one.sequence, f"was signed on {one.at} and is gone: the end was cut off")
    if now[one.sequence] != one.hash:
        return Fault(one.sequence, f"is not what was signed on {one.at}: all was rewritten")
    return None


def _missing(outside: list[Checkpoint], inside: Iterable[Checkpoint]) -> Iterator[Fault]:
    known = {one.sequence for one in inside}
    if known and not outside:
        yield Fault(min(known), "was signed, and outside the database there is no checkpoint")
    for one in outside:
        is_on_its_way = (
            one is outside[-1] and clock.now() - datetime.fromisoformat(one.at) < _A_WHILE
        )
        if one.sequence not in known and not is_on_its_way:
            yield Fault(one.sequence, "the database has lost its checkpoint")
