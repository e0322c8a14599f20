"""What a file was at each step that it took: bound by the step, and the step by its chain.

A decision binds what it stands on only when it is taken. Until then a review, an answer to a remark
or the declaration itself lies open for weeks, and what was altered meanwhile would be decided on.
So each step says the state of its file, who had a hand in it, the SHA-256 of what it declares, and
of the review that it hears; the next step must say the same, except where the filer's own act lies
between.
"""

from asyncpg import Connection, Record

_AT = "to_char({0} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
# What is null is left out, so that a column that is added later changes no digest from before.
_SHA256 = """
(select encode(sha256(convert_to(jsonb_object_agg(key, value)::text, 'UTF8')), 'hex')
  from jsonb_each({0}) where value <> 'null')
"""
_DECLARED = f"""
jsonb_build_object('type', f.type, 'organisation_id', f.organisation_id, 'origin', f.origin,
  'initiative_id', f.initiative_id, 'former_filing_id', f.former_filing_id,
  'created_by', f.created_by, 'created_at', {_AT.format("f.created_at")},
  'submitted_at', {_AT.format("f.submitted_at")},
  'cooperative_id', nullif(f.cooperative_id, made.cooperative_id),
  'effective_on', case when back.payload is null then f.effective_on else back.effective_on end,
  'payload', coalesce(back.payload, f.payload))
"""
# A file that was sent back is what was sent back: its filers may write on it. What the vault sealed
# before persons had keys of their own is sealed anew one day, so that nothing is said of it; and
# the cooperative that a file brought into being is not in what it declared.
FILES = f"""
select f.id, f.status, f.filers, f.withdrawal_reason,
  case when (f.status <> 'CHANGES_REQUESTED' or back.payload is not null)
    and not (f.payload::text like '%": "v1.%'
      and f.payload::text ~ '"(nin|phone|birth_date)": "v1[.]'
      and not exists (select from person_key k where k.filing_id = f.id and k.ref is not null))
  then {_SHA256.format(_DECLARED)} end as file_sha256
from filing f
left join effect made on made.filing_id = f.id and made.revision = 1
left join lateral (
  select s.effective_on, s.payload from review_snapshot s
  where s.filing_id = f.id and f.status = 'CHANGES_REQUESTED' order by s.review_id desc limit 1
) back on true
"""  # noqa: S608 - constants of this file
_REVIEW = _SHA256.format(f"to_jsonb(r) || jsonb_build_object('at', {_AT.format('r.at')})")
_SAID = f"""
jsonb_build_object('answers', (
  select coalesce(jsonb_agg(to_jsonb(a) || jsonb_build_object('at', {_AT.format("a.at")})
    order by a.remark), '[]') from remark_answer a where a.review_id = r.id))
"""  # noqa: S608 - constants of this file
_ANSWERS = _SHA256.format(_SAID)
# What a step hears: the review just made, or what was answered to the one that sent the file back.
HEARD = "case when {0} = 'RESUBMITTED' then " + _ANSWERS + " else " + _REVIEW + " end"

_BOUND_FROM_ARRIVAL = """
exists (select from desk_step s where s.filing_id = r.filing_id and s.kind = 'ARRIVED'
  and s.status is not null)
"""
_QUERIES = (
    f"""
    select format('filing %s is not what it was at its last step', f.id)
    from (select distinct on (filing_id) * from desk_step order by filing_id, pos desc) s
    join ({FILES}) f on f.id = s.filing_id
    where s.status <> f.status or not s.filers <@ f.filers
      or (f.status <> 'CHANGES_REQUESTED' and not f.filers <@ s.filers)
      or (s.file_sha256 is not null and s.file_sha256 is distinct from f.file_sha256)
      or (s.status = 'WITHDRAWN' and s.reason is distinct from f.withdrawal_reason)
    """,  # noqa: S608 - constants
    """
    select format('filing %s was altered before its step %s', filing_id, id)
    from (select s.*, lag(s) over (partition by filing_id order by pos) as before
      from desk_step s) s
    where (before).status is not null and (status is null or not (before).filers <@ filers
      or (kind not in ('RESUBMITTED', 'WITHDRAWN') and (before).status <> 'CHANGES_REQUESTED'
        and not filers <@ (before).filers)
      or ((before).file_sha256 is not null and (before).file_sha256 is distinct from file_sha256
        and not ((before).status = 'CHANGES_REQUESTED' and status <> 'CHANGES_REQUESTED')))
    """,
    f"""
    select format('filing %s: what its step %s heard is not what was said', s.filing_id, s.id)
    from desk_step s left join review r on r.id = s.review_id and r.filing_id = s.filing_id
    where s.review_id is not null
      and (r.id is null or s.review_sha256 is distinct from {HEARD.format("s.kind")})
    """,  # noqa: S608 - constants
    f"""
    select format('filing %s: no step says its review %s', r.filing_id, r.id) from review r
    where {_BOUND_FROM_ARRIVAL} and not exists (select from desk_step s
      where s.review_id = r.id and s.kind in ('RETURNED', 'FOUND_COMPLETE'))
    """,  # noqa: S608 - constants
    f"""
    select distinct format('filing %s: no step says what was answered to %s', r.filing_id, r.id)
    from remark_answer a join review r on r.id = a.review_id
    where {_BOUND_FROM_ARRIVAL} and not exists (select from desk_step s
      where s.review_id = r.id and s.kind = 'RESUBMITTED')
    """,  # noqa: S608 - constants
)


async def altered(connection: "Connection[Record]") -> list[str]:
    """Every sentence about a file, a review or an answer that is not what its steps say. Steps from
    before they said anything say nothing."""
    return [row[0] for query in _QUERIES for row in await connection.fetch(query)]
