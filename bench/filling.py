"""A registry of any size, by COPY into its own schema."""

from collections.abc import Callable, Iterator
from typing import Any

import asyncpg
import orjson
from asyncpg import Connection, Record

from bench import people

Rows = Iterator[tuple[Any, ...]]
_FILING, _VERSION, _MEMBER, _MEMBERSHIP = range(1, 5)
_STEP = 20_000  # cooperatives in one COPY


async def fill(url: str, cooperatives: int, members: int, *, since: int = 0) -> None:
    """Add cooperatives by number, each with `members`; what is derived from them is derived here.

    `url` names a superuser: foreign keys are not looked up again for rows that are made of numbers.
    """
    connection = await asyncpg.connect(url)
    await connection.execute("set session_replication_role = replica; set statement_timeout = 0")
    for begin in range(since, cooperatives, _STEP):
        part = range(begin, min(begin + _STEP, cooperatives))
        for table, columns, rows in _TABLES:
            await _copy(connection, table, columns, rows(part, members))
    await connection.execute("vacuum analyze")  # as it would do by itself within a minute
    await connection.close()


async def _copy(
    connection: "Connection[Record]", table: str, columns: list[str], rows: Rows
) -> None:
    await connection.copy_records_to_table(table, columns=columns, records=rows)


def _filings(part: range, _: int) -> Rows:
    for number in part:
        id, arrival = people.id_of(_FILING, number), f"BENCH/2026/{number:08d}"
        yield (id, "REGISTRATION", "APPROVED", f"org-{number}", people.cooperative_id(number), "{}",
            [], arrival, "bench", ["bench"], people.RECORDED, people.RECORDED, 1)  # fmt: skip


_COOPERATIVE = list(people.cooperative(0, 0))


def _cooperatives(part: range, members: int) -> Rows:
    for number in part:
        yield tuple(people.cooperative(number, members).values())


def _versions(part: range, members: int) -> Rows:
    valid = asyncpg.Range(people.FIRST_DAY, None)
    recorded = asyncpg.Range(people.RECORDED, None)
    for number in part:
        shown = people.public(people.cooperative(number, members), members, number)
        ids = (people.id_of(_VERSION, number), people.cooperative_id(number))
        filing, text = people.id_of(_FILING, number), orjson.dumps(shown).decode()
        yield (*ids, 1, filing, valid, recorded, text)


def _members(part: range, members: int) -> Rows:
    for number in part:
        of = people.cooperative_id(number)
        for at in range(members):
            who = people.person(number * members + at)
            id = people.id_of(_MEMBER, number * members + at)
            named = who["family_name"], who["given_names"], who["sex"], who["year"]
            yield (id, of, f"m{at}", *named)


def _memberships(part: range, members: int) -> Rows:
    valid, recorded = asyncpg.Range(people.FIRST_DAY, None), asyncpg.Range(people.RECORDED, None)
    for number in part:
        of, filing = people.cooperative_id(number), people.id_of(_FILING, number)
        for at in range(number * members, (number + 1) * members):
            ids = (people.id_of(_MEMBERSHIP, at), of, people.id_of(_MEMBER, at))
            sex = people.person(at)["sex"]
            yield (*ids, 1, filing, valid, recorded, sex, 5, people.FIRST_DAY)


def _mandates(part: range, members: int) -> Rows:
    valid, recorded = asyncpg.Range(people.FIRST_DAY, None), asyncpg.Range(people.RECORDED, None)
    for number in part:
        of, filing = people.cooperative_id(number), people.id_of(_FILING, number)
        for member, organ, function in people.mandates(number, members):
            id, who = people.id_of(people.MANDATE, member), people.id_of(_MEMBER, member)
            yield (id, of, id, who, 1, filing, valid, recorded, organ, function, people.FIRST_DAY)


_RECTANGLE = ["revision", "filing_id", "valid", "recorded"]
_TABLES: list[tuple[str, list[str], Callable[[range, int], Rows]]] = [
    ("filing", ["id", "type", "status", "organisation_id", "cooperative_id", "payload", "path",
        "arrival_number", "created_by", "filers", "created_at", "submitted_at", "version"],
        _filings),
    ("cooperative", _COOPERATIVE, _cooperatives),
    ("cooperative_version", ["id", "cooperative_id", *_RECTANGLE, "public"], _versions),
    ("member", ["id", "cooperative_id", "client_ref", "family_name", "given_names", "sex",
        "birth_year"], _members),
    ("membership", ["id", "cooperative_id", "member_id", *_RECTANGLE, "sex", "shares",
        "admitted_on"], _memberships),
    ("mandate", ["id", "cooperative_id", "mandate_id", "member_id", *_RECTANGLE, "organ",
        "function", "from_on"], _mandates),
]  # fmt: skip
