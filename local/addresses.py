"""Addresses of PostgreSQL that people write, and what is wrong with one, said in a sentence.

No sentence repeats a password, not even a part of one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

import asyncpg
from asyncpg import Connection, Record

from local.errors import CannotRun, first_line

_OLDEST_MAJOR = 16


@dataclass(frozen=True)
class Address:
    """A connection URL and the name of the environment variable that gave it."""

    url: str
    variable: str = "DATABASE_URL"

    @property
    def parts(self) -> SplitResult:
        """The URL taken apart; raises `CannotRun` if it is not one of PostgreSQL."""
        try:
            parts = urlsplit(self.url)
            _ = parts.port
        except ValueError as error:
            raise self.refused("is not an address of PostgreSQL") from error
        if parts.scheme not in ("postgresql", "postgres"):
            raise self.refused("is not an address of PostgreSQL")
        if "@" not in parts.netloc and "@" in f"{parts.path}{parts.query}{parts.fragment}":
            raise self.refused("has a password in which / ? or # is not written as %2F %3F or %23")
        return parts

    @property
    def database(self) -> str:
        """The database that the URL names; if none, `postgres`, which every server has."""
        return unquote(self.parts.path.strip("/")) or "postgres"

    @property
    def user(self) -> str:
        """The user that the URL names."""
        return unquote(self.parts.username or "") or "nobody in particular"

    @property
    def host(self) -> str:
        """Host and port, as far as the URL says them."""
        return self.parts.netloc.rpartition("@")[2] or "the local socket"

    def to(self, database: str) -> "Address":
        """The same server and user, another database."""
        parts = self.parts
        query = f"?{parts.query}" if parts.query else ""
        return Address(f"postgresql://{parts.netloc}/{database}{query}", self.variable)

    def refused(self, reason: str) -> CannotRun:
        """What to raise: the variable, the reason, and how an address looks."""
        return CannotRun(
            f"{self.variable} {reason}; it should look like postgresql://user:password@host:5432/."
        )

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Connection[Record]"]:
        """A connection to it; raises `CannotRun` with the reason if none can be made."""
        connection = await self._connect()
        try:
            yield connection
        finally:
            await connection.close()

    async def _connect(self) -> "Connection[Record]":
        try:
            connection = await asyncpg.connect(self.to(self.database).url, timeout=10)
        except OSError as error:
            reason = _unreachable(error)
            raise self.refused(f"names {self.host}, which cannot be reached: {reason}") from error
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise self.refused(f"has a wrong user ({self.user}) or password") from error
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise self.refused(f"is not accepted by {self.host} ({first_line(error)})") from error
        major = connection.get_server_version().major
        if major < _OLDEST_MAJOR:
            await connection.close()
            raise CannotRun(f"{self.variable} names PostgreSQL {major}; 16 or newer is needed.")
        return connection


def _unreachable(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "no answer within 10 s"
    if "Connect call failed" in str(error):  # asyncio's words, with one try per IP address
        return "nobody listens there"
    return error.strerror or str(error)
