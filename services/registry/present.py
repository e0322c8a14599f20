"""Whether the register says now what follows from its effects: nothing else may have changed it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from asyncpg import Connection, Record

from services.registry.cooperatives.records import present
from services.registry.history.rules import Happening, Part, Stretch, changes_of, states, timelines
from services.registry.history.service import days_of, joined, stretches
from services.registry.public_view import public_view

_COOPERATIVES = "select id, row_to_json(c) as row from cooperative c order by id"
_EFFECTS = """
select filing_id, revision, effective_on, corrects, changes from effect
where cooperative_id = $1 order by revision
"""
_OPEN = {
    "cooperative_version": """
        select cooperative_id as key, lower(valid) as since, upper(valid) as until, public as said
        from cooperative_version where cooperative_id = $1 and upper_inf(recorded)""",
    "membership": """
        select member_id as key, lower(valid) as since, upper(valid) as until,
          json_build_object('sex', sex, 'shares', shares, 'admitted_on', admitted_on) as said
        from membership where cooperative_id = $1 and upper_inf(recorded)""",
    "mandate": """
        select mandate_id as key, lower(valid) as since, upper(valid) as until,
          json_build_object('member_id', member_id, 'organ', organ, 'function', function,
            'from_on', from_on, 'to_on', to_on, 'representative', representative) as said
        from mandate where cooperative_id = $1 and upper_inf(recorded)""",
}
_OF_NOBODY = """
select format('effect of filing %s is about %s, which is in no register', filing_id, cooperative_id)
from effect where cooperative_id not in (select id from cooperative)
"""
_NAMES = ("family_name", "given_names")
Rectangle = tuple[UUID, date, date | None, bytes]


class _Anybody(dict[str, dict[str, str]]):
    """Names are the person's to correct, and no effect holds them: they are not compared."""

    def __missing__(self, _: str) -> dict[str, str]:
        return {}


async def departures(connection: "Connection[Record]") -> AsyncIterator[str]:
    """A sentence for each part of the present that does not follow from the effects."""
    for row in await connection.fetch(_OF_NOBODY):
        yield row[0]
    async for row in connection.cursor(_COOPERATIVES):
        effects = await connection.fetch(_EFFECTS, row["id"])
        try:
            happenings = [_happening(one) for one in effects]
            found = [*_differences(row["id"], row["row"], happenings)]
            expected = _expected(row["id"], happenings) if happenings else {}
        except (LookupError, ValueError, TypeError, AttributeError) as error:
            yield f"cooperative {row['id']}: its effects cannot be read ({type(error).__name__})"
            continue
        for sentence in found:
            yield sentence
        for table, sql in _OPEN.items():
            drawn = {_rectangle(one) for one in await connection.fetch(sql, row["id"])}
            if drawn != expected.get(table, set()):
                yield f"cooperative {row['id']}: {table} is not what its effects say"


def _happening(row: Record) -> Happening:
    if row["corrects"] is not None and row["corrects"] >= row["revision"]:
        raise ValueError("what is corrected came later")
    changes = changes_of(row["changes"])
    return Happening(
        row["filing_id"], row["revision"], row["effective_on"], changes, row["corrects"]
    )


def _differences(id: UUID, row: Mapping[str, Any], happenings: list[Happening]) -> Iterator[str]:
    if [one.revision for one in happenings] != list(range(1, row["version"] + 1)):
        yield f"cooperative {id}: version {row['version']}, with {len(happenings)} effects"
    if not happenings:
        return
    *_, (_, _, state) = states(happenings)
    for name, value in orjson.loads(orjson.dumps(present(state))).items():
        if row[name] != value:
            yield f"cooperative {id}: {name} is not what its effects say"


def _expected(id: UUID, happenings: list[Happening]) -> dict[str, set[Rectangle]]:
    public = [
        Stretch(since, until, public_view(id, state, _Anybody()))
        for since, until, state in days_of(states(happenings))
    ]
    found: dict[str, set[Rectangle]] = defaultdict(set)
    found["cooperative_version"] = {_placed(id, one) for one in joined(public)}
    tables = {Part.MEMBER: "membership", Part.MANDATE: "mandate"}
    for (part, key), line in timelines(happenings).items():
        if part in tables:
            found[tables[part]] |= {_placed(UUID(key), one) for one in stretches(line)}
    return found


def _placed(key: UUID, one: Stretch) -> Rectangle:
    return key, one.since, one.until, _spelt(one.value)


def _rectangle(row: Record) -> Rectangle:
    return UUID(str(row["key"])), row["since"], row["until"], _spelt(row["said"])


def _spelt(said: Mapping[str, Any]) -> bytes:
    # what a rectangle drawn earlier had no word for is as good as null
    value = {name: each for name, each in said.items() if each is not None}
    if "officers" in value:
        value["officers"] = [
            {name: each for name, each in one.items() if name not in _NAMES and each is not None}
            for one in value["officers"]
        ]
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
