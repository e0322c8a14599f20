"""What must agree with the arrival register, beside its chain: numbers, filings, decisions."""

from asyncpg import Connection, Record

from chassis.imprint_check import departed
from services.registry.grounds import SQL, digest
from services.registry.present import departures
from services.registry.steps import altered
from services.registry.stream.repository import CHAINS
from services.registry.tables import IMPRINTED

# Each yields a sentence for whatever does not agree.
_QUERIES = (
    # arrivals are numbered 1, 2, 3 … for each authority and year, and the counter is at the last
    """
    select format('arrivals of %s in %s: %s lines, numbers %s to %s, counter at %s', authority_code,
      year, lines, first, last, coalesce(value::text, 'nothing'))
    from (select authority_code, year, count(*) as lines, min(number) as first,
            max(number) as last
          from ledger where kind = 'ARRIVAL' group by authority_code, year) a
    left join counter c on c.name = format('arrival/%s/%s', authority_code, year)
    where (first, last) is distinct from (1, lines::int) or value is distinct from last
    """,
    """
    select format('counter %s is at %s, and nothing arrived', name, value) from counter
    where name like 'arrival/%' and value <> 0 and not exists (
      select 1 from ledger where kind = 'ARRIVAL'
        and name = format('arrival/%s/%s', authority_code, year))
    """,
    """
    select format('registrations of %s in %s: %s numbers were given, the last %s, counter at %s',
      place, year, coalesce(given, 0), coalesce(last, 0), coalesce(value::text, 'nothing'))
    from (
      select regexp_replace(split_part(name, '/', 2), '^SN-', '') as place,
        split_part(name, '/', 3) as year, value
      from counter where name like 'registration/%'
    ) n
    full join (
      select split_part(registration_number, '-', 2) as place,
        split_part(registration_number, '-', 3) as year, count(*) as given,
        max(split_part(registration_number, '-', 4)::int) as last
      from cooperative group by 1, 2
    ) g using (place, year) where (value, value) is distinct from (given, last)
    """,
    """
    select format('counter %s counts nothing', name) from counter
    where name not like 'arrival/%' and name not like 'registration/%'
    """,
    """
    select format('filing %s: %s lines say %s', filing_id, count(*), kind) from ledger
    where kind not like 'TRANSFER%' group by filing_id, kind having count(*) > 1
    """,
    """
    select format('filing %s came and went %s times', filing_id, count(*)) from ledger
    where kind like 'TRANSFER%' group by filing_id
    having 2 * count(*) filter (where kind = 'TRANSFER_IN') <> count(*)
    """,
    """
    select format('filing %s: its step %s was taken twice at %s', filing_id, kind, at)
    from desk_step group by filing_id, kind, at having count(*) > 1
    """,
    """
    select format('%s: events %s to %s, %s of them', aggregate, min(seq), max(seq), count(*))
    from event_log group by aggregate having (min(seq), max(seq)) is distinct from (1, count(*))
    """,
    """
    select format('%s: the last event is %s, %s is told of %s', e.aggregate, e.last, l.consumer,
      l.tail)
    from (select aggregate, max(seq) as last from event_log group by aggregate) e
    join event_lane l on l.aggregate = e.aggregate where l.tail <> e.last
    """,
    """
    select format('%s: no chain of the registry has that name', chain)
    from (select chain from chain_head union select chain from chain_link
      union select chain from chain_checkpoint) c where chain <> all ($1)
    """,
    """
    select format('%s: the checkpoint of sequence %s is dated %s', chain, sequence, at)
    from chain_checkpoint where at <> date_trunc('milliseconds', at)
    """,
    """
    select format('line %s: number %s is written %s', id, number, arrival_number) from ledger
    where kind = 'ARRIVAL' and arrival_number is distinct from format('%s/%s/%s', authority_code,
      year, lpad(number::text, greatest(6, length(number::text)), '0'))
    """,
    """
    select format('line %s says %s of %s by %s, its filing %s says %s of %s by %s', l.id,
      l.formality, l.arrival_number, l.declarant, f.id, f.type, f.arrival_number, f.organisation_id)
    from ledger l left join filing f on f.id = l.filing_id
    -- a row of a list was brought by whoever imported it, and belongs to whoever it names
    left join imported_row r on r.filing_id = f.id left join import i on i.id = r.import_id
    where (l.arrival_number, l.formality, l.declarant)
      is distinct from (f.arrival_number, f.type, coalesce(i.organisation_id, f.organisation_id))
    """,
    """
    select format('filing %s lies with %s, its last line says %s', f.id, f.authority_code,
      l.authority_code)
    from filing f join ledger l on l.filing_id = f.id
    where l.authority_code is distinct from f.authority_code and not exists (
      select from ledger later where later.filing_id = f.id and later.pos > l.pos)
    """,
    # who may see it and decide on it is told by its place, which no line and no step says
    """
    select format('filing %s lies with %s, and not in its territory', id, authority_code)
    from filing where arrival_number is not null
      and not coalesce(authority_code = any(path), false)
    """,
    """
    select format('filing %s: arrived as %s, with %s lines of arrival', f.id, f.arrival_number,
      count(l.id))
    from filing f left join ledger l on l.filing_id = f.id and l.kind = 'ARRIVAL'
    where f.arrival_number is not null group by f.id having count(l.id) <> 1
    """,
    """
    select format('filing %s is %s, decided as %s, with the line %s', f.id, f.status,
      coalesce(d.outcome, 'nothing'), coalesce(l.kind, 'none'))
    from filing f
    left join decision d on d.filing_id = f.id
    left join ledger l on l.filing_id = f.id and l.kind in ('APPROVAL', 'REJECTION')
    where (coalesce(d.outcome, '') = 'APPROVED') <> (coalesce(l.kind, '') = 'APPROVAL')
      or (coalesce(d.outcome, '') = 'REJECTED') <> (coalesce(l.kind, '') = 'REJECTION')
      or (f.status = 'APPROVED') <> (coalesce(d.outcome, '') = 'APPROVED')
    """,
    """
    select format('filing %s is %s, with %s effects on %s', f.id, f.status, count(e.filing_id),
      coalesce(f.cooperative_id::text, 'nobody'))
    from filing f left join effect e
      on e.filing_id = f.id and e.cooperative_id = f.cooperative_id and e.formality = f.type
    group by f.id having count(e.filing_id) <> (f.status = 'APPROVED')::int
    """,
)

_GROUNDS = f"""
select l.filing_id, l.grounds_sha256, g.grounds from ledger l
left join ({SQL}) g on g.filing_id = l.filing_id where l.grounds_sha256 is not null
"""  # noqa: S608 - constants
_WITHOUT_GROUNDS = """
select id, filing_id from ledger
where kind in ('APPROVAL', 'REJECTION') and grounds_sha256 is null
  and pos > (select min(pos) from ledger where grounds_sha256 is not null)
"""


async def disagreements(connection: "Connection[Record]") -> list[str]:
    """Every sentence about what does not agree; in a transaction that sees one moment."""
    found = [row[0] for row in await connection.fetch(" union all ".join(_QUERIES), [*CHAINS])]
    found += await _of_grounds(connection) + await altered(connection)
    found += [sentence async for sentence in departures(connection)]
    return found + [sentence async for sentence in departed(connection, IMPRINTED)]


async def _of_grounds(connection: "Connection[Record]") -> list[str]:
    """Decisions, reviews and certificates that are not what the lines of the ledger were written
    over. From the first line with a digest on, each has one; those before it say nothing."""
    found = [
        f"line {row['id']} about filing {row['filing_id']} does not say on what it stands"
        for row in await connection.fetch(_WITHOUT_GROUNDS)
    ]
    wrong = "its decision, reviews or certificate are not what was decided"
    return found + [
        f"filing {row['filing_id']}: {wrong}"
        async for row in connection.cursor(_GROUNDS)
        if row["grounds"] is None or digest(row["grounds"]) != row["grounds_sha256"]
    ]
