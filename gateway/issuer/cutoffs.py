"""Cut-offs: what ends access tokens before their time, known to every process from memory.

A row says that tokens about its subject issued until `before` are dead. It commits together with
the act that wanted it. Each process reads all rows twice a second, and its own at once.

A token may be made from what its transaction read just before the act committed. Its `iat` was
taken before that reading, therefore before any process could see the row: a process counts as dead
whatever was issued until the moment at which it first saw it, but no later than `_SETTLED` after
`before`, so that one that starts late does not refuse what was issued rightly since.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.errors import Unavailable
from chassis.reads import Reads
from chassis.timers import Timer

_POLL_S = 0.4
_DEAF_S = 30.0
_SETTLED_S = 10.0
_PATIENCE_S = 1.0
_LIVES_S = 960  # the longest access token (settings), and a minute for clocks and leeway
_NOTED = "cut_off"  # the place in `session.info`

_CUT = text(
    "insert into token_cutoff (subject, before, expires_at)"
    " values (:subject, clock_timestamp(), clock_timestamp() + make_interval(secs => :lives_s))"
    " on conflict (subject) do update set before = excluded.before,"
    " expires_at = excluded.expires_at returning before"
)
_LIVE = "select subject, before from token_cutoff where expires_at > clock_timestamp()"


class RevocationsUnknown(Unavailable):
    """For 30 s nobody could tell this process which tokens were ended: none is accepted."""


async def cut_off(session: AsyncSession, subject: str) -> None:
    """End every access token about `subject` when this transaction commits.

    `sub:<account>`, `client:<client>`, `org:<organisation>`, `sid:<family>`, `jti:<token>`;
    `letters:<client>` ends only the internal tokens kept for a client, so that the next ones are
    made from what holds then.
    """
    await session.run_sync(cut_off_in, subject)


def cut_off_in(session: Session, subject: str) -> None:
    """The same for the synchronous side of a session."""
    row = {"subject": subject, "lives_s": _LIVES_S}
    before = session.connection().execute(_CUT, row).scalar_one()
    session.info.setdefault(_NOTED, {})[subject] = before


def subjects_of(claims: Mapping[str, Any]) -> list[str]:
    """All that could end an access token that says this."""
    return [
        f"jti:{claims['jti']}",
        f"sid:{claims.get('sid')}",
        f"sub:{claims['sub']}",
        f"client:{claims['client_id']}",
        f"org:{claims['org']}",
    ]


def issued_at(claims: Mapping[str, Any]) -> float:
    """When a token was issued, to the millisecond if it says so; `TypeError` if it disagrees.

    Whole seconds alone would let a cut-off end what is issued in the rest of its second.
    """
    second, exact = claims["iat"], claims.get("iat_ms")
    if exact is None:
        return float(second)
    if type(exact) is not int or exact // 1000 != second:
        raise TypeError("iat_ms lies in the second that iat names")
    return exact / 1000


class Cutoffs:
    """What this process knows of cut-offs; `version` changes with it."""

    def __init__(self) -> None:
        self.version = 0
        self._rows: dict[str, datetime] = {}
        self._until: dict[str, float] = {}  # seconds since the epoch
        self._heard_at = float("-inf")
        self._next_word = asyncio.Event()

    async def listen(self, reads: Reads) -> None:
        """Hear what the database says."""
        self.hear([(row["subject"], row["before"]) for row in await reads.fetch(_LIVE)])

    def hear(self, rows: Iterable[tuple[str, datetime]]) -> None:
        """Every live row. What is missing may have been committed since they were read."""
        self._note(rows)
        self._heard_at = time.monotonic()
        self._next_word.set()
        self._next_word = asyncio.Event()
        for subject in [s for s, until in self._until.items() if until < time.time() - _LIVES_S]:
            del self._rows[subject], self._until[subject]

    def committed(self, info: Mapping[Any, Any]) -> None:
        """What a transaction of this process has just cut off."""
        self._note(info.get(_NOTED, {}).items())

    def _note(self, rows: Iterable[tuple[str, datetime]]) -> None:
        for subject, before in rows:
            if self._rows.get(subject) != before:
                self._rows[subject] = before
                at = before.timestamp()
                self._until[subject] = max(at, min(time.time(), at + _SETTLED_S))
                self.version += 1

    @property
    def is_fresh(self) -> bool:
        """Whether this process knows what was cut off, up to a short while ago."""
        return self.is_fresh_at(time.monotonic())

    def is_fresh_at(self, now: float) -> bool:
        """The same at a monotonic instant."""
        return now - self._heard_at <= _DEAF_S

    async def known(self) -> None:
        """Return at once while fresh; else, as at the start, wait a little, then refuse."""
        if not self.is_fresh:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._next_word.wait(), _PATIENCE_S)
            if not self.is_fresh:
                raise RevocationsUnknown()

    def cover(self, subjects: Iterable[str], issued_at: float) -> bool:
        """Whether something about one of `subjects`, issued then, is dead."""
        return any(issued_at <= self._until.get(subject, float("-inf")) for subject in subjects)


async def _listen(app: Any) -> int:
    cutoffs: Cutoffs = app.state.cutoffs
    told = app.state.database.after_commit
    if cutoffs.committed not in told:
        told.append(cutoffs.committed)
        app.state.checks["revocations"] = partial(_is_fresh, cutoffs)
    await cutoffs.listen(app.state.reads)
    return 0


async def _is_fresh(cutoffs: Cutoffs) -> bool:
    return cutoffs.is_fresh


timer = Timer("cutoffs", _POLL_S, _listen, is_own=True)
