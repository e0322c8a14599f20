"""administrations that earlier effects said as the last order of a court alone

A version that is drawn anew keeps its revision, and so its `ETag`: who asks with the one that they
have is told of nothing new until the next filing about that record.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# What was being approved is in before anything is read, and what comes next waits.
_ALONE = "lock table cooperative_version in share row exclusive mode"
# What each effect says of one, from which day: see `history.rules.changes_of`.
_SAID = """
create temp table said on commit drop as
select e.cooperative_id, e.revision, coalesce((c ->> 'since')::date, e.effective_on) as day,
  nullif(c -> 'value', 'null') as value
from effect e, jsonb_array_elements(e.changes) c
where c ->> 'part' = 'FIELD' and (
  c ->> 'key' = 'provisional_administration'
  or c ->> 'key' = 'court_order' and c #>> '{value,measure}' = 'PROVISIONAL_ADMINISTRATION'
    and not jsonb_path_exists(e.changes, '$[*] ? (@.key == "provisional_administration")')
)
"""
_UNTOLD = """
create temp table untold on commit drop as
select v.*, l.value, greatest(
  statement_timestamp(), max(lower(v.recorded)) over () + interval '1 microsecond'
) as told_at
from cooperative_version v, lateral (
  select (array_agg(s.value order by s.day desc, s.revision desc))[1] as value from said s
  where s.cooperative_id = v.cooperative_id and s.day <= lower(v.valid)
) l
where upper_inf(v.recorded)
  and l.value is distinct from nullif(v.public -> 'provisional_administration', 'null')
"""
# Closed and drawn again, as by a filing: what was shown until then stays known. It is one instant,
# behind everything that processes with clocks of their own have recorded.
_CLOSED = """
update cooperative_version v set recorded = tstzrange(lower(v.recorded), u.told_at)
from untold u where v.id = u.id
"""
_DRAWN = """
insert into cooperative_version
  (id, cooperative_id, revision, filing_id, valid, recorded, public)
select uuidv7(), cooperative_id, revision, filing_id, valid, tstzrange(told_at, null),
  public || jsonb_build_object('provisional_administration', value)
from untold
"""


def upgrade() -> None:
    for sql in (_ALONE, _SAID, _UNTOLD, _CLOSED, _DRAWN):
        op.execute(sql)


def downgrade() -> None:
    """What is shown stays: it is what the effects say."""
