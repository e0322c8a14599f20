"""A gate in front of the database: a few at a time, the others in order of arrival.

The pool refuses who has waited for a second. Exchanges that come in bursts, such as five tries with
one code, each wait for the row of the same code; they must not use up everybody's connections, nor
be refused for having come together.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.errors import DatabaseUnavailable


class Gate:
    """Lets `places` in at once; 503 for who has waited too long."""

    def __init__(self, places: int, patience_s: float) -> None:
        self._places = asyncio.Semaphore(places)
        self._patience_s = patience_s

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for the block."""
        try:
            async with asyncio.timeout(self._patience_s):
                await self._places.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailable() from error
        try:
            yield
        finally:
            self._places.release()
