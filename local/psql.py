"""A terminal on one of the town's databases."""

import os
import shutil
from pathlib import Path
from urllib.parse import unquote

from local.addresses import Address
from local.binaries import find_binaries
from local.databases import name_of
from local.errors import CannotRun
from local.folder import MARK
from local.plan import Plan
from local.postgres import Cluster


def open_psql(plan: Plan, service: str) -> None:
    """Become psql on the database of `service`; does not return."""
    address = _address(plan, service)
    parts = address.parts
    # The command line of a process is public, its environment is not.
    password = unquote(parts.password or "")
    netloc = parts.netloc.replace(f":{parts.password}@", "@") if parts.password else parts.netloc
    url = parts._replace(netloc=netloc).geturl()
    program = _program()
    os.execve(program, [program, url], {**os.environ, "PGPASSWORD": password})  # noqa: S606


def _address(plan: Plan, service: str) -> Address:
    if service in plan.given:
        return plan.given[service]
    name = name_of(service)
    if plan.server:
        return plan.server.to(name)
    cluster = Cluster(plan.folder)
    if not (plan.folder / MARK).exists() or not cluster.answers():
        raise CannotRun(f"No town runs in {plan.folder}: start one with make run.")
    return Address(cluster.url(name, name))


def _program() -> str:
    ours: Path = find_binaries() / "psql"
    found = str(ours) if ours.exists() else shutil.which("psql")
    if found is None:
        raise CannotRun("There is no psql here; on Debian it is in postgresql-client.")
    return found
