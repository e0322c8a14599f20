"""The public keys of lenders, put in order by an operator: two may be active, for rotation."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from asyncpg import Connection, Record

from chassis import clock
from chassis.jose import TokenRefused, construct

_MEMBERS = {"kty", "crv", "x", "y", "kid", "use", "alg"}
_FIND = "select jwk from lender_key where lender_id = $1 and kid = $2"
_PUT = "insert into lender_key (lender_id, kid, jwk, valid_from) values ($1, $2, $3, $4)"
_RETIRE = """
update lender_key set revoked_at = $2 where lender_id = $1 and revoked_at is null and kid not in (
  select kid from lender_key where lender_id = $1 and revoked_at is null
  order by valid_from desc, kid limit 2)
returning kid
"""


class KeyRefused(ValueError):
    """A key that must not be kept; the message says why."""


async def put_lender_keys(connection: "Connection[Record]", words: Sequence[str]) -> None:
    """Add public keys of lenders from a JSON file: [{"lender_id", "jwk"}]; at most two stay active.

    Raises `KeyRefused` for private members, other curves, and a `kid` that names another key;
    then nothing is kept.
    """
    async with connection.transaction():
        for word in words:
            for row in json.loads(Path(word).read_text(encoding="utf-8")):  # noqa: ASYNC240
                await _put(connection, UUID(row["lender_id"]), row["jwk"])


async def _put(connection: "Connection[Record]", lender_id: UUID, jwk: dict[str, Any]) -> None:
    kid = _checked(jwk)
    known = await connection.fetchrow(_FIND, lender_id, kid)
    if known is not None and any(known["jwk"][name] != jwk[name] for name in ("x", "y")):
        raise KeyRefused(f"{kid} already names another key of lender {lender_id}")
    if known is not None:
        return
    await connection.execute(_PUT, lender_id, kid, jwk, clock.now())
    for retired in await connection.fetch(_RETIRE, lender_id, clock.now()):
        sys.stdout.write(f"lender {lender_id}: {retired['kid']} is revoked\n")
    sys.stdout.write(f"lender {lender_id}: {kid} is active\n")


def _checked(jwk: dict[str, Any]) -> str:
    strange = sorted(set(jwk) - _MEMBERS)
    if strange:
        raise KeyRefused(f"not a public key: it has {', '.join(strange)}")
    try:
        construct(jwk)
    except TokenRefused as error:
        raise KeyRefused("not a P-256 key") from error
    return str(jwk["kid"])
