"""counts that no list stated stay so"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# Records whose list stated no total said how many members were named, as if these were all. The
# register says so no longer; that it did is kept.
STEPS = (
    """
    create temporary table no_total on commit drop as
    select v.*, clock_timestamp() as at from cooperative_version v
    join effect e on e.cooperative_id = v.cooperative_id and e.revision = 1
    where upper_inf(v.recorded) and v.public ->> 'members_count' is not null
      and v.public ->> 'affiliates' is null
      and e.changes @> '[{"key": "stated_counts", "value": {"members": null}}]'
    """,
    """
    update cooperative_version v set recorded = tstzrange(lower(v.recorded), n.at, '[)')
    from no_total n where n.id = v.id
    """,
    """
    insert into cooperative_version (id, cooperative_id, revision, filing_id, valid, recorded, public)
    select gen_random_uuid(), cooperative_id, revision, filing_id, valid,
      tstzrange(at, null, '[)'),
      public || '{"members_count": null, "women_count": null, "men_count": null,
        "sex_not_stated_count": null}'
    from no_total
    """,
    """
    update cooperative set members_count = null, women_count = null, men_count = null
    where id in (select cooperative_id from no_total where upper_inf(valid))
    """,
    "drop table no_total",
)


def upgrade() -> None:
    for step in STEPS:
        op.execute(step)


def downgrade() -> None:
    """What was said of these records before is not said again: it was not so."""
