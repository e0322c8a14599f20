"""Whether the databases were prepared by the very files and variables of now.

Preparing what is prepared changes nothing, but starts four processes. A comment on each database
says what it was prepared with; it vanishes with the database, as a file beside would not.
"""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import asyncpg

from local.members import ROOT, Member

_SOURCES = ("chassis", "services", "gateway", "data", "requirements")
_READ = """
select current_database(), shobj_description(oid, 'pg_database')
from pg_database where datname = current_database()
"""


def mark_of(members: Iterable[Member], told: Mapping[str, Mapping[str, str]]) -> str:
    """A digest of names, sizes and times of our files, and of what each process is told."""
    digest = hashlib.sha256()
    for path in sorted(_files()):
        status = path.stat()
        digest.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    for member in members:
        own = {k: v for k, v in told[member.name].items() if k.startswith(member.variable(""))}
        digest.update(repr(sorted(own.items())).encode())
    return f"prepared {digest.hexdigest()}"


def _files() -> Iterable[Path]:
    for folder in _SOURCES:
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                yield path


async def is_marked(urls: Iterable[str], mark: str) -> bool:
    """Whether every database carries this mark."""
    for url in urls:
        connection = await asyncpg.connect(url)
        row = await connection.fetchrow(_READ)
        await connection.close()
        if row[1] != mark:
            return False
    return True


async def put_mark(urls: Iterable[str], mark: str) -> None:
    """Mark every database; one that belongs to another user stays without, and is only slower."""
    for url in urls:
        connection = await asyncpg.connect(url)
        name = await connection.fetchval("select current_database()")
        with suppress(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"COMMENT ON DATABASE \"{name}\" IS '{mark}'")
        await connection.close()
