"""A town of its own for as long as a trial lasts, on a PostgreSQL of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from contract.refusals import CannotJudge
from local.members import MEMBERS
from local.trial import DidNotStart, trial_town

# a trial leaves nothing in anybody's databases
_SERVERS = dict.fromkeys(["DATABASE_URL", *(m.variable("DATABASE_URL") for m in MEMBERS)], "")


@contextmanager
def running_town() -> Iterator[tuple[str, Path]]:
    """The town's address and the file with its demo accounts."""
    with TemporaryDirectory() as folder:
        try:
            with trial_town(Path(folder), **_SERVERS) as town:
                yield town.origin, town.accounts
        except DidNotStart as error:
            raise CannotJudge(f"The town did not start:\n{error}") from error
