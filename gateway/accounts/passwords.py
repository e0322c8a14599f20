"""Passwords of persons: argon2id, in a thread, two at a time."""

import asyncio

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from gateway.accounts.password_rules import normal

# OWASP's memory (19 MiB) with four passes: about 60 ms. Fifty sign-ins at once, each with its
# memory and its core, would otherwise take the machine down.
_HASHER = PasswordHash((Argon2Hasher(time_cost=4, memory_cost=19_456, parallelism=1),))
_AT_ONCE = 2


class Passwords:
    """Makes and checks password hashes without holding up the loop."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._decoy = _HASHER.hash("nobody has this password", salt=b"nobody, nowhere ")

    async def hash(self, password: str) -> str:
        """What is stored of a password."""
        async with self._places:
            return await asyncio.to_thread(_HASHER.hash, normal(password))

    async def holds(self, password: str, stored: str | None) -> bool:
        """Whether it is the password; None, for an unknown person, takes as long and is False."""
        async with self._places:
            given, kept = normal(password), stored or self._decoy
            is_right = await asyncio.to_thread(_HASHER.verify, given, kept)
        return is_right and stored is not None
