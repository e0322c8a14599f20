"""`python -m services.registry.verify_ledger [--checkpoint CHAIN:SEQUENCE:HASH …]`: both chains.

Recomputes them. Finds any edit, deletion, insertion or reorder of the public stream or of the
arrival register, and a truncation when a checkpoint (`public:17:<hash>`), kept elsewhere, is given.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from chassis.chain import GENESIS, broken_at
from chassis.reads import Reads
from services.registry.settings import RegistrySettings
from services.registry.stream import repository

_PAGE = 1000
_CHECKPOINT = re.compile(r"(?P<chain>\w+):(?P<sequence>[0-9]+):(?P<hash>[0-9a-f]{64})")
Checkpoint = tuple[str, int, str]
Read = Callable[[Reads, int, int], Awaitable[list[dict[str, Any]]]]
_READERS: dict[str, Read] = {"public": repository.events, "ledger": repository.lines}
_UNLINKED = {
    "public": "select count(*) from event_log e where is_public and not exists (select 1 from"
    " chain_link l where l.chain = 'public' and l.ref = e.id)",
    "ledger": "select count(*) from ledger e where not exists (select 1 from chain_link l"
    " where l.chain = 'ledger' and l.ref = e.id)",
}


async def verify(reads: Reads, chain: str, checkpoints: dict[int, str]) -> tuple[int, str | None]:
    """How many links hold, and what is wrong with the next, if anything."""
    at, last = 0, GENESIS
    while things := await _READERS[chain](reads, at, _PAGE):
        broken = broken_at(things, after=last, since=at)
        if broken is not None:
            return broken - 1, f"sequence {broken} does not hold"
        for thing in things:
            wanted = checkpoints.pop(thing["sequence"], thing["hash"])
            if wanted != thing["hash"]:
                sequence = thing["sequence"]
                return sequence - 1, f"sequence {sequence} differs from its checkpoint"
        at, last = things[-1]["sequence"], things[-1]["hash"]
    return at, await _tail(reads, chain, at, checkpoints=checkpoints)


async def _tail(reads: Reads, chain: str, at: int, *, checkpoints: dict[int, str]) -> str | None:
    if checkpoints:
        return f"truncated: {max(checkpoints)} was sealed, {at} is left"
    head = await repository.tip(reads, chain)
    if (head["sequence"] if head else 0) != at:
        return f"the head says {head['sequence'] if head else 0}, {at} links are left"
    return None


def checkpoint(text: str) -> Checkpoint:
    """A checkpoint as it is written; one that is mistyped must not pass for one that held."""
    found = _CHECKPOINT.fullmatch(text)
    if found is None or found["chain"] not in _READERS:
        raise argparse.ArgumentTypeError(f"{text!r} is not CHAIN:SEQUENCE:HASH")
    return found["chain"], int(found["sequence"]), found["hash"]


async def main(given: list[Checkpoint]) -> int:
    """Verify both chains; 0 when both hold."""
    settings = RegistrySettings()
    reads = Reads(settings.database_url, 1)
    failures = 0
    for chain in _READERS:
        marks = {sequence: hash for name, sequence, hash in given if name == chain}
        held, wrong = await verify(reads, chain, marks)
        waiting = (await reads.fetch(_UNLINKED[chain]))[0][0]
        sys.stdout.write(f"{chain}: {held} links hold, {waiting} wait; {wrong or 'intact'}\n")
        failures += wrong is not None
    await reads.close()
    return 1 if failures else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", action="append", default=[], type=checkpoint)
    sys.exit(asyncio.run(main(parser.parse_args().checkpoint)))
