"""Callers who send what nobody else sends, leave when they like, and know their own answer:
`python -m tests.soak.askers PORT COUNT SEED TOKENS` writes what they saw as lines of JSON."""

import asyncio
import json
import random
import sys
from asyncio import StreamReader, StreamWriter
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import uvloop

_AT_ONCE = 48
_PATIENCE_S = 60.0
_WAYS = ["plain", "plain", "plain", "plain", "chunks", "late", "halves"]
_SAY_S = 2.0
_BROKEN = (OSError, EOFError, ValueError, IndexError, asyncio.IncompleteReadError)


@dataclass(frozen=True)
class Question:
    """A request that is asked once in the world, and its only right answer."""

    name: str
    sub: str
    sent: bytes
    body: bytes


class Asker:
    """All callers of one process."""

    def __init__(self, port: int, count: int, seed: int, tokens: dict[str, str]) -> None:
        self._port = port
        self._left = count
        self._lots = random.Random(seed)
        self._seed = seed
        self._tokens = list(tokens.items())
        self._number = 0
        self.seen: Counter[str] = Counter()
        self.first_fault = ""

    async def run(self) -> None:
        """Ask until all was asked."""
        telling = asyncio.create_task(self._tell())
        await asyncio.gather(*(self._one() for _ in range(_AT_ONCE)))
        telling.cancel()
        self.say()

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(_SAY_S)
            self.say()

    def say(self) -> None:
        """What was seen until now."""
        sys.stdout.write(json.dumps({**self.seen, "fault": self.first_fault}) + "\n")
        sys.stdout.flush()

    async def _one(self) -> None:
        writer: StreamWriter | None = None
        while self._left > 0:
            if writer is None or writer.is_closing():
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
            questions = [self.question() for _ in range(self._lots.choice((1,) * 19 + (3,)))]
            self._left -= len(questions)
            self.seen["asked"] += len(questions)
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    is_over = await self._ask(reader, writer, questions)
            except (TimeoutError, *_BROKEN) as error:
                self._fault("broken", f"{questions[0].name}: {error!r}")
                is_over = True
            if is_over:
                writer.close()

    async def _ask(
        self, reader: StreamReader, writer: StreamWriter, questions: list[Question]
    ) -> bool:
        sent, lot = b"".join(one.sent for one in questions), self._lots.random()
        if lot < 0.02:  # leaves in the middle of what it says
            writer.write(sent[: self._lots.randrange(1, len(sent))])
            return await self._left_early(writer)
        writer.write(sent)
        if lot < 0.04:  # leaves without listening
            return await self._left_early(writer)
        if lot < 0.05:  # leaves in the middle of the answer
            await reader.readexactly(self._lots.randrange(1, 120))
            return await self._left_early(writer)
        for question in questions:
            self._judge(question, await _answer(reader))
        return lot < 0.06  # leaves politely

    async def _left_early(self, writer: StreamWriter) -> bool:
        self.seen["left early"] += 1
        await asyncio.sleep(self._lots.choice((0, 0, 0.002, 0.02)))
        if self._lots.random() < 0.5:
            with suppress(*_BROKEN):
                writer.transport.abort()
        return True

    def question(self) -> Question:
        """The next one."""
        self._number += 1
        name, lots = f"{self._seed}-{self._number}", self._lots
        sub, token = lots.choice(self._tokens)
        head = (
            f"Host: door\r\nAuthorization: Bearer {token}\r\n"
            f"X-Name: {name}\r\nX-Way: {lots.choice(_WAYS)}\r\n"
        )
        if lots.random() < 0.3:
            target = f"/v1/financings/echo?{name}={'q' * lots.randrange(200)}"
            return Question(
                name, sub, f"GET {target} HTTP/1.1\r\n{head}\r\n".encode(), target.encode()
            )
        unit = f"{name}:{lots.random()};".encode()
        body = unit * max(1, int(lots.paretovariate(0.9)) % 3_000)
        line = f"POST /v1/financings/{name} HTTP/1.1\r\n{head}"
        if lots.random() < 0.25:
            cut = lots.randrange(1, len(body))
            pieces = b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in (body[:cut], body[cut:]))
            told = f"{line}Transfer-Encoding: chunked\r\n\r\n".encode()
            return Question(name, sub, told + pieces + b"0\r\n\r\n", body)
        told = f"{line}Content-Length: {len(body)}\r\n\r\n".encode()
        return Question(name, sub, told + body, body)

    def _judge(self, question: Question, answer: tuple[int, dict[str, str], bytes]) -> None:
        status, told, body = answer
        if status != 200:
            self._fault("refused", f"{question.name}: {status} {body[:200]!r}")
        elif (told.get("x-name"), told.get("x-holder"), body) != (
            question.name,
            question.sub,
            question.body,
        ):
            self._fault("mixed", f"{question.name} of {question.sub}: {told} {body[:100]!r}")
        else:
            self.seen["right"] += 1

    def _fault(self, kind: str, what: str) -> None:
        self.seen[kind] += 1
        self.first_fault = self.first_fault or f"{kind}: {what} at {monotonic():.0f}"


async def _answer(reader: StreamReader) -> tuple[int, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip().split("\r\n")
    told = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
    if told.get("transfer-encoding") == "chunked":
        body = b""
        while size := int((await reader.readuntil(b"\r\n")).decode(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
    else:
        body = await reader.readexactly(int(told["content-length"]))
    return int(first.split(" ")[1]), told, body


if __name__ == "__main__":
    asker = Asker(
        int(sys.argv[1]),
        int(sys.argv[2]),
        int(sys.argv[3]),
        json.loads(Path(sys.argv[4]).read_text(encoding="utf-8")),
    )
    uvloop.run(asker.run())
