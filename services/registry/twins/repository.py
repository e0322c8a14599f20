"""What the register knows already of many names and numbers at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.sql import run

_REGISTERED = text(
    "select id, registration_number, name_key, authority_code from cooperative"
    " where name_key = any(cast(:names as text[])) and life in ('REGISTERED', 'IN_LIQUIDATION')"
)
# `%` looks in the index with the threshold of the session, which is a transaction's own here
_THRESHOLD = text("select set_config('pg_trgm.similarity_threshold', :least, true)")
_NEAR = text(
    "select asked.key, asked.authority, near.name from"
    " unnest(cast(:names as text[]), cast(:authorities as text[])) as asked (key, authority)"
    " cross join lateral (select name from cooperative c where c.name_key % asked.key"
    " and c.name_key <> asked.key and c.authority_code = asked.authority"
    " order by similarity(c.name_key, asked.key) desc limit 3) near"
)
_IDENTIFIERS = text(
    "select scheme, number from cooperative_identifier where number = any(cast(:numbers as text[]))"
)


class Register:
    """What the register knows of many rows at once."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def names(self, names: list[str]) -> list[Any]:
        """Living records with one of these very names, wherever they are."""
        return list(await run(self.session, _REGISTERED, {"names": names}))

    async def near(
        self, asked: Sequence[tuple[str, str]], least: str
    ) -> dict[tuple[str, str], tuple[str, ...]]:
        """Names that look like one of these, under the same authority."""
        await run(self.session, _THRESHOLD, {"least": least})
        row = {"names": [n for n, _ in asked], "authorities": [a for _, a in asked]}
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for one in await run(self.session, _NEAR, row):
            key = (one.key, one.authority)
            found[key] = (*found.get(key, ()), one.name)
        return found

    async def identifiers(self, numbers: list[str]) -> frozenset[tuple[str, str]]:
        """Those of these numbers that another record bears."""
        if not numbers:
            return frozenset()
        found = await run(self.session, _IDENTIFIERS, {"numbers": numbers})
        return frozenset((row.scheme, row.number) for row in found)
