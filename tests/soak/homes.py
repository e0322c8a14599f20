"""What each process of the chaos run does."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import uvicorn
from asyncpg import Record
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from chassis import logs, serve
from chassis.app import create_app
from chassis.db import Database, create_engine
from chassis.deliverer import Deliverer
from chassis.http import create_client
from chassis.jose import Signer
from chassis.keys import KeyFile
from chassis.reads import Reads
from chassis.settings import Settings
from tests.chassis.village import hearer, teller


def writer(settings: Settings) -> None:
    """The teller: answers requests, delivers nothing."""
    logs.configure("teller")
    service = teller.define(settings)
    serve.serve(create_app(service), service)


def consumer(settings: Settings) -> None:
    """The hearer."""
    logs.configure("hearer")
    service = hearer.define(settings)
    serve.serve(create_app(service), service)


def gateway(keys_file: Path, port: int) -> None:
    """Publishes the keys with which callers' tokens are signed."""
    published = {"keys": KeyFile(keys_file).public()}

    async def jwks(_: Any) -> JSONResponse:
        return JSONResponse(published)

    app = Starlette(routes=[Route("/internal/v1/jwks", jwks)])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def carrier(settings: Settings, journal: Path, fatal_push: int) -> None:
    """A deliverer on its own; it dies at its `fatal_push`-th push (never, if 0)."""
    logs.configure("deliverer")
    asyncio.run(_carry(settings, journal, fatal_push))


async def _carry(settings: Settings, journal: Path, fatal_push: int) -> None:
    reads = Reads(settings.database_url, 3)
    signer = Signer(KeyFile(settings.keys_file).current)
    mortal = Mortal(settings, "teller", "hearer", reads=reads, signer=signer)
    mortal.journal, mortal.pushes_left = journal, fatal_push
    await mortal.run(Database(create_engine(settings)), create_client())


class Mortal(Deliverer):
    """Dies, if it must, in the worst moment: the consumer has committed, the lane knows nothing."""

    journal: Path
    pushes_left: int

    async def _settle(self, rows: Sequence[Record], answer: Mapping[str, Any]) -> None:
        if "applied" in answer:
            self.pushes_left -= 1
            if self.pushes_left == 0:
                self._die(len(rows))
        await super()._settle(rows, answer)

    def _die(self, events: int) -> None:
        with self.journal.open("a", encoding="ascii") as journal:
            journal.write(f"{events}\n")
        os.kill(os.getpid(), signal.SIGKILL)
