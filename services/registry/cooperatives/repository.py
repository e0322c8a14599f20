"""The public register, read: prepared SQL on the hot path, keyset pages only.

Every query names its columns: nothing about a natural person can slip into a list.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from asyncpg import Record
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.reads import Reads
from services.registry.cooperatives.models import Cooperative, Member
from services.registry.names import fold

_COLUMNS = """id, registration_number, name, legal_form, life, legal_registration, cps_status,
  commune_code, path[cardinality(path) - 1] as region_code, sector_codes, cps_tags,
  members_count, women_count, registered_on, version"""
_LIST = f"""
select {_COLUMNS} from cooperative
where ($1::text is null or path @> array[$1::text])
  and ($2::text is null or legal_form = $2)
  and ($3::text is null or life = $3)
  and ($4::text is null or sector_codes @> array[$4::text])
  and ($5::uuid is null or id > $5)
  and ($6::text is null or words @@ to_tsquery('simple', $6))
order by id limit $7
"""  # noqa: S608 - the columns are a constant of this file
# Trigrams only when full text finds nothing: recall of one typo, at a hundred times the price.
_NEAR = f"""
select {_COLUMNS} from cooperative
where name_key % $1 order by similarity(name_key, $1) desc, id limit $2
"""  # noqa: S608 - the columns are a constant of this file
_DETAIL = """
select v.public, v.revision, lower(v.valid) as valid_from, lower(v.recorded) as recorded_at
from cooperative_version v
where v.cooperative_id = $1 and v.valid @> $2::date and v.recorded @> $3::timestamptz
"""


def query_words(q: str) -> str | None:
    """A prefix query over folded words, or None when `q` has none."""
    words = fold(q).split()
    return " & ".join(f"{word}:*" for word in words[:12]) or None


async def listed(
    reads: Reads, filters: Sequence[str | None], after: UUID | None, words: str | None, limit: int
) -> list[Record]:
    """A page of cooperatives by id; `filters` are place, form, life, sector."""
    return await reads.fetch(_LIST, *filters, after, words, limit + 1)


async def near(reads: Reads, q: str, limit: int) -> list[Record]:
    """Cooperatives whose name looks like `q`, best first."""
    return await reads.fetch(_NEAR, fold(q), limit)


async def as_it_was(reads: Reads, id: UUID, as_of: date, known_at: datetime) -> Record | None:
    """What the register said about a cooperative: true on `as_of`, as known at `known_at`."""
    return await reads.fetchrow(_DETAIL, id, as_of, known_at)


class Members:
    """The members of cooperatives."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def cooperative(self, id: UUID) -> Cooperative | None:
        """The cooperative, or None."""
        return await self.session.get(Cooperative, id)

    async def of(self, cooperative_id: UUID, after: UUID | None, limit: int) -> Sequence[Any]:
        """A page of members, by id."""
        query = select(Member).where(Member.cooperative_id == cooperative_id)
        if after is not None:
            query = query.where(col(Member.id) > after)
        return (await self.session.exec(query.order_by(col(Member.id)).limit(limit + 1))).all()
