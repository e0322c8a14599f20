"""Makes checkpoints of what it has checked: each ten seconds at most, or each thousand links."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from asyncpg import Connection, Record

from chassis import clock
from chassis.chain import GENESIS, Chain
from chassis.chain_check import Fault, check_stretch, hashes_at, joined
from chassis.checkpoints import Checkpoint, Outside, signed
from chassis.jose import Signer

_EVERY = timedelta(seconds=10)
_EVERY_LINKS = 1_000
_AT_ONCE = 20_000
_LOCK = "select pg_try_advisory_xact_lock(10, hashtext($1))"
_HEAD = "select sequence, hash from chain_head where chain = $1"
_LAST = """
select chain, sequence, hash, at, kid, jws from chain_checkpoint where chain = $1
order by sequence desc limit 1
"""
_KEEP = """
insert into chain_checkpoint (chain, sequence, hash, at, kid, jws)
values ($1, $2, $3, $4, $5, $6) on conflict (chain, sequence) do nothing
"""
Keys = Mapping[str, Mapping[str, Any]]

log = structlog.get_logger()


class Unsealable(Exception):
    """Why a chain is not signed as it stands."""


@dataclass(frozen=True)
class Seal:
    """What checkpoints are made with: a key, all that are published, a folder if there is one."""

    signer: Signer
    keys: Keys
    folder: Path | None

    def outside(self, chain: str) -> Outside | None:
        """The file of a chain's checkpoints."""
        return Outside(self.folder / f"{chain}.jsonl") if self.folder else None


async def seal_checkpoint(connection: "Connection[Record]", chain: Chain, seal: Seal) -> int:
    """Sign where the chain stands, when it is time; 1 if that was done.

    What was signed last must still be in the chain, and all that follows it must hold: a rewritten
    chain is refused aloud, for as long as it is one.
    """
    try:
        async with connection.transaction():
            if not await connection.fetchval(_LOCK, chain.name):
                return 0  # another process does it
            made = await _next(connection, chain, seal)
            if made is not None:
                await _keep(connection, made, seal)
            return int(made is not None)
    except Unsealable as refusal:
        log.error("checkpoint_refused", chain=chain.name, reason=str(refusal))
        return 0


async def _next(connection: "Connection[Record]", chain: Chain, seal: Seal) -> Checkpoint | None:
    known = await _last(connection, chain.name, seal)
    after, hash = (known.sequence, known.hash) if known else (0, GENESIS)
    head = await connection.fetchrow(_HEAD, chain.name)
    until = min(head["sequence"] if head else 0, after + _AT_ONCE)
    if until <= after or not _is_due(known, until - after):
        return None
    stretch = await check_stretch(connection, chain, after, until)
    fault = joined([stretch], after, hash)
    if fault is None and head and until == head["sequence"] and stretch.last != head["hash"]:
        fault = Fault(until, "the head says another hash")
    if fault is not None:
        raise Unsealable(str(fault))
    return signed(seal.signer, chain.name, until, stretch.last)


def _is_due(known: Checkpoint | None, links: int) -> bool:
    if known is None or links >= _EVERY_LINKS:
        return True
    return clock.now() - datetime.fromisoformat(known.at) >= _EVERY


async def _last(connection: "Connection[Record]", chain: str, seal: Seal) -> Checkpoint | None:
    """The last checkpoint of both places, which must agree with the chain; each learns from the
    other what it missed: a copy of the process with a folder of its own, a commit that failed."""
    row = await connection.fetchrow(_LAST, chain)
    inside = _checkpoint(row) if row else None
    file = seal.outside(chain)
    outside = file.last() if file else None
    for one in (inside, outside):
        if one is not None:
            await _hold_to(connection, one, seal.keys)
    if outside and (inside is None or inside.sequence < outside.sequence):
        await _keep_inside(connection, outside)
        return outside
    if inside and file and (outside is None or outside.sequence < inside.sequence):
        _keep_outside(inside, file)
    return inside


async def _hold_to(connection: "Connection[Record]", one: Checkpoint, keys: Keys) -> None:
    if not one.is_signed(keys):
        raise Unsealable(f"the checkpoint of sequence {one.sequence} is not signed by our key")
    if (await hashes_at(connection, one.chain, [one.sequence])).get(one.sequence) != one.hash:
        raise Unsealable(f"sequence {one.sequence} is not what was signed on {one.at}")


async def _keep(connection: "Connection[Record]", made: Checkpoint, seal: Seal) -> None:
    # outside first: what was said there can no longer be taken back by whoever holds the database
    if file := seal.outside(made.chain):
        _keep_outside(made, file)
    await _keep_inside(connection, made)


def _keep_outside(made: Checkpoint, file: Outside) -> None:
    try:
        file.add(made)
    except OSError as error:
        log.error("checkpoint_not_written", file=str(file.path), error=type(error).__name__)


async def _keep_inside(connection: "Connection[Record]", made: Checkpoint) -> None:
    at = datetime.fromisoformat(made.at)
    row = (made.chain, made.sequence, made.hash, at, made.kid, made.jws)
    await connection.execute(_KEEP, *row)


def _checkpoint(row: Record) -> Checkpoint:
    return Checkpoint(**{**row, "at": clock.wire(row["at"])})


async def inside(connection: "Connection[Record]", chain: str) -> list[Checkpoint]:
    """Every checkpoint of a chain that the database keeps."""
    rows = await connection.fetch(
        "select chain, sequence, hash, at, kid, jws from chain_checkpoint where chain = $1"
        " order by sequence",
        chain,
    )
    return [_checkpoint(row) for row in rows]
