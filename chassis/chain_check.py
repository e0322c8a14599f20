"""Reads a chain again: does each link follow the one before, and is its content what was linked?

A chain is checked in stretches, which several processes can share: a stretch begins where the one
before it ends, and the last hash of one must be the first `prevhash` of the next.
"""

import asyncio
import multiprocessing
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TypeVar

from asyncpg import Connection, Record

from chassis.canonical import canonical, sha256, usual
from chassis.chain import GENESIS, Chain, placed
from chassis.chain_pages import pages_of
from chassis.reads import connect

T = TypeVar("T")

_PAGE = 2_000
_STRETCH = 20_000
_LAST = "select coalesce(max(sequence), 0) from chain_link where chain = $1"
_HASHES = "select sequence, hash from chain_link where chain = $1 and sequence = any($2::bigint[])"


@dataclass(frozen=True)
class Fault:
    """The first thing that does not hold, and at which sequence."""

    sequence: int
    what: str

    def __str__(self) -> str:
        return f"sequence {self.sequence}: {self.what}"


@dataclass(frozen=True)
class Stretch:
    """Links after `after`, as they were found."""

    after: int
    held: int
    first: str | None
    last: str
    fault: Fault | None


async def check_stretch(
    connection: "Connection[Record]", chain: Chain, after: int, until: int
) -> Stretch:
    """Check the links in (after, until] against their content and against one another."""
    at, first, last = after, None, ""
    pages = await pages_of(connection, chain)
    while at < until:
        end = min(at + _PAGE, until)
        edges = await pages.edges(at, end) if pages else None
        if edges is not None and edges[0] == (last if first else edges[0]):
            at, first, last = end, first or edges[0], edges[1]
            continue
        rows = await connection.fetch(chain.linked, at, end)
        if first is None and rows:
            first = last = rows[0]["prevhash"]
        for row in rows:
            at += 1
            if what := _fault(chain, row, at, last):
                return Stretch(after, at - 1 - after, first, last, Fault(at, what))
            last = row["hash"]
        if at < end:
            return Stretch(after, at - after, first, last, Fault(at + 1, "the link is gone"))
    return Stretch(after, at - after, first, last, None)


def _fault(chain: Chain, row: Record, expected: int, last: str) -> str | None:
    sequence, prevhash, hash, ref = row["sequence"], row["prevhash"], row["hash"], row["ref"]
    if sequence != expected:
        return "the link is gone"
    if prevhash != last:
        return f"does not follow sequence {expected - 1}"
    if ref is None:
        return "what was linked is gone"
    try:
        content = placed(chain.body(row), sequence, prevhash)
        is_linked = hash == sha256(usual(content)) or hash == sha256(canonical(content))
    except Exception as error:  # noqa: BLE001 - whatever stands there now, it was not linked so
        return f"cannot be read ({type(error).__name__})"
    return None if is_linked else "is not what was linked"


async def last_link(connection: "Connection[Record]", chain: str) -> int:
    """The highest sequence of which there is a link."""
    return int(await connection.fetchval(_LAST, chain))


async def hashes_at(
    connection: "Connection[Record]", chain: str, sequences: Iterable[int]
) -> dict[int, str]:
    """What the links say now at some sequences; those that are gone are missing."""
    rows = await connection.fetch(_HASHES, chain, list(sequences))
    return {row["sequence"]: row["hash"] for row in rows}


def joined(stretches: Iterable[Stretch], after: int = 0, hash: str = GENESIS) -> Fault | None:
    """The first fault of stretches that follow one another, from a link that is known."""
    known = Stretch(after, 0, hash, hash, None)
    for before, stretch in pairwise([known, *stretches]):
        if stretch.first is not None and stretch.first != before.last:
            return Fault(stretch.after + 1, f"does not follow sequence {stretch.after}")
        if stretch.fault is not None:
            return stretch.fault
    return None


def check_whole(url: str, chain: Chain, workers: int | None = None) -> tuple[int, Fault | None]:
    """Check every link of a chain, in as many processes as the machine has processors; how many
    hold up to the first fault. Not for use beside a running event loop."""
    until = asyncio.run(_with(url, partial(last_link, chain=chain.name)))
    workers = workers or os.cpu_count() or 1
    # a few for each: whoever is done early takes another, and each costs a connection
    length = max(_STRETCH, -(-until // (4 * workers)))
    bounds = [*range(0, until, length), until]
    stretches = list(_spread(url, chain, list(pairwise(bounds)), workers))
    fault = joined(stretches)
    return (until if fault is None else max(fault.sequence - 1, 0)), fault


def _spread(
    url: str, chain: Chain, bounds: list[tuple[int, int]], workers: int
) -> Iterator[Stretch]:
    if len(bounds) <= 1 or workers == 1:
        yield from (_in_process(url, chain, bound) for bound in bounds)
        return
    # forked: a fresh interpreter would take longer to import us than a short chain takes to check
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(min(workers, len(bounds)), mp_context=context) as pool:
        yield from pool.map(partial(_in_process, url, chain), bounds)


def _in_process(url: str, chain: Chain, bound: tuple[int, int]) -> Stretch:
    return asyncio.run(_with(url, partial(_check, chain=chain, bound=bound)))


async def _check(connection: "Connection[Record]", chain: Chain, bound: tuple[int, int]) -> Stretch:
    return await check_stretch(connection, chain, *bound)


async def _with(url: str, act: "Callable[[Connection[Record]], Awaitable[T]]") -> T:
    connection = await connect(url)
    try:
        return await act(connection)
    finally:
        await connection.close()
