"""The next migration of a service, written against a database of its own at the newest revision."""

import asyncio
import subprocess
import sys

from local.databases import own_databases
from local.errors import CannotRun
from local.members import MEMBERS, ROOT, ensure_key_files, environments
from local.temporary import temporary_cluster


def write_migration(service: str, message: str) -> None:
    """Upgrade an empty database, compare it with the tables, write and format the difference."""
    member = next(member for member in MEMBERS if member.name == service)
    with temporary_cluster() as cluster:
        urls = asyncio.run(own_databases(cluster))
        ports = {each.name: each.port for each in MEMBERS}
        told = environments(MEMBERS, cluster.data, ports, urls)
        ensure_key_files(MEMBERS, told)
        for command in (
            member.command("migrate"),
            [sys.executable, "-m", "chassis.migrate", member.package, message],
        ):
            if subprocess.run(command, env=told[service], cwd=ROOT, check=False).returncode:
                raise CannotRun(f"The migration of {service} was not written.")
    folder = ROOT / member.package.replace(".", "/") / "migrations"
    ruff = [sys.executable, "-m", "ruff"]
    subprocess.run([*ruff, "check", "--quiet", "--select", "I", "--fix", folder], check=True)
    subprocess.run([*ruff, "format", "--quiet", folder], check=True)
