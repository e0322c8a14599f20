"""Writers that never give up: the same act under the same key until its answer is known."""

import asyncio
import random
from typing import Any
from uuid import uuid4

import httpx

from chassis.http import create_client
from tests.soak.ledger import Ledger
from tests.town import Identity, Town

_PAUSE_S = 0.05


class Writers:
    """Concurrent callers of the teller."""

    def __init__(self, town: Town, address: str, ledger: Ledger, *, aggregates: int) -> None:
        self._town = town
        self._address = address
        self._ledger = ledger
        self._aggregates = aggregates
        self._notes: list[str] = []
        self._who = Identity(scope="notes:write")
        self._client = create_client()

    async def write(self, acts: int, concurrency: int) -> None:
        """Do `acts` acts, and return when every one was acknowledged."""
        left = iter(range(acts))

        async def writer() -> None:
            for _ in left:
                await self._act()

        await asyncio.gather(*(writer() for _ in range(concurrency)))

    async def leave(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def _act(self) -> None:
        if len(self._notes) < self._aggregates:
            made = await self._insist("/v1/notes")
            self._notes.append(made["id"])
        else:
            await self._insist(f"/v1/notes/{random.choice(self._notes)}/amendments")

    async def _insist(self, path: str) -> dict[str, Any]:
        key = uuid4().hex
        while True:
            answer = await self._try(path, key)
            if answer is not None:
                self._ledger.note(key, f"note/{answer['id']}", answer["version"])
                return answer
            await asyncio.sleep(random.uniform(_PAUSE_S, 2 * _PAUSE_S))

    async def _try(self, path: str, key: str) -> dict[str, Any] | None:
        token = self._town.token(self._who, "teller")
        headers = {"Idempotency-Key": key, "Authorization": f"Bearer {token}"}
        try:
            answer = await self._client.post(
                f"{self._address}{path}", json={"title": key}, headers=headers
            )
        except httpx.HTTPError:
            self._ledger.answers["no answer"] += 1
            return None
        self._ledger.answers[str(answer.status_code)] += 1
        self._ledger.answers["replayed"] += "idempotency-replayed" in answer.headers
        return dict(answer.json()) if answer.status_code == 201 else None
