"""The public stream on the wire: CloudEvents 1.0 in a chain."""

from enum import StrEnum
from typing import Any

from pydantic import BaseModel


class ChainName(StrEnum):
    """A chain: what the world follows, the arrival register, what approved filings say,
    everything that was ever told, the steps of files, and what every other row was."""

    PUBLIC = "public"
    LEDGER = "ledger"
    EFFECTS = "effects"
    LOG = "log"
    STEPS = "steps"
    IMPRINTS = "imprints"


class PublicEvent(BaseModel):
    """A fact of the register. `hash` is the SHA-256 of the RFC 8785 form of all other members;
    `prevhash` is the hash of sequence - 1 (64 zeros before the first)."""

    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    datacontenttype: str
    resourceversion: int
    data: dict[str, Any]
    sequence: int
    prevhash: str
    hash: str


class EventPage(BaseModel):
    """Events in commit order, without a gap; ask again with `after` = `next_after`."""

    items: list[PublicEvent]
    next_after: int
    next_cursor: str | None
    next: str | None


class Tip(BaseModel):
    """Where the stream stands; compare it with what you hold to know that nothing is missing."""

    sequence: int
    hash: str


class CheckpointRead(BaseModel):
    """Where a chain stood. `jws` is a compact JWS (ES256, `typ` checkpoint+jwt, key by `kid`) whose
    payload says the same chain, sequence, hash and instant: keep it, and nobody can cut off or
    rewrite what came before it without your seeing it."""

    chain: ChainName
    sequence: int
    hash: str
    at: str
    kid: str
    jws: str
