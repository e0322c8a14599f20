"""Failed sign-ins, counted: ten for a name in a quarter of an hour, then it is closed as long.

Every attempt counts before it is judged, so that many at once are no way around; a success takes
its count back. Known and unknown names count alike, under a keyed hash. In a browser where the
person came in before, attempts have a count of their own: whoever tries a name from elsewhere
closes it for strangers, not for its owner.
"""

from datetime import timedelta

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.sql import run

WINDOW = timedelta(minutes=15)
PER_NAME = 10
PER_ADDRESS = 100

_TRY = text(
    "insert into sign_in_failures as f (subject, failures, window_began_at)"
    " values (:subject, 1, :now) on conflict (subject) do update set"
    " failures = case when f.window_began_at <= :since then 1 else f.failures + 1 end,"
    " window_began_at = case when f.window_began_at <= :since then :now"
    " else f.window_began_at end,"
    " locked_until = case when f.window_began_at > :since and f.failures + 1 >= :most"
    " then cast(:until as timestamptz) end"
    " where f.locked_until is null or f.locked_until <= :now returning failures"
)
_CLOSED = text(
    "select 1 from sign_in_failures"
    " where subject = any(cast(:subjects as text[])) and locked_until > :now limit 1"
)
_FORGET = text("delete from sign_in_failures where subject = any(cast(:subjects as text[]))")

_FORGIVE = text(
    "update sign_in_failures set failures = greatest(failures - 1, 0), locked_until = null"
    " where subject = :subject"
)


async def attempt(session: AsyncSession, subject: str, most: int = PER_NAME) -> bool:
    """Count an attempt about `subject`; whether it may be made at all."""
    now = clock.now()
    row = {"subject": subject, "now": now, "since": now - WINDOW, "until": now + WINDOW}
    return (await run(session, _TRY, row | {"most": most})).one_or_none() is not None


async def is_closed(session: AsyncSession, *subjects: str) -> bool:
    """Whether any of `subjects` had too many failures of late; nothing is counted."""
    row = {"subjects": list(subjects), "now": clock.now()}
    return (await run(session, _CLOSED, row)).one_or_none() is not None


async def forget(session: AsyncSession, *subjects: str) -> None:
    """It went well, or the owner proved to be there: nothing is held against it."""
    await run(session, _FORGET, {"subjects": list(subjects)})


async def forgive(session: AsyncSession, subject: str) -> None:
    """One attempt was no failure after all; the others stay counted."""
    await run(session, _FORGIVE, {"subject": subject})
