"""A PostgreSQL for one errand: in a temporary folder, gone afterwards."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.folder import open_folder, remove_folder
from local.postgres import Cluster


@contextmanager
def temporary_cluster() -> Iterator[Cluster]:
    """A running cluster that lasts as long as the block."""
    folder = Path(tempfile.mkdtemp(prefix="mboolo-"))
    if os.geteuid() == 0:
        folder.chmod(0o711)  # the user who runs PostgreSQL must pass through
    try:
        with Cluster(open_folder(folder)).running() as cluster:
            yield cluster
    finally:
        remove_folder(folder)
