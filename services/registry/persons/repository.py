"""The keys of persons, found, made and deleted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis import clock
from chassis.auth import Caller
from chassis.data_keys import DataKey
from chassis.errors import NotFound
from chassis.ids import new_id
from chassis.owners import nearby, owned
from chassis.repository import Repository
from chassis.sql import run
from chassis.vault import Vault
from services.registry.cooperatives.models import Cooperative, Member
from services.registry.persons.models import PersonKey
from services.registry.scopes import AGENT_SCOPES, PROTECT, READ_MEMBERS

# The persons of a filing become members: from now on, who forgets the member forgets them too.
_BIND = text(
    "update person_key set member_id = made.member"
    " from unnest(cast(:refs as text[]), cast(:members as uuid[])) as made (ref, member)"
    " where person_key.filing_id = :filing and person_key.ref = made.ref"
    " and person_key.member_id is null"
)
_OPENED = text(
    "select id, kek, wrapped from person_key"
    " where id = any(cast((select cast(:ids as uuid[])) as uuid[])) and wrapped is not null"
)
_OF_FILING = text(
    "select id, kek, wrapped, ref from person_key where filing_id = :filing and wrapped is not null"
    " and ref is not null"
)
_OF_TEXTS = text(
    "select id, kek, wrapped from person_key where filing_id = :filing and ref is null"
    " order by id limit 1"
)
_MADE = ("id", "kek", "wrapped", "filing_id", "ref", "member_id")
_KEEP = text(
    f"insert into person_key ({', '.join(_MADE)}, sealed_at) select *, :at from unnest("  # noqa: S608
    "cast(:id as uuid[]), cast(:kek as text[]), cast(:wrapped as bytea[]),"
    " cast(:filing_id as uuid[]), cast(:ref as text[]), cast(:member_id as uuid[]))"
)  # of constants
# Names of who held a mandate were published with it (AUSCOOP art. 70).
_PUBLISHED = text("select exists (select from mandate where member_id = :id)")


class Persons(Repository[Member]):
    """Members, one by one."""

    model = Member
    aggregate = "member"

    async def one_open_to(self, id: UUID, caller: Caller) -> tuple[Member, Cooperative]:
        """The member, for who may see the members of the cooperative."""
        ways = [owned(caller, col(Cooperative.organisation_id), col(Cooperative.id), READ_MEMBERS)]
        if caller.has(*AGENT_SCOPES, PROTECT):
            ways.append(nearby(caller, col(Cooperative.path)))
        query = select(Member, Cooperative).where(
            Member.cooperative_id == Cooperative.id, Member.id == id, or_(*ways)
        )
        found = (await self.session.exec(query)).one_or_none()
        if found is None:
            raise NotFound()
        return found

    async def one_protected_by(self, id: UUID, caller: Caller) -> Member:
        """The member, for who protects the data of the territory."""
        near = nearby(caller, col(Cooperative.path))
        where = select(Cooperative.id).where(near)
        return await self.seen(id, col(Member.cooperative_id).in_(where))

    async def was_published(self, id: UUID) -> bool:
        """Whether the member holds or held an office, and their name is public with it."""
        return bool((await run(self.session, _PUBLISHED, {"id": id})).scalar_one())

    async def bears(self, cooperative_id: UUID, blinds: Collection[str]) -> Sequence[UUID]:
        """The members of a cooperative, now, who have one of these numbers."""
        query = select(Member.id).where(
            Member.cooperative_id == cooperative_id,
            col(Member.nin_blind) == func.any(list(blinds)),
            col(Member.left_on).is_(None),
        )
        return (await self.session.exec(query)).all()


class PersonKeys:
    """The keys of persons; one that was deleted opens nothing, and one that is made is to be
    kept."""

    def __init__(self, session: AsyncSession, vault: Vault) -> None:
        self.session = session
        self.vault = vault
        self._made: list[tuple[Any, ...]] = []

    async def opened(self, ids: Collection[UUID]) -> dict[UUID, DataKey]:
        """Those that still exist, by id."""
        if not ids:
            return {}
        found = await run(self.session, _OPENED, {"ids": list(ids)})
        return {row.id: self._unwrap(row) for row in found}

    async def of_filing(self, filing_id: UUID) -> dict[str, DataKey]:
        """Those of the persons of a filing, by the name that each has in it."""
        found = await run(self.session, _OF_FILING, {"filing": filing_id})
        return {row.ref: self._unwrap(row) for row in found}

    async def of_texts(self, filing_id: UUID) -> DataKey:
        """The one that seals what is written about a filing: texts are never sealed anew, but
        their key is wrapped anew."""
        found = (await run(self.session, _OF_TEXTS, {"filing": filing_id})).first()
        if found is not None:
            return self._unwrap(found)
        key = self._make(filing_id, None, None)
        await self.keep()
        return key

    async def of_member(self, member_id: UUID) -> DataKey | None:
        """The one that seals the member's own row, unless it was deleted."""
        query = select(PersonKey).where(
            PersonKey.member_id == member_id,
            col(PersonKey.filing_id).is_(None),
            col(PersonKey.wrapped).is_not(None),
        )
        found = (await self.session.exec(query.order_by(col(PersonKey.id).desc()))).first()
        return self._unwrap(found) if found else None

    async def is_forgotten(self, member_id: UUID) -> bool:
        """Whether the key of the member's own row was deleted."""
        query = select(PersonKey.id).where(
            PersonKey.member_id == member_id,
            col(PersonKey.filing_id).is_(None),
            col(PersonKey.wrapped).is_(None),
        )
        return (await self.session.exec(query)).first() is not None

    def for_filing(self, filing_id: UUID, ref: str) -> DataKey:
        """A new key for a person of a filing."""
        return self._make(filing_id, ref, None)

    def for_member(self, member_id: UUID) -> DataKey:
        """A new key for a member."""
        return self._make(None, None, member_id)

    async def keep(self) -> None:
        """Write down the keys that were made."""
        made, self._made = self._made, []
        if made:
            columns = dict(zip(_MADE, map(list, zip(*made, strict=True)), strict=True))
            await run(self.session, _KEEP, {**columns, "at": clock.now()})

    def tombstone(self, member_id: UUID) -> None:
        """Say of a member who never had a key that they are forgotten all the same."""
        now = clock.now()
        row = PersonKey(id=new_id(), member_id=member_id, sealed_at=now, erased_at=now)
        self.session.add(row)

    async def touched(self, filing_id: UUID) -> None:
        """The filing was worked on just now."""
        query = update(PersonKey).where(col(PersonKey.filing_id) == filing_id)
        await self.session.exec(query.values(sealed_at=clock.now()))

    async def bind(self, filing_id: UUID, made: Mapping[str, str]) -> None:
        """Tie the persons of an approved filing to the members that they became: `made` has the
        member of each, by the name that the person has in the filing."""
        await self.session.flush()
        await self.keep()
        row = {"filing": filing_id, "refs": list(made), "members": list(made.values())}
        await run(self.session, _BIND, row)

    async def forget(
        self,
        *,
        member_id: UUID | None = None,
        filing_id: UUID | None = None,
        refs: Iterable[str] = (),
    ) -> int:
        """Delete the keys of a member everywhere, or of all or some persons of a filing; how
        many."""
        named = list(refs)
        who = and_(col(PersonKey.filing_id) == filing_id, col(PersonKey.ref).is_not(None))
        who = and_(who, col(PersonKey.ref).in_(named)) if named else who
        who = or_(col(PersonKey.member_id) == member_id) if member_id else who
        query = update(PersonKey).where(who, col(PersonKey.wrapped).is_not(None))
        gone = query.values(wrapped=None, kek=None, erased_at=clock.now())
        found = await self.session.exec(gone)
        return int(found.rowcount)

    def _make(self, filing_id: UUID | None, ref: str | None, member_id: UUID | None) -> DataKey:
        key = self.vault.new_key()
        kek, wrapped = self.vault.wrap(key)
        self._made.append((key.id, kek, wrapped, filing_id, ref, member_id))
        return key

    def _unwrap(self, row: Any) -> DataKey:
        return self.vault.unwrap(row.id, row.kek or "", row.wrapped or b"")
