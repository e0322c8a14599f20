"""What a claim costs when 200,000 lanes wait."""

import re
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import asyncpg
from asyncpg import Connection, Record

from chassis.lanes import ACK, CLAIM, HEARTBEAT
from tests.chassis.village import notes
from tests.chassis.village.homes import raise_tables

_EVENTS = """
insert into event_log (id, aggregate, seq, type, time, data, is_public)
select gen_random_uuid(), 'note/' || lane, 1, 'sn.mboolo.teller.note.written.v1',
       clock_timestamp(), '{"title": "x", "version": 1}', false
from generate_series(1, $1::int) lane
"""
_LANES = """
insert into event_lane (consumer, aggregate, head, tail, due)
select 'hearer', 'note/' || lane, 1, 1, clock_timestamp() from generate_series(1, $1::int) lane
"""


@dataclass(frozen=True)
class Cost:
    """Medians of 20, in milliseconds."""

    claim: float  # as PostgreSQL tells it
    claim_with_wire: float  # as the deliverer feels it, a hundred events read
    claim_all_leased: float  # as an idle poll feels it while everything waits
    acknowledge: float
    heartbeat: float


async def measure(url: str, lanes: int = 200_000) -> Cost:
    """Fill a database and claim from it."""
    await raise_tables(url, notes.metadata)
    connection = await asyncpg.connect(url)
    await connection.execute(_EVENTS, lanes)
    await connection.execute(_LANES, lanes)
    await connection.execute("vacuum analyze")
    claim = median([await _explained(connection) for _ in range(20)])
    await connection.execute("vacuum event_lane")
    felt = median([await _timed(connection, CLAIM, "hearer", 60.0) for _ in range(20)])
    claimed = [f"note/{n}" for n in range(1, 101)]
    acked = median([await _timed(connection, ACK, "hearer", claimed, [0] * 100) for _ in range(20)])
    beat = median([await _timed(connection, HEARTBEAT, "hearer") for _ in range(20)])
    await connection.execute("update event_lane set due = clock_timestamp() + interval '1 hour'")
    await connection.execute("vacuum analyze event_lane")
    leased = median([await _timed(connection, CLAIM, "hearer", 60.0) for _ in range(20)])
    await connection.close()
    return Cost(claim, felt, leased, acked, beat)


async def _explained(connection: "Connection[Record]") -> float:
    plan = await connection.fetch(f"explain (analyze) {CLAIM}", "hearer", 60.0)
    found = re.search(r"Execution Time: ([\d.]+) ms", "\n".join(row[0] for row in plan))
    return float(found[1]) if found else float("inf")


async def _timed(connection: "Connection[Record]", sql: str, *args: object) -> float:
    began = perf_counter()
    await connection.fetch(sql, *args)
    return (perf_counter() - began) * 1000
