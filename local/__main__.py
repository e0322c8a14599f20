"""`python -m local up|prepare|db|verify|migration|backup|restore|clean`: a town on one machine."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import asyncpg
from dotenv import load_dotenv

from local.backup import back_up, restore
from local.databases import SERVICES
from local.endings import end_orderly
from local.errors import CannotRun, sentence
from local.folder import remove_folder
from local.members import MEMBERS, ROOT, Member
from local.migration import write_migration
from local.plan import read_plan
from local.psql import open_psql
from local.town import Town
from local.verify import verify


def main(words: Sequence[str] | None = None, members: tuple[Member, ...] = MEMBERS) -> int:
    """Do what the command line says; returns the exit code. A failure is one sentence."""
    asked = _parser().parse_args(words)
    load_dotenv(ROOT / ".env")
    end_orderly()
    try:
        _do(asked, members)
    except KeyboardInterrupt:
        print("Stopped.", flush=True)
        return 0 if asked.command == "up" else 130
    except CannotRun as refusal:
        return _fail(str(refusal))
    except (OSError, asyncpg.PostgresError) as error:
        return _fail(sentence(error))
    return 0


def _do(asked: argparse.Namespace, members: tuple[Member, ...]) -> None:
    if asked.command == "migration":
        write_migration(asked.service, asked.message)
        return
    plan = read_plan(demo=asked.command == "up")
    acts: dict[str, Callable[[], None]] = {
        "up": lambda: Town(plan, members).up(),
        "prepare": lambda: Town(plan, members).prepare(),
        "db": lambda: open_psql(plan, asked.service),
        "verify": lambda: verify(plan, asked.words),
        "backup": lambda: back_up(plan, asked.folder),
        "restore": lambda: restore(plan, asked.folder),
        "clean": lambda: remove_folder(plan.folder),
    }
    acts[asked.command]()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start the town and keep it alive until Ctrl-C")
    commands.add_parser("prepare", help="make databases, keys and reference data, start no server")
    commands.add_parser("clean", help="remove the data folder with all that was stored")
    db = commands.add_parser("db", help="open psql on a database of the running town")
    db.add_argument("service", nargs="?", choices=SERVICES, default="registry")
    check = commands.add_parser("verify", help="check the ledger of the running town")
    check.add_argument("words", nargs=argparse.REMAINDER)
    migration = commands.add_parser("migration", help="write the next migration of a service")
    migration.add_argument("service", choices=SERVICES)
    migration.add_argument("message")
    for command, text in (("backup", "copy the running town"), ("restore", "begin from a copy")):
        copy = commands.add_parser(command, help=text)
        copy.add_argument("folder", type=Path)
    return parser


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
