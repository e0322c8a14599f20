"""Holding what is only known once something else is held, without ever waiting out of order."""

from collections.abc import Awaitable, Callable, Collection

from chassis.db import AsyncSession, hold


async def hold_settled(
    session: AsyncSession, named: Callable[[], Awaitable[Collection[str]]], last: str
) -> None:
    """Hold everything that `named` names, and then `last`. Who holds `last` keeps more from being
    named; what was named before that is met by letting everything go and beginning again: whoever
    holds one of those may be waiting for `last`, and each would wait for the other."""
    wanted = set(await named())
    while True:
        held = set(session.info.get("held", ()))
        point = await session.begin_nested()
        await hold(session, *wanted)
        await hold(session, last)
        now = set(await named())
        if now <= wanted:
            await point.commit()
            return
        await point.rollback()  # a lock that was taken since a savepoint goes with it
        session.info["held"] = held
        wanted |= now
