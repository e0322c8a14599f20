"""On what a decision stands: its row, the reviews before it, the certificate that it issued.

Their digest stands in the line that the decision leaves in the ledger, and the line in a chain: who
edits a reason, a review or a certificate afterwards, or takes one away, no longer agrees with it.
"""

from typing import Any

import orjson

from chassis.canonical import canonical, sha256

# Instants are written in one way, whatever time zone a connection has.
_AT = (
    "jsonb_build_object('{0}', to_char({1}.{0} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'))"
)
SQL = f"""
select d.filing_id, jsonb_build_object(
    'decision', to_jsonb(d) || {_AT.format("at", "d")},
    'reviews', (select coalesce(jsonb_agg(to_jsonb(r) || {_AT.format("at", "r")}
      order by r.at, r.id), '[]') from review r where r.filing_id = d.filing_id),
    'certificates', (select coalesce(jsonb_agg(to_jsonb(c) || {_AT.format("issued_at", "c")}
      order by c.id), '[]') from certificate c where c.filing_id = d.filing_id)
  )::text as grounds
from decision d
"""  # noqa: S608 - constants of this file


def digest(grounds: str) -> str:
    """The SHA-256 of the grounds as canonical JSON. What a row does not say is left out, so that a
    column that is added later changes no digest from before."""
    said = orjson.loads(grounds)
    rows = {name: _told(value) for name, value in said.items()}
    return sha256(canonical(rows))


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [_told(one) for one in value]
    return {name: it for name, it in value.items() if it is not None}
