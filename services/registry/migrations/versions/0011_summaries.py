"""Keep beside each cooperative what a list shows of it, in the bytes that the wire shows.

Made by PostgreSQL itself from the columns, so that it can never say anything else than they do. The
function is as immutable as it says: JSON spells dates in one way, whatever a session prefers.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_SHOWN = (
    "id, registration_number, name, legal_form, life, legal_registration, cps_status,"
    " commune_code, path, sector_codes, cps_tags, members_count, women_count, registered_on,"
    " version"
)
_FUNCTION = """
create function cooperative_summary(
  id uuid, registration_number text, name text, legal_form text, life text,
  legal_registration text, cps_status text, commune_code text, path text[], sector_codes text[],
  cps_tags text[], members_count int, women_count int, registered_on date, version int
) returns text language sql immutable parallel safe as $$
  select row_to_json(shown)::text from (
    select id, registration_number, name, legal_form, life, legal_registration, cps_status,
      commune_code, path[cardinality(path) - 1] as region_code, sector_codes, cps_tags,
      members_count, women_count, registered_on, version
  ) shown
$$
"""


def upgrade() -> None:
    """Add the function and the column; the table is written anew."""
    op.execute(_FUNCTION)
    op.execute(
        "alter table cooperative add column summary text"
        f" generated always as (cooperative_summary({_SHOWN})) stored"
    )


def downgrade() -> None:
    """Drop both."""
    op.execute("alter table cooperative drop column summary")
    op.execute("drop function cooperative_summary")
