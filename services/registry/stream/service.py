"""Links what was committed: the timer behind the public stream and the arrival register."""

from typing import Any

from chassis.chain import seal
from services.registry.stream.repository import LEDGER, PUBLIC


async def link_chains(app: Any) -> int:
    """Seal what both chains have not linked yet; how many things that was."""
    async with app.state.reads.connection() as connection:
        return await seal(connection, PUBLIC) + await seal(connection, LEDGER)
