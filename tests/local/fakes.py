"""A process that is just enough of a member of the town: `python -m tests.local.fakes [words]`.

It learns its name as the real ones do, from its environment: only its own variables reach it.
"""

import asyncio
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import asyncpg

[NAME] = [name.removesuffix("_KEYS_FILE") for name in os.environ if name.endswith("_KEYS_FILE")]


def told(suffix: str) -> str:
    """One of this process's own variables."""
    return os.environ[f"{NAME}_{suffix}"]


class Answers(BaseHTTPRequestHandler):
    """`/health/ready` asks the database; everything else shows the environment."""

    def do_GET(self) -> None:
        """Answer 200 with the process id and the variables, or 503 if the database is away."""
        try:
            asyncio.run(run("select 1"))
        except (OSError, asyncpg.PostgresError):
            self.send_response(503)
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"pid": os.getpid(), **os.environ}).encode())


async def run(sql: str, url: str = "DATABASE_URL") -> None:
    """Run one statement in this process's database."""
    connection = await asyncpg.connect(told(url), timeout=5)
    await connection.execute(sql)
    await connection.close()


def main(words: list[str]) -> None:
    """Serve, or do as the real ones do with `prepare` and `accounts <file>`."""
    match words:
        case ["prepare"]:
            made = "create table if not exists prepared (at timestamptz default now())"
            for sql in (made, "insert into prepared default values"):
                asyncio.run(run(sql, "OWNER_URL"))
        case ["accounts", path]:
            Path(path).write_text(json.dumps({"base_url": told("PUBLIC_URL")}))
        case _:
            ThreadingHTTPServer((told("HOST"), int(told("PORT"))), Answers).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
