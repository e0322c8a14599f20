"""Links what was committed, and signs where the chains stand: the timers behind both."""

from typing import Any

from chassis.chain import seal
from chassis.sealing import Seal, seal_checkpoint
from services.registry.stream.repository import CHAINS, PUBLIC


async def link_public(app: Any) -> int:
    """Link what the world is told; how many things that was."""
    async with app.state.reads.connection() as connection:
        return await seal(connection, PUBLIC)


async def link_rest(app: Any) -> int:
    """Link what was added to the chains that nobody waits for."""
    linked = 0
    async with app.state.reads.connection() as connection:
        for chain in CHAINS.values():
            linked += await seal(connection, chain) if chain is not PUBLIC else 0
    return linked


async def link_chains(app: Any) -> int:
    """Link what no chain has linked yet."""
    return await link_public(app) + await link_rest(app)


async def sign_checkpoints(app: Any) -> int:
    """Sign where each chain stands, when it is time; how many were signed."""
    keys = {key["kid"]: key for key in app.state.keys.public()}
    using = Seal(app.state.signer, keys, app.state.settings.checkpoints)
    async with app.state.reads.connection() as connection:
        return sum([await seal_checkpoint(connection, each, using) for each in CHAINS.values()])
