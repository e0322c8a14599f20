"""`python -m chassis.migrate <package> "<what changed>"`: write the next migration of a service."""

import importlib
import sys

from alembic import command
from alembic.script import ScriptDirectory

from chassis.migrations import config


def main(package: str, message: str) -> None:
    """Compare the tables with the database (at head) and write the difference."""
    service = importlib.import_module(f"{package}.app").define()
    made = config(service.folder / "migrations", service.settings.owner)
    versions = ScriptDirectory.from_config(made).walk_revisions()
    number = f"{sum(1 for _ in versions) + 1:04d}"
    command.revision(made, message=message, autogenerate=True, rev_id=number)


if __name__ == "__main__":
    main(*sys.argv[1:3])
