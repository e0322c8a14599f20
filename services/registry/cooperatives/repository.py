"""The public register, read: prepared SQL on the hot path, keyset pages only.

Every query names its columns: nothing about a natural person can slip into a list.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from asyncpg import Record
from sqlalchemy import func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.auth import Caller
from chassis.errors import NotFound
from chassis.owners import nearby, owned
from chassis.reads import Reads
from chassis.ready import Prepared
from chassis.ready_lists import Asked, PreparedPage
from chassis.repository import Repository
from services.registry.cooperatives.models import Cooperative, Member
from services.registry.history.models import Membership
from services.registry.history.repository import Held, left_on
from services.registry.history.repository import at as holds
from services.registry.names import fold, name_key
from services.registry.scopes import AGENT_SCOPES, FILE, PROTECT, READ_MEMBERS

_Moment = tuple[UUID, date, datetime | None]
_COLUMNS = """id, registration_number, name, legal_form, life, legal_registration, cps_status,
  commune_code, path[cardinality(path) - 1] as region_code, sector_codes, cps_tags,
  members_count, women_count, registered_on, version"""
# What a list may be narrowed by. Only what is asked for stands in the statement: with `$1 is null
# or …` a plan made for every case walks the whole index to a page deep in it.
_NARROWED = {
    "place": "path @> array[{}::text]",
    "legal_form": "legal_form = {}",
    "life": "life = {}",
    "sector": "sector_codes @> array[{}::text]",
    "after": "id > {}::uuid",
    "words": "words @@ to_tsquery('simple', {})",
}
# Trigrams only when full text finds nothing: recall of one typo, at a hundred times the price.
_NEAR = f"""
select {_COLUMNS} from cooperative
where name_key % $1 order by similarity(name_key, $1) desc, id limit $2
"""  # noqa: S608 - the columns are a constant of this file


def _detail(id: str, day: str, instant: str) -> str:
    # what was said of days before the registration makes no record of them: see `State.is_begun`
    return f"""
select v.public, v.revision, lower(v.recorded) as known_at from cooperative_version v
where v.cooperative_id = {id} and v.valid @> {day}
  and case when {instant} is null then upper_inf(v.recorded) else v.recorded @> {instant} end
  and v.public ->> 'registration_number' is not null
"""  # noqa: S608 - constants of this file


DETAIL = _detail("$1", "$2::date", "$3::timestamptz")
# Several at once. An array stands in a `(select …)`, so that PostgreSQL cannot count what is in it:
# where it can, it plans each query anew, which takes longer than to answer it.
# Each on a day and as known at an instant of its own:
_MOMENTS = f"""
select k.n, d.* from
  unnest((select $1::uuid[]), (select $2::date[]), (select $3::timestamptz[]))
  with ordinality k(id, day, instant, n), lateral ({_detail("k.id", "k.day", "k.instant")}) d
"""  # noqa: S608 - constants of this file
# Today and as known now, in the bytes that the wire shows:
_READY = """
select v.cooperative_id, v.revision, lower(v.recorded), convert_to(v.public::text, 'UTF8')
from cooperative_version v
where v.cooperative_id = any((select $1::uuid[])::uuid[])
  and v.valid @> $2::date and upper_inf(v.recorded)
"""
# Pages, in the bytes that the wire shows:
_PAGES = """
select k.n, p.* from unnest((select $1::uuid[]), (select $2::int[]))
  with ordinality k(after, most, n), lateral (
  select convert_to(
      string_agg(c.summary, ',' order by c.id) filter (where c.at <= k.most), 'UTF8'
    ) as rows,
    case when count(*) > k.most then (array_agg(c.id order by c.id))[k.most] end as last
  from (
    select id, summary, row_number() over (order by id) as at from cooperative
    where id > k.after order by id limit k.most + 1
  ) c
) p
"""


def query_words(q: str) -> str | None:
    """A prefix query over the words that distinguish a name, or None when `q` has no word."""
    words = name_key(q).split() if fold(q) else []
    return " & ".join(f"{word}:*" for word in words[:12]) or None


def list_sql(names: Sequence[str]) -> str:
    """The statement of a list narrowed by `names`, in the order of its parameters; then the limit.
    There are as many as there are sets of names, and each is prepared once."""
    wheres = [_NARROWED[name].format(f"${at}") for at, name in enumerate(names, start=1)]
    where = f"where {' and '.join(wheres)} " if wheres else ""
    return f"select {_COLUMNS} from cooperative {where}order by id limit ${len(names) + 1}"  # noqa: S608 - constants of this file


async def found(
    reads: Reads, q: str | None, filters: Mapping[str, str | UUID | None], *, limit: int
) -> list[Record]:
    """A page of cooperatives by id, one more than `limit`; `filters` by the names of `_NARROWED`.

    A search by name alone that finds nothing shows up to `limit` names that look like it instead.
    """
    words = query_words(q) if q else None
    if q and words is None:
        return []
    named = {**filters, "words": words}
    asked = {name: value for name, value in named.items() if value is not None}
    rows = await reads.fetch(list_sql([*asked]), *asked.values(), limit + 1)
    if rows or q is None or len(asked) > 1:
        return rows
    return await reads.fetch(_NEAR, name_key(q), limit)


async def as_it_was(
    reads: Reads, id: UUID, as_of: date, known_at: datetime | None
) -> Record | None:
    """What the register said about a cooperative: true on `as_of`, as known at `known_at`, or as
    known last (no clock decides: that of another process may be ahead)."""
    return await reads.together(_moments, (id, as_of, known_at))


async def _moments(reads: Reads, asked: list[_Moment]) -> dict[_Moment, Record]:
    rows = await reads.fetch(_MOMENTS, *zip(*asked, strict=True))
    return {asked[row["n"] - 1]: row for row in rows}


async def ready(reads: Reads, ids: list[UUID]) -> dict[UUID, Prepared]:
    """What the register says about cooperatives today, as the typed route would write it."""
    day = clock.today()
    return {
        id: Prepared(revision, public[:-1] + _moment(day, known_at, revision))
        for id, revision, known_at, public in await reads.fetch(_READY, ids, day)
    }


def _moment(day: date, known_at: datetime, revision: int) -> bytes:
    return f',"as_of":"{day}","known_at":"{clock.exact(known_at)}","revision":{revision}}}'.encode()


async def ready_pages(reads: Reads, pages: list[Asked]) -> dict[Asked, PreparedPage]:
    """Pages of cooperatives by id, as the typed route would write them."""
    columns = [page.after for page in pages], [page.limit for page in pages]
    rows = await reads.fetch(_PAGES, *columns)
    return {pages[row["n"] - 1]: PreparedPage(row["rows"] or b"", row["last"]) for row in rows}


class Members:
    """The members of cooperatives."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def open_to(self, id: UUID, caller: Caller) -> Cooperative:
        """The cooperative; `NotFound` unless the caller may see its members: it is their own, was
        granted to them, or lies in the territory where they are an agent."""
        ways = [owned(caller, col(Cooperative.organisation_id), col(Cooperative.id), READ_MEMBERS)]
        if caller.has(*AGENT_SCOPES, PROTECT):
            ways.append(nearby(caller, col(Cooperative.path)))
        query = select(Cooperative).where(Cooperative.id == id, or_(*ways))
        found = (await self.session.exec(query)).one_or_none()
        if found is None:
            raise NotFound()
        return found

    async def at(
        self, id: UUID, as_of: date, known_at: datetime | None, *, after: UUID | None, limit: int
    ) -> Sequence[Held]:
        """A page of the members on a day, as known at an instant (or last), by id."""
        query = (
            select(Member, Membership, left_on(known_at))
            .join(Membership, col(Membership.member_id) == col(Member.id))
            .where(holds(Membership, id, as_of, known_at))
        )
        if after is not None:
            query = query.where(col(Member.id) > after)
        return (await self.session.exec(query.order_by(col(Member.id)).limit(limit + 1))).all()

    async def birth_years(self, ids: Collection[str]) -> dict[str, int | None]:
        """The years of birth of members, by id; None where it is not stated."""
        query = select(Member.id, Member.birth_year).where(
            col(Member.id) == func.any([UUID(id) for id in ids])
        )
        return {str(id): year for id, year in (await self.session.exec(query)).all()}

    async def leave(self, cooperative_id: UUID, staying: Collection[str], day: date) -> None:
        """Whoever is not among those who stay is a member no longer, since `day`."""
        left = update(Member).where(
            col(Member.cooperative_id) == cooperative_id,
            col(Member.left_on).is_(None),
            col(Member.id) != func.all([UUID(id) for id in staying]),
        )
        await self.session.exec(left.values(left_on=day))


async def members_with(
    session: AsyncSession, cooperative_id: UUID, blinds: Sequence[str], day: date
) -> set[str]:
    """Those of the keyed hashes that belong to members of the cooperative on `day` or later."""
    if not blinds:
        return set()
    query = select(Member.nin_blind).where(
        Member.cooperative_id == cooperative_id,
        or_(col(Member.left_on).is_(None), col(Member.left_on) > day),
        col(Member.nin_blind) == func.any(list(blinds)),
    )
    return {blind for blind in (await session.exec(query)).all() if blind is not None}


class Cooperatives(Repository[Cooperative]):
    """Cooperatives, for those who file about them."""

    model = Cooperative
    aggregate = "cooperative"

    async def one_to_file_about(self, id: UUID, caller: Caller, scope: str) -> Cooperative:
        """The cooperative, for its own organisation, those to whom it lent filing, and those who
        help or work in its territory; `NotFound` otherwise."""
        ways = [nearby(caller, col(Cooperative.path))]
        if scope == FILE:
            ways.append(owned(caller, col(Cooperative.organisation_id), col(Cooperative.id), FILE))
        return await self.seen(id, or_(*ways))

    async def alone(self, id: UUID) -> Cooperative:
        """The cooperative as it is now; it must be held already."""
        found = await self.session.get(
            Cooperative, id, with_for_update=True, populate_existing=True
        )
        if found is None:
            raise NotFound()
        return found
