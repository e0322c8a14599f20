"""The command line of a process: `python -m services.registry [prepare|migrate|seed|…]`."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from asyncpg import Connection, Record

from chassis import logs, migrations
from chassis.app import Service, create_app
from chassis.lanes import OPEN
from chassis.privileges import let_in, role_of
from chassis.protocol import raise_file_limit
from chassis.reads import connect
from chassis.rotation import Rotation, RotationRefused
from chassis.server import run

_DEAD = """
select consumer, aggregate, head, tail, last_error, dead_at from event_lane
where dead_at is not null order by dead_at
"""
_RETRY = """
update event_lane set attempts = 0, dead_at = null, due = clock_timestamp()
where consumer = $1 and aggregate = $2 and dead_at is not null
"""
# The consumer still receives the skipped event, marked, so that its sequence stays without a gap.
_SKIP = """
update event_lane set attempts = 0, dead_at = null, due = clock_timestamp(), skips = skips || head
where consumer = $1 and aggregate = $2 and dead_at is not null
"""


def main(define: Callable[[], Service], argv: list[str] | None = None) -> None:
    """Run the command named in `argv`; with none, serve."""
    service = define()
    logs.configure(service.name)
    asked = _parser(service).parse_args(argv)
    if asked.command == "serve":
        serve(create_app(service), service)
    elif asked.command in ("migrate", "seed", "prepare"):
        prepare(service, asked.command)
    elif asked.command == "keys":
        _keys(service, asked)
    elif asked.command in service.commands:
        command = service.commands[asked.command]
        asyncio.run(_with_connection(service, lambda found: command(found, asked.words)))
    else:
        asyncio.run(_dead_letters(service, asked))


def _parser(service: Service) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {service.name}")
    commands = parser.add_subparsers(dest="command")
    parser.set_defaults(command="serve")
    for command, text in (
        ("serve", "answer requests and deliver events (the default)"),
        ("migrate", "bring the database to the newest revision"),
        ("seed", "load reference data; harmless when repeated"),
        ("prepare", "migrate, then seed"),
    ):
        commands.add_parser(command, help=text)
    for name, act in service.commands.items():
        own = commands.add_parser(name, help=(act.__doc__ or "").partition("\n")[0])
        own.add_argument("words", nargs="*")
    keys = commands.add_parser("keys", help="list, rotate or drop the keys that sign")
    keys.add_argument("act", choices=["list", "rotate", "drop"])
    keys.add_argument("kid", nargs="?", help="drop: only this one")
    keys.add_argument("--now", action="store_true", help="do not wait: a key is in wrong hands")
    dead = commands.add_parser("dead-letters", help="events that a consumer kept refusing")
    dead.add_argument("act", choices=["list", "retry", "skip"])
    dead.add_argument("consumer", nargs="?")
    dead.add_argument("aggregate", nargs="?")
    return parser


def serve(app: Any, service: Service) -> None:
    """Answer until SIGTERM, then leave as `chassis/server.py` says."""
    service.protocol.most = raise_file_limit()
    config = uvicorn.Config(
        app,
        host=service.settings.host,
        port=service.settings.port,
        loop="uvloop",
        http=service.protocol,
        ws="none",
        backlog=4_096,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=25,
    )
    run(config, drain_s=service.settings.leaving_s)


def prepare(service: Service, command: str = "prepare") -> None:
    """Migrate, seed, or both."""
    if command in ("migrate", "prepare"):
        migrations.upgrade(service.folder / "migrations", service.settings.owner)
        asyncio.run(_let_in(service))
        asyncio.run(_with_connection(service, partial(open_lanes, service)))
    if command in ("seed", "prepare") and service.seed is not None:
        asyncio.run(_with_connection(service, service.seed))


async def _let_in(service: Service) -> None:
    owner, role = service.settings.owner, role_of(service.settings.database_url)
    if role != role_of(owner):
        await let_in(owner, role, service.append_only, service.expiring)


async def open_lanes(service: Service, connection: "Connection[Record]") -> None:
    """Let those who subscribed since the last deployment hear what was said before."""
    await connection.execute("set statement_timeout = 0")  # it reads the whole log
    for about, consumers in service.outbox.listeners.items():
        await connection.execute(OPEN, about, sorted(consumers))


async def _with_connection(service: Service, act: "Callable[[Connection[Record]], Any]") -> Any:
    connection = await connect(service.settings.database_url)
    try:
        return await act(connection)
    finally:
        await connection.close()


def _keys(service: Service, asked: argparse.Namespace) -> None:
    rotation = Rotation(service.settings.keys_file, service.old_keys)
    try:
        if asked.act == "list":
            said = "\n".join(rotation.lines())
        elif asked.act == "rotate":
            said = rotation.rotate(now=asked.now)
        else:
            said = rotation.drop(asked.kid, now=asked.now)
    except RotationRefused as refusal:
        raise SystemExit(str(refusal)) from refusal
    sys.stdout.write(f"{said}\n")


async def _dead_letters(service: Service, asked: argparse.Namespace) -> None:
    async def act(connection: "Connection[Record]") -> None:
        if asked.act == "list":
            rows = await connection.fetch(_DEAD)
            sys.stdout.writelines(f"{dict(row)}\n" for row in rows)
            return
        sql = _RETRY if asked.act == "retry" else _SKIP
        done = await connection.execute(sql, asked.consumer, asked.aggregate)
        sys.stdout.write(f"{asked.act}: {done.split()[-1]} lane(s)\n")

    await _with_connection(service, act)
