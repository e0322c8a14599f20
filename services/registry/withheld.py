"""What the public stream does not say of an event."""

# What the public stream leaves out: who stands behind a cooperative, and counts from which its few
# members could be recognised. It says what the public register says, and no more.
WITHHELD = frozenset(
    {
        "organisation_id",
        "initiative_id",
        "youth_count",
        "age_not_stated_count",
        "has_woman_president",
    }
)
