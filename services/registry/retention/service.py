"""What is kept too long goes: persons of drafts that nobody touched and of files that were closed
without a record, members who left, records of access.

Nothing else is ever deleted; the ledger and what was published never are. Safe to run in N copies.
"""

import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.db import Database, create_engine, hold
from chassis.ids import new_id
from chassis.settings import Settings
from chassis.vault import Vault
from services.registry.persons.repository import PersonKeys, Persons
from services.registry.privacy import acts
from services.registry.privacy.models import PrivacyAct, PrivacyActKind
from services.registry.privacy.repository import Acts
from services.registry.retention.repository import FILES, Overdue, rules

_BATCH = 50
_RECORDS = 2_000
_USAGE = "retention report | run | forgotten | forget-again <file>"


async def keep_retention(app: Any) -> int:
    """One batch of everything that is past its time; how much that was."""
    return sum((await Retention(app.state.database, app.state.vault).step()).values())


class Retention:
    """Acts on what is past its time."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self.database = database
        self.vault = vault

    async def step(self) -> dict[str, int]:
        """One batch of each kind that is switched on; how many of each."""
        async with self.database.transaction() as session:
            periods = {rule.code: rule.days for rule in await rules(session) if rule.is_on}
        ways: dict[str, Callable[[datetime], Awaitable[int]]] = {
            **{code: partial(self._filings, code) for code in FILES},
            "MEMBER_AFTER_EXIT": self._members,
            "ACCESS_LOG": self._accesses,
        }
        return {
            code: await way(clock.now() - timedelta(days=periods[code]))
            for code, way in ways.items()
            if code in periods
        }

    async def report(self) -> list[str]:
        """What a run would do, and by which period; nothing is changed."""
        async with self.database.transaction() as session:
            overdue, lines = Overdue(session), []
            for rule in await rules(session):
                n = await overdue.count(rule.code, clock.now() - timedelta(days=rule.days))
                due = "deletes nothing" if n is None else f"{n} past their time"
                state = "on" if rule.is_on else "off"
                lines.append(f"{rule.code}  {rule.days} days ({rule.confidence}, {state})  {due}")
        return lines

    async def run(self) -> list[str]:
        """Everything that is past its time."""
        total: dict[str, int] = {}
        while any((done := await self.step()).values()):
            total = {code: total.get(code, 0) + n for code, n in done.items()}
        return [f"{code}  {n}" for code, n in total.items()] or ["nothing is past its time"]

    async def _filings(self, code: str, before: datetime) -> int:
        async with self.database.transaction() as session:
            found = await Overdue(session).filings(code, before, _BATCH)
        return sum([await self._purge(id, code, before) for id in found])

    async def _purge(self, id: UUID, code: str, before: datetime) -> int:
        async with self.database.transaction() as session:
            await hold(session, f"filing/{id}")
            if not await Overdue(session).is_overdue(id, code, before):
                return 0
            await PersonKeys(session, self.vault).forget(filing_id=id)
            Acts(session).add(_purged(id, code))
            return 1

    async def _members(self, before: datetime) -> int:
        async with self.database.transaction() as session:
            found = await Overdue(session).members(before.date(), _BATCH)
        kind = PrivacyActKind.PSEUDONYMISED
        return sum([await self._forget(id, kind, "MEMBER_AFTER_EXIT", before) for id in found])

    async def _forget(
        self, id: UUID, kind: PrivacyActKind, rule: str, before: datetime | None = None
    ) -> int:
        async with self.database.transaction() as session:
            member = await Persons(session).lock(id)
            is_back = before and (member.left_on is None or member.left_on >= before.date())
            if is_back or await PersonKeys(session, self.vault).is_forgotten(id):
                return 0
            if kind == PrivacyActKind.ERASED:
                member.birth_year = None
            act = await acts.forget(session, member, self.vault, kind)
            act.rule = rule
            Acts(session).add(act)
            return 1

    async def _accesses(self, before: datetime) -> int:
        async with self.database.transaction() as session:
            return await Overdue(session).forget_accesses(before, _RECORDS)

    async def forgotten(self) -> list[str]:
        """Who was forgotten, in lines that name nobody: to be kept apart from backups."""
        async with self.database.transaction() as session:
            found = await Acts(session).of_forgetting()
        return [
            json.dumps({"kind": a.kind, "member": _text(a.member_id), "filing": _text(a.filing_id)})
            for a in found
        ]

    async def forget_again(self, lines: Sequence[str]) -> list[str]:
        """After an older backup was restored: forget again who had been forgotten since."""
        done = 0
        for line in lines:
            said = json.loads(line)
            if said["member"]:
                kind, id = PrivacyActKind(said["kind"]), UUID(said["member"])
                done += await self._forget(id, kind, "RESTORED")
            else:
                done += await self._purge_again(UUID(said["filing"]))
        return [f"{done} forgotten again"]

    async def _purge_again(self, id: UUID) -> int:
        async with self.database.transaction() as session:
            await hold(session, f"filing/{id}")
            gone = await PersonKeys(session, self.vault).forget(filing_id=id)
            if gone:
                Acts(session).add(_purged(id, "RESTORED"))
            return int(gone > 0)


def _purged(id: UUID, rule: str) -> PrivacyAct:
    kind, now = PrivacyActKind.PURGED, clock.now()
    return PrivacyAct(id=new_id(), at=now, kind=kind, filing_id=id, fields=[], rule=rule)


def _text(id: UUID | None) -> str | None:
    return str(id) if id else None


def command(settings: Settings) -> Callable[[Any, Sequence[str]], Awaitable[None]]:
    """The command of one installation."""

    async def retention(_: Any, words: Sequence[str]) -> None:
        """report what is kept too long, delete it, or forget again after a restored backup"""
        if settings.vault_file is None:
            raise SystemExit("no vault file is configured")
        database = Database(create_engine(settings))
        try:
            for line in await _asked(Retention(database, Vault(settings.vault_file)), list(words)):
                sys.stdout.write(f"{line}\n")
        finally:
            await database.engine.dispose()

    return retention


async def _asked(retention: Retention, words: list[str]) -> list[str]:
    match words:
        case ["report"]:
            return await retention.report()
        case ["run"]:
            return await retention.run()
        case ["forgotten"]:
            return await retention.forgotten()
        case ["forget-again", file]:
            lines = Path(file).read_text(encoding="utf-8").splitlines()  # noqa: ASYNC240
            return await retention.forget_again(lines)
        case _:
            raise SystemExit(_USAGE)
