"""Personal fields of a filing's payload: sealed at rest under a key of each person's own, whole for
filers, masked for agents, blank in answers that are kept.

A person is every object of the payload that has one of the sealed fields, wherever it stands, so
that a new kind of filing need not be taught here. Who was forgotten has `{"is_erased": true}` in
the place of each field.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from chassis.data_keys import DataKey, key_of
from chassis.db import AsyncSession
from chassis.vault import Vault
from services.registry.cooperatives.models import Member
from services.registry.persons.repository import PersonKeys

NUMBERS = ("nin", "phone", "birth_date")
_NAMES = ("family_name", "given_names")
SEALED = (*NUMBERS, *_NAMES, "birth_year")
_MASKED = {"is_masked": True}
ERASED = {"is_erased": True}
_NODES = (dict, list)
Payload = dict[str, Any]
Person = dict[str, Any]


def _with_persons(node: Any, change: Callable[[Person, str], Person], at: str = "") -> Any:
    if isinstance(node, list):
        return [_with_persons(item, change, f"{at}/{n}") for n, item in enumerate(node)]
    if not isinstance(node, dict):
        return node
    inner = {
        name: _with_persons(item, change, f"{at}/{name}") if isinstance(item, _NODES) else item
        for name, item in node.items()
    }
    if any(node.get(name) for name in SEALED):
        return change(inner, str(node.get("id") or at))
    return inner


def _persons(payload: Payload) -> list[tuple[str, Person]]:
    found: list[tuple[str, Person]] = []

    def note(person: Person, ref: str) -> Person:
        found.append((ref, person))
        return person

    _with_persons(payload, note)
    return found


def located(node: Any, at: str = "") -> list[tuple[str, Person]]:
    """Every person of an open payload, with its place in it."""
    if isinstance(node, list):
        return [one for n, item in enumerate(node) for one in located(item, f"{at}/{n}")]
    if not isinstance(node, dict):
        return []
    own = [(at, node)] if any(node.get(name) for name in SEALED) else []
    inner = [one for name, item in node.items() for one in located(item, f"{at}/{name}")]
    return own + inner


def _covered(payload: Payload, names: Iterable[str]) -> Payload:
    def cover(person: Person, _: str) -> Person:
        hidden = {n: _MASKED for n in names if person.get(n) and person[n] != ERASED}
        return {**person, **hidden}

    covered: Payload = _with_persons(payload, cover)
    return covered


def _place(filing_id: UUID, ref: str, name: str) -> str:
    return f"filing/{filing_id}/{ref}/{name}"


async def seal_first(
    session: AsyncSession, payload: Payload, filing_id: UUID, vault: Vault
) -> Payload:
    """The payload of a filing that begins, as it is stored: a new key for each person."""
    keys = PersonKeys(session, vault)
    sealed = _sealed_with(keys, payload, filing_id, {})
    await keys.keep()
    return sealed


async def seal(session: AsyncSession, payload: Payload, filing_id: UUID, vault: Vault) -> Payload:
    """The payload as it is stored: each person keeps the key that they have in this filing, and
    the key of who is no longer in it is deleted."""
    keys = PersonKeys(session, vault)
    known = await keys.of_filing(filing_id)
    sealed = _sealed_with(keys, payload, filing_id, known)
    await keys.keep()
    if left := known.keys() - {ref for ref, _ in _persons(payload)}:
        await keys.forget(filing_id=filing_id, refs=left)
    await keys.touched(filing_id)
    return sealed


def _sealed_with(
    keys: PersonKeys, payload: Payload, filing_id: UUID, known: dict[str, DataKey]
) -> Payload:
    def close(person: Person, ref: str) -> Person:
        if ref not in known:
            known[ref] = keys.for_filing(filing_id, ref)
        return {**person, **dict(_closed(person, known[ref], filing_id, ref))}

    sealed: Payload = _with_persons(payload, close)
    return sealed


def _closed(person: Person, key: DataKey, filing_id: UUID, ref: str) -> Iterator[tuple[str, str]]:
    for name in SEALED:
        if person.get(name):
            yield name, key.seal(str(person[name]), _place(filing_id, ref, name))


async def reveal(session: AsyncSession, payload: Payload, filing_id: UUID, vault: Vault) -> Payload:
    """The payload as it was sent, for the rules and for those who sent it; what was erased is
    absent."""

    def leave_out(person: Person) -> Person:
        return {name: value for name, value in person.items() if value != ERASED}

    return await _laid_open(session, payload, filing_id, vault, leave_out)


async def show(session: AsyncSession, payload: Payload, filing_id: UUID, vault: Vault) -> Payload:
    """The payload as it was sent; what was erased says so."""
    return await _laid_open(session, payload, filing_id, vault, lambda person: person)


async def _laid_open(
    session: AsyncSession,
    payload: Payload,
    filing_id: UUID,
    vault: Vault,
    shown: Callable[[Person], Person],
) -> Payload:
    values = [str(person[n]) for _, person in _persons(payload) for n in SEALED if person.get(n)]
    wanted = {id for value in values if (id := key_of(value)) is not None}
    keys = await PersonKeys(session, vault).opened(wanted)

    def lay_open(person: Person, ref: str) -> Person:
        opened = dict(_opened(person, keys, vault, lambda n: _place(filing_id, ref, n)))
        return shown({**person, **opened})

    opened: Payload = _with_persons(payload, lay_open)
    return opened


def _opened(
    person: Person, keys: dict[UUID, DataKey], vault: Vault, place: Callable[[str], str]
) -> Iterator[tuple[str, Any]]:
    for name in SEALED:
        if value := person.get(name):
            opened = opened_value(str(value), keys, vault, place(name))
            is_year = name == "birth_year" and opened != ERASED
            yield name, int(opened) if is_year else opened


def opened_value(value: str, keys: dict[UUID, DataKey], vault: Vault, place: str) -> Any:
    """What was sealed; `ERASED` when its key is gone. Older rows hold what the vault itself
    sealed, and names as they are."""
    id = key_of(value)
    if id is None:
        return vault.open(value, place) if value.startswith("v1.") else value
    return keys[id].open(value, place) if id in keys else ERASED


async def open_texts(
    session: AsyncSession, texts: Mapping[str, str], vault: Vault
) -> dict[str, str]:
    """What was written about filings, by the place for which each text was sealed."""
    wanted = {id for sealed in texts.values() if (id := key_of(sealed)) is not None}
    keys = await PersonKeys(session, vault).opened(wanted)
    return {at: str(opened_value(sealed, keys, vault, at)) for at, sealed in texts.items()}


def mask(payload: Payload) -> Payload:
    """An open payload for agents: a number says only that it is there."""
    return _covered(payload, NUMBERS)


def blank(payload: Payload) -> Payload:
    """The payload in an answer that is kept for replays: nobody can be recognised."""
    return _covered(payload, SEALED)


def subjects_of(payload: Payload) -> list[UUID]:
    """The keys of the persons of a stored payload: they name whom a reader saw."""
    found = (
        key_of(str(person[n])) for _, person in _persons(payload) for n in SEALED if n in person
    )
    return sorted({id for id in found if id is not None})


def fields_of(payload: Payload) -> list[str]:
    """Which personal fields a stored payload has."""
    persons = [person for _, person in _persons(payload)]
    return [name for name in SEALED if any(person.get(name) for person in persons)]


async def open_numbers(
    session: AsyncSession, rows: Sequence[Member], vault: Vault, names: Sequence[str]
) -> dict[UUID, dict[str, str]]:
    """The named sealed fields of each member, open; what was erased or never said is absent."""
    wanted = {
        id for row in rows for name in names if (id := key_of(_sealed(row, name) or "")) is not None
    }
    keys = await PersonKeys(session, vault).opened(wanted)
    return {row.id: _open_row(row, names, keys, vault) for row in rows}


def _open_row(
    row: Member, names: Sequence[str], keys: dict[UUID, DataKey], vault: Vault
) -> dict[str, str]:
    found = {}
    for name in names:
        if sealed := _sealed(row, name):
            value = opened_value(sealed, keys, vault, f"member/{row.id}/{name}")
            if value != ERASED:
                found[name] = str(value)
    return found


def _sealed(row: Member, name: str) -> str | None:
    value: str | None = getattr(row, f"{name}_sealed")
    return value
