"""Rows held against the register and the rows above them, many at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from chassis.db import AsyncSession
from chassis.errors import Finding
from services.registry.imports.columns import ImportField
from services.registry.imports.models import Import, ImportedRow, ImportRow
from services.registry.imports.places import COUNTRY
from services.registry.imports.repository import Imports, imported_from, places_of
from services.registry.imports.rules import Known, findings
from services.registry.imports.states import RowOutcome
from services.registry.imports.values import Entry
from services.registry.law.rules import Law, Norm
from services.registry.names import name_key
from services.registry.twins.repository import Register

MOST_COMPARED = 5_000  # rows: beyond, only the rows around each are compared with it


def norm_of(laws: Mapping[str, Law]) -> Norm | None:
    """From how much likeness on a name is told of (R10)."""
    return next((law.norm("NAME_SIMILAR") for law in laws.values()), None)


def _like_it(place: tuple[str, str], facts: "_Facts", norm: Norm | None) -> int | None:
    """A row above, of the same place, whose name looks like this one."""
    if norm is None:
        return None
    mine, least = trigrams(place[0]), float(norm.value)
    for (name, authority), number in facts.names_above.items():
        if authority == place[1] and name != place[0]:
            other = trigrams(name)
            if len(mine & other) >= least * len(mine | other):
                return number
    return None


@lru_cache(maxsize=10_000)
def _words(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[n : n + 3] for n in range(len(padded) - 2))


def trigrams(name: str) -> frozenset[str]:
    """The trigrams of a folded name, as the database makes them."""
    return frozenset().union(*(_words(word) for word in name.split()))


@dataclass
class _Facts:
    """What is known of some rows."""

    keys: Mapping[str, ImportedRow] = field(default_factory=dict)
    others: Mapping[int, ImportedRow] = field(default_factory=dict)
    names: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    elsewhere: Mapping[str, list[Any]] = field(default_factory=dict)
    origins: Mapping[UUID, ImportedRow] = field(default_factory=dict)
    near: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    identifiers: frozenset[tuple[str, str]] = frozenset()
    # grow with the rows that are judged
    keys_above: dict[str, int] = field(default_factory=dict)
    names_above: dict[tuple[str, str], int] = field(default_factory=dict)

    near_above: dict[int, int] = field(default_factory=dict)

    def remember(self, row: ImportRow) -> None:
        """The rows below stand under this one."""
        self.keys_above.setdefault(row.key, row.number)
        if row.name_key and row.authority_code:
            self.names_above.setdefault((row.name_key, row.authority_code), row.number)


async def judge(
    session: AsyncSession,
    found: Import,
    rows: Sequence[ImportRow],
    laws: Mapping[str, Law],
    said: Mapping[int, list[Finding]],
) -> list[list[Finding]]:
    """Give each row its outcome; all findings about each, those already `said` first."""
    facts = await _facts(session, found, rows, laws)
    told = []
    for row in rows:
        about = [*said.get(row.number, []), *_about(found, row, laws, facts)]
        row.outcome = _outcome(row, about, facts)
        if row.outcome is not RowOutcome.BLOCKED:
            facts.remember(row)
        told.append(about)
    return told


def _about(found: Import, row: ImportRow, laws: Mapping[str, Law], facts: _Facts) -> list[Finding]:
    entry = Entry(**row.entry)
    if not entry.name or row.name_key is None or row.authority_code is None:
        return []
    if (above := facts.keys_above.get(row.key)) is not None and above != row.number:
        return [Finding(code="ROW_KEY_DOUBLED", pointer="", params={"row": above})]
    place = (row.name_key, row.authority_code)
    if (other := facts.others.get(row.number)) is not None:
        return [another(other)]
    if (origin := _origin(row, facts)) is not None:
        return _difference(row, origin)
    taken = facts.names.get(place)
    others = facts.elsewhere.get(row.name_key, [])
    known = Known(
        taken_by=taken.registration_number if taken else None,
        elsewhere=tuple(o.registration_number for o in others if o.authority_code != place[1])[:3],
        similar_to=facts.near.get(place, ()),
        row_of_name=facts.names_above.get(place),
        row_like_it=facts.near_above.get(row.number) or _like_it(place, facts, norm_of(laws)),
        identifiers=facts.identifiers,
    )
    return [*_outside(found, entry), *findings(entry, laws[entry.legal_form], known)]


def _origin(row: ImportRow, facts: _Facts) -> ImportedRow | None:
    """The row of before that this one is: by its key, or by its name in its place."""
    if (same := facts.keys.get(row.key)) is not None:
        return same
    taken = facts.names.get((row.name_key or "", row.authority_code or ""))
    return facts.origins.get(taken.id) if taken else None


async def others_of(
    session: AsyncSession, rows: Sequence[ImportRow], known: Mapping[str, ImportedRow]
) -> dict[int, ImportedRow]:
    """By its number, for each row that shares an id with a row of before and nothing else, that
    row: lists number their rows, and two of them under one `source` number different organisations
    alike."""
    places = await places_of(session, known.values())
    return {
        row.number: one
        for row in rows
        if (one := known.get(row.key)) is not None
        and name_key(one.said.get("name", "")) != row.name_key
        and not any(_touch(row.entry["path"], place) for place in places[one.cooperative_id])
    }


def _touch(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one place is the other, or lies in it; that a place is unknown says nothing."""
    if one[0] == COUNTRY or other[0] == COUNTRY:
        return one[0] == other[0]
    return one[0] in other or other[0] in one


def another(origin: ImportedRow) -> Finding:
    """The id is taken in this source."""
    params = {"row": origin.number, "name": origin.said.get("name", "")}
    return Finding(code="ROW_KEY_OF_ANOTHER", pointer=f"/{ImportField.ROW_ID}", params=params)


def _difference(row: ImportRow, origin: ImportedRow) -> list[Finding]:
    if row.digest == origin.digest:
        return []
    fields = sorted(k for k in {*row.said, *origin.said} if row.said.get(k) != origin.said.get(k))
    params = {"fields": ", ".join(fields)}
    return [Finding(code="ROW_DIFFERS", pointer="", severity="WARN", params=params)]


def _outside(found: Import, entry: Entry) -> list[Finding]:
    """Who has a territory brings nothing in from elsewhere, nor from nobody knows where."""
    if not set(found.territories).isdisjoint(entry.path):
        return []
    pointer = f"/{(ImportField.COMMUNE if entry.commune_code else ImportField.DEPARTMENT).value}"
    return [Finding(code="ROW_OUTSIDE_TERRITORY", pointer=pointer)]


def _outcome(row: ImportRow, about: Sequence[Finding], facts: _Facts) -> RowOutcome:
    if any(finding.severity == "BLOCK" for finding in about):
        return RowOutcome.BLOCKED
    origin = _origin(row, facts)
    if origin is None:
        return RowOutcome.READY
    row.cooperative_id, row.filing_id = origin.cooperative_id, origin.filing_id
    return RowOutcome.UNCHANGED if row.digest == origin.digest else RowOutcome.DIFFERENT


async def _facts(
    session: AsyncSession, found: Import, rows: Sequence[ImportRow], laws: Mapping[str, Law]
) -> _Facts:
    imports, register = Imports(session), Register(session)
    known = await imports.known_keys(found.source, keys := [row.key for row in rows])
    names = sorted({row.name_key for row in rows if row.name_key})
    places = sorted({(r.name_key, r.authority_code) for r in rows
                     if r.name_key and r.authority_code})  # fmt: skip
    same = await register.names(names)
    numbers = [one["number"] for row in rows for one in row.entry.get("identifiers", ())]
    norm, count = norm_of(laws), sum(found.counts.values())
    elsewhere: dict[str, list[Any]] = {}
    for one in same:
        elsewhere.setdefault(one.name_key, []).append(one)
    return _Facts(
        keys=known,
        others=await others_of(session, rows, known),
        names={(one.name_key, one.authority_code): one for one in same},
        elsewhere=elsewhere,
        origins=await imported_from(session, [one.id for one in same]),
        near=await register.near(places, norm.value) if norm and places else {},
        identifiers=await register.identifiers(numbers),
        keys_above=await imports.keys_above(found.id, keys),
        names_above=await imports.names_above(found.id, names),
        near_above=await imports.near_above(found.id, rows, norm.value)
        if norm and count <= MOST_COMPARED
        else {},
    )
