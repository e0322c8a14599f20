"""Effects read, rectangles redrawn."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, update
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.errors import NotFound
from chassis.ids import new_id
from services.registry.cooperatives.models import Cooperative, Member
from services.registry.filings.models import Filing
from services.registry.history.models import CooperativeVersion, Effect, Mandate, Membership
from services.registry.history.rules import Happening, Part, Stretch, changes_of
from services.registry.public_view import PUBLIC_FIELDS

Drawn = CooperativeVersion | Membership | Mandate
Held = tuple[Member, Membership, date | None]  # and since when they are a member no longer


async def effects_of(session: AsyncSession, cooperative_id: UUID) -> Sequence[Effect]:
    """Everything that was ever approved about a cooperative, in the order of its recording."""
    query = select(Effect).where(Effect.cooperative_id == cooperative_id)
    return (await session.exec(query.order_by(col(Effect.revision)))).all()


def happening(effect: Effect) -> Happening:
    """A stored effect, as the fold sees it."""
    changes = changes_of(effect.changes)
    return Happening(
        effect.filing_id, effect.revision, effect.effective_on, changes, effect.corrects
    )


async def last_shown(session: AsyncSession, cooperative_id: UUID) -> datetime | None:
    """Since when the register says the newest of what it shows of a cooperative now."""
    since = func.lower(col(CooperativeVersion.recorded))
    query = select(func.max(since)).where(
        CooperativeVersion.cooperative_id == cooperative_id,
        func.upper_inf(CooperativeVersion.recorded),
    )
    found: datetime | None = (await session.exec(query)).one()
    return found


async def open_rows(
    session: AsyncSession, model: type[Drawn], cooperative_id: UUID, keys: Collection[UUID]
) -> Sequence[Drawn]:
    """The rectangles of those members or mandates (or of the record itself) not yet closed."""
    key = {Membership: "member_id", Mandate: "mandate_id"}.get(model)
    query = select(model).where(
        model.cooperative_id == cooperative_id, func.upper_inf(model.recorded)
    )
    if key is not None:
        query = query.where(getattr(model, key).in_(list(keys)))
    rows: Sequence[Any] = (await session.exec(query)).all()
    return rows


async def close(
    session: AsyncSession, model: type[Drawn], rows: Iterable[Drawn], at: datetime
) -> None:
    """The register says this no longer, from `at` on; that it said so is kept."""
    ids = [row.id for row in rows]
    if ids:
        recorded = func.tstzrange(func.lower(col(model.recorded)), at, "[)")
        await session.exec(update(model).where(col(model.id).in_(ids)).values(recorded=recorded))


def days(since: date, until: date | None) -> Any:
    """Valid time from a day up to another, that one not included."""
    return Range(since, until, bounds="[)")


def from_now(at: datetime) -> Any:
    """Record time, open."""
    return Range(at, None, bounds="[)")


def bounds(row: Drawn) -> tuple[date, date | None]:
    """The days over which a rectangle is valid."""
    return row.valid.lower, row.valid.upper


def value_of(row: Drawn) -> dict[str, Any]:
    """What a rectangle says, in the words of the fold."""
    match row:
        case CooperativeVersion():
            # drawn before a field could be said, it says nothing of it
            return {**dict.fromkeys(PUBLIC_FIELDS), **row.public}
        case Membership():
            return {
                "sex": row.sex.value,
                "shares": row.shares,
                "admitted_on": row.admitted_on.isoformat(),
            }
        case Mandate():
            return {
                "member_id": str(row.member_id),
                "organ": row.organ.value,
                "function": row.function,
                "from_on": row.from_on.isoformat(),
                "to_on": row.to_on.isoformat() if row.to_on else None,
                **({"representative": row.representative} if row.representative else {}),
            }


def drawn(
    model: type[Drawn], cooperative_id: UUID, key: UUID, stretch: Stretch, by: Effect
) -> Drawn:
    """A new rectangle."""
    common: dict[str, Any] = {
        "id": new_id(),
        "cooperative_id": cooperative_id,
        "revision": by.revision,
        "filing_id": by.filing_id,
        "valid": days(stretch.since, stretch.until),
        "recorded": from_now(by.recorded_at),
    }
    said = dict(stretch.value)
    if model is CooperativeVersion:
        return CooperativeVersion(**common, public=said)
    for name in ("admitted_on", "from_on", "to_on"):
        if said.get(name):
            said[name] = date.fromisoformat(said[name])
    if model is Membership:
        return Membership(**common, member_id=key, **said)
    return Mandate(**common, mandate_id=key, **said | {"member_id": UUID(said["member_id"])})


def at(model: type[Drawn], cooperative_id: UUID, as_of: date, known_at: datetime | None) -> Any:
    """The condition under which rectangles of a cooperative hold on a day, as known at an instant,
    or as known last."""
    mine = col(model.cooperative_id) == cooperative_id
    return and_(mine, col(model.valid).contains(as_of), _known(model, known_at))


def _known(model: Any, known_at: datetime | None) -> Any:
    recorded = col(model.recorded)
    return func.upper_inf(recorded) if known_at is None else recorded.contains(known_at)


def left_on(known_at: datetime | None) -> Any:
    """Since when a `Member` is one no longer, as known at an instant or last; null who stays."""
    held = aliased(Membership)
    query = select(func.upper(held.valid)).where(
        col(held.cooperative_id) == col(Member.cooperative_id),
        col(held.member_id) == col(Member.id),
        _known(held, known_at),
    )
    return query.order_by(func.lower(held.valid).desc()).limit(1).scalar_subquery()


async def demand(session: AsyncSession, cooperative_id: UUID) -> None:
    """`NotFound` unless there is such a cooperative."""
    query = select(Cooperative.id).where(Cooperative.id == cooperative_id)
    if (await session.exec(query)).one_or_none() is None:
        raise NotFound()


async def officers_at(
    session: AsyncSession,
    cooperative_id: UUID,
    as_of: date,
    known_at: datetime | None,
    *,
    after: UUID | None,
    limit: int,
) -> Sequence[tuple[Mandate, str, str]]:
    """A page of mandates by id, each with the holder's names; one more than `limit`."""
    query = (
        select(Mandate, Member.family_name, Member.given_names)
        .join(Member, col(Member.id) == col(Mandate.member_id))
        .where(at(Mandate, cooperative_id, as_of, known_at))
    )
    if after is not None:
        query = query.where(col(Mandate.mandate_id) > after)
    return (await session.exec(query.order_by(col(Mandate.mandate_id)).limit(limit + 1))).all()


async def revisions(
    session: AsyncSession, cooperative_id: UUID, after: int, limit: int
) -> Sequence[tuple[Effect, str]]:
    """Effects after a revision, each with its filing's arrival number; one more than `limit`."""
    query = (
        select(Effect, Filing.arrival_number)
        .join(Filing, col(Filing.id) == col(Effect.filing_id))
        .where(Effect.cooperative_id == cooperative_id, col(Effect.revision) > after)
        .order_by(col(Effect.revision))
        .limit(limit + 1)
    )
    rows: Sequence[Any] = (await session.exec(query)).all()
    return rows


async def holders(session: AsyncSession, effects: Iterable[Effect]) -> dict[str, dict[str, str]]:
    """The names of everyone who ever held a mandate, by member id."""
    mandates = [c for one in effects for c in one.changes if c["part"] == Part.MANDATE]
    ids = {UUID(one["value"]["member_id"]) for one in mandates if one["value"]}
    query = select(Member.id, Member.family_name, Member.given_names).where(col(Member.id).in_(ids))
    rows = (await session.exec(query)).all()
    return {str(id): {"family_name": f, "given_names": g} for id, f, g in rows}


async def last_held(session: AsyncSession, members: Sequence[Member]) -> list[Held]:
    """Each with what they hold, or held last, as the register knows it now; of who never was a
    member on any day, as it turned out, what it said last."""
    ids = [member.id for member in members]
    is_open = func.upper_inf(col(Membership.recorded))
    said_at = case((is_open, None), else_=func.lower(col(Membership.recorded)))
    query = (
        select(Membership)
        .where(col(Membership.member_id) == func.any(ids))
        .order_by(is_open, said_at, func.lower(col(Membership.valid)))
    )
    last = {row.member_id: row for row in (await session.exec(query)).all()}
    return [(one, last[one.id], one.left_on) for one in members if one.id in last]
