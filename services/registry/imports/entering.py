"""How rows become records: a filing each, with its place in the arrival register, its decision,
its first effect; and a cooperative that says what the row said, and no more."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.db import AsyncSession
from chassis.ids import new_id
from services.registry.acts import fields_of
from services.registry.cooperatives.models import Cooperative
from services.registry.cooperatives.records import present, registered
from services.registry.cooperatives.states import CpsStatus, EssStatus, LegalRegistration, Life
from services.registry.decisions.models import Decision
from services.registry.decisions.schemas import DecisionOutcome
from services.registry.events import outbox
from services.registry.fields import UNCLAIMED, FilingType
from services.registry.filings.models import Filing
from services.registry.filings.states import FilingStatus
from services.registry.history.models import CooperativeVersion, Effect
from services.registry.history.repository import drawn
from services.registry.history.rules import Change, State, Stretch, entries_of
from services.registry.imports.columns import ImportField
from services.registry.imports.models import CooperativeIdentifier, Import, ImportedRow, ImportRow
from services.registry.imports.places import authority_of, region_of
from services.registry.imports.states import RowOutcome
from services.registry.imports.values import Entry, stated
from services.registry.ledger.models import EntryKind, LedgerEntry
from services.registry.ledger.repository import grounds_of, next_numbers
from services.registry.numbers import registration_number
from services.registry.public_view import public_view

ORIGIN = "LEGACY_IMPORT"


@dataclass(frozen=True)
class _Beginning:
    """A row with the ids, the numbers and the day under which it enters: one day for all that is
    written of it, whatever midnight passes meanwhile."""

    today: date
    row: ImportRow
    entry: Entry
    filing_id: UUID
    cooperative_id: UUID
    arrival: int
    order: int

    @property
    def authority(self) -> str:
        return authority_of(self.entry.path)

    @property
    def organisation_id(self) -> str:
        """Nobody's, until somebody is known to speak for it."""
        said = stated(self.row.said, ImportField.ORGANISATION_ID)
        return said or f"{UNCLAIMED}{self.cooperative_id}"


async def enter(
    session: AsyncSession, found: Import, rows: Sequence[ImportRow], ids: Mapping[int, UUID]
) -> None:
    """Enter the rows; everything that they are written about is held."""
    made = [one async for one in _numbered(session, rows, ids)]
    filings = [_filing(found, one) for one in made]
    changes = [_changes(one) for one in made]
    states = [State().after(one) for one in changes]
    cooperatives = [
        Cooperative(id=one.cooperative_id, organisation_id=one.organisation_id, **present(state))
        for one, state in zip(made, states, strict=True)
    ]
    for layer in (filings, cooperatives):  # each is referred to by what comes behind it
        session.add_all(layer)
        await session.flush()
    session.add_all(effects := [_effect(*one) for one in zip(made, changes, strict=True)])
    await session.flush()
    session.add_all((*_versions(effects, states), *(t for m in made for t in _traces(found, m))))
    await session.flush()
    grounds = await grounds_of(session, [one.filing_id for one in made])
    for one in made:
        session.add(_line(found, one, EntryKind.ARRIVAL, None))
        session.add(_line(found, one, EntryKind.APPROVAL, grounds[one.filing_id]))
    for cooperative, state in zip(cooperatives, states, strict=True):
        outbox.publish(session, cooperative.id, registered(cooperative, state, {}))
    await session.flush()


async def _numbered(
    session: AsyncSession, rows: Sequence[ImportRow], ids: Mapping[int, UUID]
) -> Any:
    today = clock.today()
    year = today.year
    entries = [Entry(**row.entry) for row in rows]
    arrivals = await _taken(session, "arrival", [authority_of(e.path) for e in entries], year)
    orders = await _taken(session, "registration", [region_of(e.path) for e in entries], year)
    for row, entry in zip(rows, entries, strict=True):
        yield _Beginning(
            today,
            row,
            entry,
            new_id(),
            ids[row.number],
            next(arrivals[authority_of(entry.path)]),
            next(orders[region_of(entry.path)]),
        )


async def _taken(
    session: AsyncSession, kind: str, places: Sequence[str], year: int
) -> dict[str, Iterator[int]]:
    """As many numbers as each place needs, without a gap."""
    wanted = Counter(places)
    return {
        place: iter(await next_numbers(session, f"{kind}/{place}/{year}", wanted[place]))
        for place in sorted(wanted)
    }


def _filing(found: Import, one: _Beginning) -> Filing:
    now, entry = clock.now(), one.entry
    payload: dict[str, Any] = {
        "legal_form": entry.legal_form,
        "name": entry.name,
        "object": entry.object,
        "common_bond": entry.common_bond,
        "seat": {"commune_code": entry.commune_code} if entry.commune_code else None,
        "sector_codes": entry.sector_codes,
        "cps_tags": entry.cps_tags,
    }
    return Filing(
        id=one.filing_id,
        type=FilingType.REGISTRATION,
        status=FilingStatus.APPROVED,
        origin=ORIGIN,
        organisation_id=one.organisation_id,
        cooperative_id=one.cooperative_id,
        effective_on=one.today,
        payload={name: value for name, value in payload.items() if value},
        path=entry.path,
        authority_code=one.authority,
        arrival_number=f"{one.authority}/{one.today.year}/{one.arrival:06d}",
        created_by=found.created_by,
        filers=found.filers,
        created_at=now,
        submitted_at=now,
    )


def _changes(one: _Beginning) -> list[Change]:
    """What the row said, as the first effect of a record; what it did not say is not there."""
    entry = one.entry
    region = region_of(entry.path)
    said = {
        "legal_form": entry.legal_form,
        "name": entry.name,
        "object": entry.object,
        "common_bond": entry.common_bond,
        "sector_codes": entry.sector_codes,
        "cps_tags": entry.cps_tags,
        "commune_code": entry.commune_code,
        "region_code": entry.path[-2] if len(entry.path) > 1 else None,
        "authority_code": one.authority,
        "path": entry.path,
        "acronym": entry.acronym,
        "founded_on": entry.founded_on,
        "stated_form": entry.stated_form,
        **{f"identifiers.{k}": v for k, v in entries_of(entry.identifiers).items()},
        "stated_counts": _counts(entry),
        "origin": ORIGIN,
        "life": Life.REGISTERED.value,
        "legal_registration": LegalRegistration.NOT_REGISTERED.value,
        "cps_status": entry.cps_status or CpsStatus.OUTSIDE.value,
        **{f"cps_recognition.{name}": it for name, it in entry.cps_recognition.items()},
        "ess_status": EssStatus.NOT_REQUESTED.value,
        "registration_number": registration_number(region, one.today.year, one.order),
        "registered_on": one.today.isoformat(),
    }
    return fields_of(**{name: value for name, value in said.items() if value is not None})


def _counts(entry: Entry) -> dict[str, int | None]:
    return {
        "members": entry.members_count,
        "women": entry.women_count,
        "men": entry.men_count,
    }


def _effect(one: _Beginning, changes: Sequence[Change]) -> Effect:
    return Effect(
        filing_id=one.filing_id,
        cooperative_id=one.cooperative_id,
        revision=1,
        formality=FilingType.REGISTRATION,
        effective_on=one.today,
        changes=[change.kept() for change in changes],
        recorded_at=clock.now(),
    )


def _versions(effects: Sequence[Effect], states: Sequence[State]) -> Iterator[Any]:
    for effect, state in zip(effects, states, strict=True):
        id = effect.cooperative_id
        said = Stretch(effect.effective_on, None, public_view(id, state, {}))
        yield drawn(CooperativeVersion, id, id, said, effect)


def _traces(found: Import, one: _Beginning) -> Iterator[Any]:
    """Its decision, its numbers, and the row that it was."""
    one.row.outcome = RowOutcome.IMPORTED
    one.row.cooperative_id, one.row.filing_id = one.cooperative_id, one.filing_id
    yield Decision(
        id=new_id(),
        filing_id=one.filing_id,
        outcome=DecisionOutcome.APPROVED,
        reason_code=ORIGIN,
        by_sub=found.decided_by or "",
        at=clock.now(),
    )
    for number in one.entry.identifiers:
        yield CooperativeIdentifier(
            id=new_id(), cooperative_id=one.cooperative_id, filing_id=one.filing_id,
            scheme=number["scheme"], number=number["number"],
        )  # fmt: skip
    yield ImportedRow(
        source=found.source,
        key=one.row.key,
        digest=one.row.digest,
        said=one.row.said,
        cooperative_id=one.cooperative_id,
        filing_id=one.filing_id,
        import_id=found.id,
        number=one.row.number,
    )


def _line(found: Import, one: _Beginning, kind: EntryKind, grounds: str | None) -> LedgerEntry:
    return LedgerEntry(
        id=new_id(),
        authority_code=one.authority,
        path=one.entry.path[-3:],
        year=one.today.year,
        number=one.arrival if kind is EntryKind.ARRIVAL else None,
        kind=kind,
        filing_id=one.filing_id,
        arrival_number=f"{one.authority}/{one.today.year}/{one.arrival:06d}",
        formality=FilingType.REGISTRATION,
        declarant=found.organisation_id,
        subject=one.entry.name,
        grounds_sha256=grounds,
        recorded_at=clock.now(),
    )
