"""A mail server that really speaks SMTP, and misbehaves as a test wishes."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class Received:
    """A letter, as it arrived."""

    sender: str
    recipients: list[str]
    content: bytes
    is_tls: bool
    login: str | None

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=default)


@dataclass
class MailRoom:
    """What the server does; `answers` are given once each, by verb, before the usual ones."""

    context: ssl.SSLContext | None = None
    is_tls_first: bool = False
    login: tuple[str, str] | None = None
    answers: dict[str, list[str]] = field(default_factory=dict)
    pause_s: float = 0.0
    letters: list[Received] = field(default_factory=list)
    port: int = 0

    def says(self, verb: str, usual: str) -> str:
        waiting = self.answers.get(verb)
        return waiting.pop(0) if waiting else usual


class _Talk:
    def __init__(
        self, room: MailRoom, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.room = room
        self.reader = reader
        self.writer = writer
        self.is_tls = room.is_tls_first
        self.user: str | None = None
        self.sender = ""
        self.recipients: list[str] = []

    async def say(self, line: str) -> None:
        await asyncio.sleep(self.room.pause_s)
        self.writer.write(line.encode() + b"\r\n")
        await self.writer.drain()

    async def run(self) -> None:
        await self.say(self.room.says("CONNECT", "220 mail.example.sn ESMTP"))
        while line := await self.reader.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            if verb.upper() == "QUIT":
                await self.say("221 bye")
                return
            await getattr(self, f"on_{verb.lower()}", self.on_other)(rest)

    async def on_other(self, _: str) -> None:
        await self.say("502 what?")

    async def on_ehlo(self, _: str) -> None:
        lines = ["mail.example.sn", "8BITMIME"]
        lines += ["STARTTLS"] if self.room.context and not self.is_tls else []
        lines += ["AUTH PLAIN"] if self.room.login else []
        for line in lines[:-1]:
            self.writer.write(f"250-{line}\r\n".encode())
        await self.say(f"250 {lines[-1]}")

    async def on_starttls(self, _: str) -> None:
        assert self.room.context
        await self.say("220 go ahead")
        await self.writer.start_tls(self.room.context)
        self.is_tls = True

    async def on_auth(self, rest: str) -> None:
        _, _, given = rest.partition(" ")
        _, user, password = base64.b64decode(given).decode().split("\0")
        is_right = (user, password) == self.room.login
        self.user = user if is_right else None
        await self.say("235 welcome" if is_right else "535 no")

    async def on_mail(self, rest: str) -> None:
        self.sender = rest.partition("<")[2].partition(">")[0]
        needs_login = self.room.login and not self.user
        await self.say("530 log in first" if needs_login else self.room.says("MAIL", "250 ok"))

    async def on_rcpt(self, rest: str) -> None:
        self.recipients.append(rest.partition("<")[2].partition(">")[0])
        await self.say(self.room.says("RCPT", "250 ok"))

    async def on_data(self, _: str) -> None:
        await self.say("354 go on")
        lines = []
        while (line := await self.reader.readline()) != b".\r\n":
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        answer = self.room.says("DATA", "250 taken")
        if answer.startswith("250"):
            content = b"".join(lines)
            self.room.letters.append(
                Received(self.sender, self.recipients, content, self.is_tls, self.user)
            )
        await self.say(answer)


@asynccontextmanager
async def mail_room(room: MailRoom, port: int = 0) -> AsyncIterator[MailRoom]:
    """A server of its own on a port of its own."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, ssl.SSLError, TimeoutError):
            await _Talk(room, reader, writer).run()
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    context = room.context if room.is_tls_first else None
    server = await asyncio.start_server(talk, "127.0.0.1", port, ssl=context)
    room.port = server.sockets[0].getsockname()[1]
    yield room
    server.close()
    await server.wait_closed()
