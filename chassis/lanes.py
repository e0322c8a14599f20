"""The SQL of delivery. Each statement says in a comment which trap it avoids."""

# statement_timestamp() and not clock_timestamp() in WHERE: a volatile function is never an index
# condition (22 ms instead of 0.07 ms at a backlog of 200,000).
CLAIM = """
with c as materialized (
  select aggregate, head, tail, skips from event_lane
  where consumer = $1 and due <= statement_timestamp()
  order by due limit 100 for update skip locked),
u as (update event_lane l set due = clock_timestamp() + $2::float8 * interval '1 second'
      from c where l.consumer = $1 and l.aggregate = c.aggregate)
select e.*, c.skips from c cross join lateral (
  select * from event_log e where e.aggregate = c.aggregate and e.seq between c.head and c.tail
  order by e.seq limit 10) e
"""
# Decided from the lane row itself, re-read after the lock: looking at other rows here would read
# the snapshot from before the lock and lose the wake-up of a writer that commits meanwhile.
# Lanes are locked in the byte order in which writers lock them, whatever the database's language.
ACK = """
with a as (
  select l.consumer, l.aggregate, x.n
  from unnest($2::text[], $3::int[]) x(aggregate, n)
  join event_lane l on l.consumer = $1 and l.aggregate = x.aggregate
  order by l.aggregate collate "C" for update of l)
update event_lane l
set head = greatest(l.head, a.n + 1), attempts = 0, last_error = null, dead_at = null,
    due = case when l.tail > a.n then clock_timestamp() end
from a where l.consumer = a.consumer and l.aggregate = a.aggregate and l.head <= a.n
"""
# The thirteenth failure in a row makes a dead letter: the lane stops until an operator acts.
NACK = """
with a as (
  select l.aggregate, x.why from unnest($2::text[], $3::text[]) x(aggregate, why)
  join event_lane l on l.consumer = $1 and l.aggregate = x.aggregate
  order by l.aggregate collate "C" for update of l)
update event_lane l
set attempts = attempts + 1, last_error = left(a.why, 500),
    dead_at = case when attempts >= 12 then clock_timestamp() end,
    due = case when attempts >= 12 then null
          else clock_timestamp()
               + least(interval '1 hour', interval '0.5 s' * power(2, least(attempts, 12))) end
from a where l.consumer = $1 and l.aggregate = a.aggregate and due is not null
returning l.aggregate, l.dead_at
"""
# How far `consumer` has certainly heard: up to the oldest event still pending in a healthy lane.
# Aggregates whose events keep failing are named instead, so that one poisoned file does not make
# the whole register look silent.
HEARTBEAT = """
select coalesce((select min(e.created) from event_lane l
                 join event_log e on e.aggregate = l.aggregate and e.seq = l.head
                 where l.consumer = $1 and l.due is not null and l.attempts < 3),
                statement_timestamp()) as through,
       array(select aggregate from event_lane
             where consumer = $1 and (dead_at is not null or attempts >= 3) limit 1000) as blocked
"""
# A consumer that does not answer is not poisoned by any event: its lanes come back after a second
# for as long as it is away, and no attempt is counted.
NACK_AWAY = """
with a as (
  select l.aggregate, x.why from unnest($2::text[], $3::text[]) x(aggregate, why)
  join event_lane l on l.consumer = $1 and l.aggregate = x.aggregate
  order by l.aggregate collate "C" for update of l)
update event_lane l set last_error = a.why, due = clock_timestamp() + interval '1 second'
from a where l.consumer = $1 and l.aggregate = a.aggregate and due is not null
returning l.aggregate, l.dead_at
"""
# Lanes for those who subscribed after things had begun to happen: they hear everything, from 1.
OPEN = """
insert into event_lane (consumer, aggregate, head, tail, due)
select c, e.aggregate, 1,
       (select max(seq) from event_log m where m.aggregate = e.aggregate), clock_timestamp()
from unnest($2::text[]) c, event_log e
where e.seq = 1 and split_part(e.aggregate, '/', 1) = $1 and not exists (
  select from event_lane l where l.consumer = c and l.aggregate = e.aggregate)
order by e.aggregate collate "C", c
on conflict do nothing
"""
