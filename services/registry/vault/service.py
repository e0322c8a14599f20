"""`vault …` on the command line: change the keys of the vault while everything goes on."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.db import Database, create_engine
from chassis.settings import Settings
from chassis.vault import Vault
from chassis.vault_file import VaultFile, VaultRefused
from services.registry.links.models import MemberLink
from services.registry.vault.repository import Closed

_USAGE = "vault list | rotate | rewrap | drop <key> | rotate-index | reindex | drop-index <key>"
_REWRITTEN = {
    "rewrap": {"person_key", "member", "filing", "idempotency", "import_piece"},
    "reindex": {"member"},
}
_Batch = Callable[[Closed, UUID | None], Awaitable[tuple[int, UUID | None]]]


def command(settings: Settings) -> Callable[[Any, Sequence[str]], Awaitable[None]]:
    """The command of one installation."""

    async def vault(_: Any, words: Sequence[str]) -> None:
        """list, rotate, rewrap or drop the keys under which personal data is sealed"""
        database = Database(create_engine(settings))
        try:
            for line in await Keeper(database, settings.vault_file).do(words):
                sys.stdout.write(f"{line}\n")
        except VaultRefused as refusal:
            raise SystemExit(str(refusal)) from refusal
        finally:
            await database.engine.dispose()

    return vault


class Keeper:
    """Acts on the keys of the registry's vault and on what they closed."""

    def __init__(self, database: Database, path: Path | None) -> None:
        if path is None:
            raise VaultRefused("no vault file is configured")
        self.database = database
        self.file = VaultFile(path)
        self.vault = Vault(path)

    async def do(self, words: Sequence[str]) -> list[str]:
        """One act; what to say about it."""
        act, rest = (words[0] if words else ""), list(words[1:])
        if act in ("drop", "drop-index") and len(rest) == 1:
            return await self._drop(rest[0], is_index=act == "drop-index")
        acts = {
            "list": self._list,
            "rotate": self._rotate,
            "rewrap": self.rewrap,
            "rotate-index": self._rotate_index,
            "reindex": self._reindex,
        }
        if act not in acts or rest:
            raise VaultRefused(_USAGE)
        return await acts[act]()

    async def _list(self) -> list[str]:
        async with self.database.transaction() as session:
            closed = Closed(session, self.vault)
            keys = [(kid, (await closed.uses(kid)).total()) for kid in self.file.kids]
            blinds = [(kid, (await closed.indexed(kid)).total()) for kid in self.file.index_kids]
        return [
            *(_line("key", kid, n, is_current=kid == keys[-1][0]) for kid, n in keys),
            *(_line("index", kid, n, is_current=kid == blinds[-1][0]) for kid, n in blinds),
        ]

    async def _rotate(self) -> list[str]:
        return [f"{self.file.rotate()} wraps from now on; next: vault rewrap"]

    async def _rotate_index(self) -> list[str]:
        return [f"{self.file.rotate_index()} makes blinds from now on; next: vault reindex"]

    async def rewrap(self) -> list[str]:
        """Wrap every key anew, and give one to who was sealed before there were any. Begins again
        where it was left, and may run twice."""
        members = await self._all(Closed.give_keys)
        filings = await self._all(Closed.give_filings_keys)
        keys = await self._all(Closed.rewrap)
        await self._all(Closed.reseal_answers)
        await self._all(Closed.reseal_pieces)
        return [f"{keys} keys wrapped anew, {members} members and {filings} filings given keys"]

    async def _reindex(self) -> list[str]:
        if self.file.index_kids[-1] == "":
            raise VaultRefused("the index has its first key: rotate-index first")
        return [f"{await self._all(Closed.reindex)} members have new blinds"]

    async def _all(self, batch: _Batch) -> int:
        done, after = 0, None
        while True:
            async with self.database.transaction() as session:
                n, after = await batch(Closed(session, self.vault), after)
            done += n
            if after is None:
                return done

    async def _drop(self, kid: str, *, is_index: bool) -> list[str]:
        kid = "" if kid == "first" else kid
        self.file.demand_droppable(kid, is_index=is_index)
        async with self.database.transaction() as session:
            await Closed(session, self.vault).wait_for_writers()
        async with self.database.transaction() as session:
            closed = Closed(session, self.vault)
            uses = await (closed.indexed(kid) if is_index else closed.uses(kid))
        if uses:
            act = "reindex" if is_index else "rewrap"
            needs = ", ".join(f"{n} of {table}: {_end_of(table, act)}" for table, n in uses.items())
            raise VaultRefused(f"rows still need {kid or 'first'} ({needs})")
        self.file.drop(kid, is_index=is_index)
        return [f"{kid or 'first'} is destroyed"]


def _end_of(table: str, act: str) -> str:
    """How the need of its rows for a key ends."""
    if table in _REWRITTEN[act]:
        return f"vault {act}"
    is_code = table == MemberLink.__tablename__
    return "until used or expired" if is_code else "never rewritten, keep the key"


def _line(what: str, kid: str, uses: int, *, is_current: bool) -> str:
    word = "current" if is_current else "old"
    return f"{what}  {kid or 'first'}  {word}  {uses} rows"
