"""Signed statements of where a chain stood, kept in the database and in a file outside it.

A chain alone shows what was changed inside it. Who may write everywhere in the database can cut off
its end, or compute the whole of it anew; then it no longer agrees with what was signed before, and
the key that signs is not in the database. What is signed was checked first, from the last
checkpoint on: a chain that was rewritten behind it is never sealed.
"""

import fcntl
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from chassis import clock
from chassis.jose import Signer, TokenRefused, signed_claims

_TYP = "checkpoint+jwt"
_TAIL = 16_384  # a line has less than 1,000 bytes


@dataclass(frozen=True)
class Checkpoint:
    """The link at which a chain stood, when, and the compact JWS (ES256) that says so."""

    chain: str
    sequence: int
    hash: str
    at: str
    kid: str
    jws: str

    @property
    def said(self) -> dict[str, Any]:
        """What is signed."""
        return {"chain": self.chain, "sequence": self.sequence, "hash": self.hash, "at": self.at}

    def is_signed(self, keys: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether one of these public keys, by `kid`, signed exactly this."""
        try:
            return signed_claims(self.jws, keys[self.kid], _TYP) == self.said
        except (KeyError, TokenRefused):
            return False


def signed(signer: Signer, chain: str, sequence: int, hash: str) -> Checkpoint:
    """A checkpoint of this moment."""
    said: dict[str, Any] = {
        "chain": chain,
        "sequence": sequence,
        "hash": hash,
        "at": clock.wire(clock.now()),
    }
    return Checkpoint(**said, kid=signer.kid, jws=signer.token(said, _TYP))


class Outside:
    """A file of one chain's checkpoints, one JSON object on each line; several processes may add to
    it. A line that is none (the disk was full) is passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Checkpoint]:
        """Every checkpoint, in the order in which they were added."""
        if not self.path.exists():
            return []
        return _checkpoints(self.path.read_bytes())

    def last(self) -> Checkpoint | None:
        """The one that was added last."""
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - _TAIL, 0))
            found = _checkpoints(file.read())
        return found[-1] if found else None

    def add(self, checkpoint: Checkpoint) -> None:
        """Write a line and wait until it lies on the disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            is_new = file.seek(0, os.SEEK_END) == 0
            if not is_new and _last_byte(file) != b"\n":
                file.write(b"\n")  # a line that could not be finished stays alone
            file.write(json.dumps(asdict(checkpoint), separators=(",", ":")).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            _sync_folder(self.path.parent)


def _checkpoints(content: bytes) -> list[Checkpoint]:
    found = []
    for line in content.splitlines():
        with suppress(ValueError, TypeError):
            found.append(Checkpoint(**json.loads(line)))
    return found


def _last_byte(file: Any) -> bytes:
    file.seek(-1, os.SEEK_END)
    found: bytes = file.read(1)
    return found


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
