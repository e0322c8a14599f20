"""Same key, same answer: key, effect, event and stored answer commit in one transaction."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from pydantic import BaseModel
from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from chassis.auth import Caller
from chassis.bodies import RawBody
from chassis.canonical import fingerprint
from chassis.db import Session
from chassis.errors import (
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
    RequestInProgress,
)
from chassis.sql import run
from chassis.vault import SEALED, Vault

# A bare word, or the string of RFC 8941 with which the draft of this header writes it.
KEY_PATTERN = '^("[!#-~]{1,128}"|[!#-~]{1,128})$'
_WRITTEN = re.compile(KEY_PATTERN)
_TRY_LOCK = text("select pg_try_advisory_xact_lock(6, hashtext(:scope))")
_FIND = text(
    "select fingerprint, status, headers, body from idempotency"
    " where principal = :principal and method = :method and path = :path and key = :key"
)
_KEEP = text(
    "insert into idempotency (principal, method, path, key, fingerprint, status, headers, body)"
    " values (:principal, :method, :path, :key, :fingerprint, :status,"
    " cast(:headers as jsonb), :body)"
)
_CLOSED = text(
    "select principal, method, path, key, body from idempotency"
    " where substring(body from 1 for 3) = convert_to('v1.', 'UTF8')"
    " and substring(body from 1 for length(:now)) <> convert_to(:now, 'UTF8')"
    " limit 500 for update skip locked"
)
_RESEAL = text(
    "update idempotency set body = :body where principal = :principal and method = :method"
    " and path = :path and key = :key"
)
_PURGE = text("delete from idempotency where created_at < :before")


class Replayed(Exception):
    """The answer was given before; here it is again."""

    def __init__(self, response: Response) -> None:
        super().__init__("replayed")
        self.response = response


@dataclass
class Once:
    """One act under one key."""

    session: AsyncSession
    scope: dict[str, str]
    fingerprint: str

    async def answer(
        self,
        status: int,
        body: BaseModel,
        *,
        headers: dict[str, str] | None = None,
        vault: Vault | None = None,
    ) -> Response:
        """Keep and return the answer; it becomes true with the commit, or not at all.

        With a `vault`, what is kept is sealed: the answer holds a secret or names a person.
        """
        content = body.model_dump_json()
        kept = {"Content-Type": "application/json", **(headers or {})}
        stored = vault.seal(content, _place(self.scope)) if vault else content
        row = {**self.scope, "fingerprint": self.fingerprint, "status": status}
        row |= {"body": stored.encode(), "headers": json.dumps(kept)}
        await run(self.session, _KEEP, row)
        return Response(content.encode(), status, kept)


def _place(scope: Mapping[str, str]) -> str:
    return "\n".join(("idempotency", *scope.values()))


async def _key(
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> str:
    if idempotency_key is None:
        raise IdempotencyKeyMissing()
    if _WRITTEN.fullmatch(idempotency_key) is None:
        raise IdempotencyKeyInvalid()
    return idempotency_key.strip('"')


_key.requires = "Idempotency-Key"  # type: ignore[attr-defined]  # for the OpenAPI document
IdempotencyKey = Annotated[str, Depends(_key)]


async def _begin(request: Request, session: Session, raw: RawBody, key: IdempotencyKey) -> Once:
    return await begin(request, session, key, fingerprint(raw))


async def begin(request: Request, session: AsyncSession, key: str, said: str) -> Once:
    """The act under `key`, or `Replayed`; `said` is the fingerprint of what was sent."""
    caller: Caller = (
        request.state.caller
    )  # set by `requires`, which every such route declares first
    scope = {
        "principal": caller.principal,
        "method": request.method,
        "path": request.url.path,
        "key": key,
    }
    locked = await run(session, _TRY_LOCK, {"scope": "\n".join(scope.values())})
    if not locked.scalar_one():
        raise RequestInProgress(headers={"Retry-After": "1"})
    found = (await run(session, _FIND, scope)).one_or_none()
    if found is None:
        return Once(session, scope, said)
    if found.fingerprint != said:
        raise IdempotencyKeyReused()
    raise Replayed(_replay(found, request.app.state.vault, _place(scope)))


def _replay(found: Any, vault: Vault | None, place: str) -> Response:
    headers = {**found.headers, "Idempotency-Replayed": "true"}
    body = bytes(found.body)
    if vault is not None and body.startswith(SEALED):  # no JSON begins so
        body = vault.open(body.decode(), place).encode()
    return Response(body, found.status, headers)


Act = Annotated[Once, Depends(_begin)]


async def _begin_unless_dry(
    request: Request,
    session: Session,
    raw: RawBody,
    idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    validate_only: Annotated[bool, Query(description="check, store nothing, need no key")] = False,
) -> Once | None:
    if validate_only and idempotency_key is None:
        return None
    key = await _key(idempotency_key)
    return None if validate_only else await _begin(request, session, raw, key)


# None when the caller only wants to know what is wrong (`?validate_only=true`).
ActUnlessDry = Annotated[Once | None, Depends(_begin_unless_dry)]


async def purge(session: AsyncSession, before: datetime) -> None:
    """Forget answers older than `before` (they are promised for 30 days)."""
    await run(session, _PURGE, {"before": before})


async def reseal(session: AsyncSession, vault: Vault) -> int:
    """Seal a batch of kept answers under the current key of the vault; how many."""
    rows = await run(session, _CLOSED, {"now": f"v1.{vault.current}."})
    for row in rows:
        scope = {name: row[name] for name in ("principal", "method", "path", "key")}
        body = vault.open(bytes(row["body"]).decode(), _place(scope))
        sealed = vault.seal(body, _place(scope)).encode()
        await run(session, _RESEAL, {**scope, "body": sealed})
    return len(rows)
