"""What was counted about filings on the desk: one pass, grouped as asked."""

from dataclasses import dataclass
from datetime import date

from chassis.reads import Reads
from services.registry.processing.rules import Counts
from services.registry.processing.schemas import By

# Each file counts on two days: on the one on which it arrived, and on that of its decision.
# Where a file that arrived before there was a desk has no first step, its clock was not watched.
_SQL = """
with item as (
  select w.*, f.type, f.path, f.authority_code, f.status,
    w.arrived_at::date as arrived_on, w.ended_at::date as ended_on,
    w.outcome in ('APPROVED', 'REJECTED') as is_decided,
    exists (select from desk_step s where s.filing_id = w.filing_id and s.kind = 'ARRIVED')
      as is_measured
  from work_item w join filing f on f.id = w.filing_id
  where ($1::text is null or f.path @> array[$1::text]) and ($2::text is null or f.type = $2)
), told as (
  select *, {key} as key, is_arrival and is_within as is_new,
    is_decision and is_within as is_done, is_arrival and ended_at is null as is_open,
    extract(epoch from ended_at - arrived_at) / 86400 as days_with_stops
  from item, lateral (
    values (arrived_on, true, false), (ended_on, false, is_decided)
  ) as day (day, is_arrival, is_decision), lateral (
    select ($3::date is null or day >= $3) and ($4::date is null or day <= $4) as is_within
  ) as period
  where is_arrival or is_decision
)
select key,
  count(*) filter (where is_new) as arrived,
  count(*) filter (where is_new and returned_count > 0) as returned,
  count(*) filter (where is_done) as decided,
  count(*) filter (where is_done and is_measured) as measured,
  count(*) filter (where is_done and outcome = 'REJECTED') as rejected,
  count(*) filter (where is_done and is_measured and ended_on <= total_due_on) as in_time,
  (percentile_cont(0.5) within group (order by days_with_stops - stopped_s / 86400.0)
    filter (where is_done and is_measured))::float8 as days,
  (percentile_cont(0.5) within group (order by days_with_stops)
    filter (where is_done))::float8 as days_with_stops,
  count(*) filter (where is_open) as open,
  count(*) filter (where is_open and stopped_at is not null) as waiting,
  count(*) filter (where is_open and least(due_on, total_due_on) < $5::date
    and due_on is not null) as overdue
from told group by key order by key nulls last limit $6
"""
_KEYS = {
    None: "null::text",
    By.REGION: "path[cardinality(path) - 1]",
    By.AUTHORITY: "authority_code",
    By.TYPE: "type",
    By.MONTH: "to_char(day, 'YYYY-MM')",
}
_QUERIES = {by: _SQL.replace("{key}", key) for by, key in _KEYS.items()}


@dataclass(frozen=True)
class Asked:
    """Which filings are counted."""

    place: str | None = None
    type: str | None = None
    since: date | None = None
    until: date | None = None

    def has_month(self, key: str | None) -> bool:
        """Whether some day of that month (`YYYY-MM`) is in the period."""
        first, last = str(self.since or date.min)[:7], str(self.until or date.max)[:7]
        return key is not None and first <= key <= last


async def counted(
    reads: Reads, asked: Asked, by: By | None, today: date, limit: int
) -> list[Counts]:
    """The counts of each group, by key; one more than `limit`. Without `by`, of all."""
    row = (asked.place, asked.type, asked.since, asked.until, today, limit + 1)
    return [Counts(**dict(found)) for found in await reads.fetch(_QUERIES[by], *row)]
