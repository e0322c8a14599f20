"""Sends a shape through one door and says what happened, as facts that can be compared."""

import hashlib
import re
import socket
from contextlib import suppress
from dataclasses import dataclass
from time import sleep

from tests.compare.service import PROBE, Reader, Seen, Service, chunks, fields
from tests.compare.shape import Shape, ask

Facts = dict[str, str]
_PATIENCE_S = 10.0
_PAUSE_S = 0.05
_MASKS = [
    (re.compile(r"\b[0-9a-f]{32}\b"), "<id>"),
    (re.compile(r"^00-.*-.*-0\d$"), "<trace>"),
    (re.compile(r"^(service|127\.0\.0\.1:\d+)$"), "<the service>"),
    (re.compile(r"^\w{3}, \d\d \w{3} \d{4} .* GMT$"), "<now>"),
    (re.compile(r"\b(q|r|t|w)=\d+"), r"\1=…"),
]


@dataclass
class Answer:
    """One answer as the caller sees it."""

    status: str
    headers: list[tuple[bytes, bytes]]
    framing: str = "none"
    body: bytes = b""
    is_whole: bool = True


def tried(shape: Shape, port: int, service: Service) -> Facts:
    """What becomes of `shape` behind that port."""
    service.begin(shape.act)
    with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S) as wire:
        _send(wire, shape)
        reader = Reader(wire)
        answers = _answers(reader, shape)
        fate = _fate(wire, reader, answers, shape)
        sleep(_PAUSE_S)
    # who closes without an answer may be asked again, or not: it depends on what was open before
    seen = service.seen[:1] if shape.act.closes else list(service.seen)
    facts = {"answers": " ".join(_word(one) for one in answers) or "none", "connection": fate}
    facts |= _forth(seen) | _back([one for one in answers if one.status[0] != "1"], seen)
    return facts


def soothed(port: int) -> None:
    """Ask that door for what works until it does, so that one broken answer is judged alone and not
    as the last of many."""
    good = 0
    for _ in range(300):
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE_S) as wire:
            wire.sendall(ask(target=PROBE))
            good += _answer(Reader(wire), is_head=False).body == b"probe"
        if good >= 10:
            return
        sleep(0 if good else _PAUSE_S)
    raise RuntimeError("the door does not recover")


def _send(wire: socket.socket, shape: Shape) -> None:
    wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with suppress(OSError):  # the other side may have heard enough
        for number, piece in enumerate(shape.sent):
            sleep(_PAUSE_S if number and len(shape.sent) < 10 else 0)
            wire.sendall(piece)
        if shape.ends:
            wire.shutdown(socket.SHUT_WR)


def _answers(reader: Reader, shape: Shape) -> list[Answer]:
    found: list[Answer] = []
    wanted = shape.answers
    with suppress(OSError, EOFError, ValueError):
        while wanted:
            is_first = not any(one.status[0] != "1" for one in found)
            found.append(_answer(reader, is_head=shape.is_head and is_first))
            wanted -= found[-1].status[0] != "1" or found[-1].status == "101"
    return found


def _answer(reader: Reader, *, is_head: bool) -> Answer:
    head = reader.until(b"\r\n\r\n")
    answer = Answer(head.split(b" ")[1].split(b"\r")[0].decode(), fields(head))
    named = {name.lower(): value for name, value in answer.headers}
    is_bare = is_head or answer.status[0] == "1" or answer.status in ("204", "304")
    try:
        if b"transfer-encoding" in named:
            answer.framing = "chunks"
            answer.body = b"" if is_bare else chunks(reader)
        elif b"content-length" in named:
            answer.framing = "length"
            answer.body = b"" if is_bare else reader.exactly(int(named[b"content-length"]))
        elif not is_bare:
            answer.framing, answer.body = "until the end", reader.rest()
    except (EOFError, OSError, ValueError):
        answer.is_whole = False
    return answer


def _word(answer: Answer) -> str:
    return answer.status if answer.is_whole else f"{answer.status} (broken off)"


def _fate(wire: socket.socket, reader: Reader, answers: list[Answer], shape: Shape) -> str:
    if shape.ends:
        return "ended by the caller"
    if len([one for one in answers if one.status[0] != "1"]) < shape.answers:
        return "cut" if _is_ended(wire) else "silent"
    with suppress(OSError, EOFError, ValueError, IndexError):
        wire.sendall(ask(target=PROBE))
        return "kept" if _answer(reader, is_head=False).body == b"probe" else "MIXED"
    return "closed"


def _is_ended(wire: socket.socket) -> bool:
    try:
        wire.settimeout(0.2)
        return not wire.recv(1)
    except TimeoutError:
        return False
    except OSError:
        return True


def _forth(seen: list[Seen]) -> Facts:
    facts = {"requests behind": str(len(seen))}
    for number, one in enumerate(seen):
        place = f" {number + 1}" if number else ""
        facts[f"line{place} behind"] = repr(one.line)[2:-1]
        facts[f"body{place} behind"] = f"{one.framing}: {_told(one.body)}"
        facts |= _fields(f"forth{place}", one.headers, len(seen) == 1)
        is_spelt = any(name != name.lower() for name, _ in one.headers)
        facts["spelling of names behind"] = "kept" if is_spelt else "in lower case"
    return facts


def _back(answers: list[Answer], seen: list[Seen]) -> Facts:
    facts: Facts = {}
    for number, one in enumerate(answers[: max(len(seen), 1)]):
        place = f" {number + 1}" if number else ""
        # what a door says of its own accord is its own matter: who needs to read it reads a status
        is_own = not seen or (one.status[0] in "45" and one.body != b"no")
        facts[f"answer{place}"] = "its own" if is_own else f"{one.framing}: {_told(one.body)}"
        if not is_own:
            facts |= _fields(f"back{place}", one.headers, number == 0)
    return facts


def _fields(way: str, headers: list[tuple[bytes, bytes]], is_told: bool) -> Facts:
    found: dict[str, list[str]] = {}
    for name, value in headers if is_told else []:
        lowered = name.decode("latin-1").lower()
        found.setdefault(f"{way} {lowered}", []).append(_masked(value))
    return {name: " | ".join(values) for name, values in found.items()}


def _masked(value: bytes) -> str:
    text = repr(value)[2:-1] if len(value) < 200 else f"{len(value)} bytes"
    for mask, word in _MASKS:
        text = mask.sub(word, text)
    return text


def _told(body: bytes) -> str:
    if len(body) <= 60:
        return repr(body)[2:-1]
    return f"{len(body)} bytes, {hashlib.sha256(body).hexdigest()[:12]}"
