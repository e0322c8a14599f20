"""One JSON line per request, with its trace id; nothing that names a person."""

import asyncio
import atexit
import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

import orjson
import structlog

from chassis import trace

if TYPE_CHECKING:
    from chassis.noted import Noted

_PHONE = re.compile(r"(?<!\d)(?:\+?221)?[ .-]?[37]\d(?:[ .-]?\d){7}(?!\d)")
_NIN = re.compile(r"(?<!\d)[12](?:[ -]?\d){12,13}(?!\d)")
_SUSPECT = re.compile(r"@|\d(?:[ .-]?\d){8}")  # what each of the three needs at least
_MOST_PARTS: Final = 5_000
_TOGETHER_S: Final = 0.01
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def mask(text: str) -> str:
    """`text` without national ids, telephone numbers and e-mail addresses."""
    if _SUSPECT.search(text) is None:
        return text
    for pattern in (_NIN, _PHONE, _MAIL):
        text = pattern.sub("[masked]", text)
    return text


def _mask_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str) and name not in ("timestamp", "trace_id"):
            event[name] = mask(value)
    return event


def _add_trace(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event.setdefault("trace_id", trace.current() or None)
    return event


class _Lines(logging.Formatter):
    # what libraries say, in the same form; of an error its kind and place alone, for its words may
    # quote what somebody sent
    def format(self, record: logging.LogRecord) -> str:
        said = {
            "event": mask(record.getMessage()),
            "logger": record.name,
            **_failed(record.exc_info),
            "trace_id": trace.current() or None,
            "process": visits.process,
            "level": record.levelname.lower(),
            "timestamp": _instant(),
        }
        return orjson.dumps(said).decode()


def _failed(found: Any) -> dict[str, str]:
    kind, _, trail = found or (None, None, None)
    if kind is None:
        return {}
    frames = [frame for frame, _ in traceback.walk_tb(trail)]
    last = frames[-1] if frames else None
    at = f"{Path(last.f_code.co_filename).name}:{last.f_lineno}" if last else "-"
    return {"error": kind.__name__, "at": at}


def _instant() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


class Visits:
    """The line of each request, as structlog would write it, at a twentieth of the price: those of
    a hundredth of a second are written together. Nothing in them is free text but what is masked.
    """

    def __init__(self) -> None:
        self.process = ""
        self.out: TextIO | None = None  # standard output
        self._lines: list[str] = []
        self._parts: dict[tuple[str, str, int, str | None], str] = {}
        self._end = ""

    def note(self, said: "Noted", seconds: float) -> None:
        """Write soon what `said` tells of a request."""
        if not self._lines:
            self._begin()
        words = (said.method, said.route, said.status, said.client_id)
        part = self._parts.get(words) or self._made(words)
        linked = f',"linked":"{said.linked}"' if said.linked else ""
        told = said.request_id
        # a name that the caller gave it, which is a word of letters, digits, dots and dashes
        named = told if told == said.trace_id else mask(told)
        hundredths = int(seconds * 100_000 + 0.5)  # of a millisecond
        ms = f"{hundredths // 100}.{hundredths // 10 % 10}{hundredths % 10}"
        self._lines.append(
            f'{part}"trace_id":"{said.trace_id}","request_id":"{named}"'
            f',"ms":{ms}{linked}{self._end}'
        )

    def tell(self, fields: dict[str, Any]) -> None:
        """Write a line with these fields soon; none is free text."""
        if not self._lines:
            self._begin()
        self._lines.append(f"{orjson.dumps(fields).decode()[:-1]}{self._end}")

    def _begin(self) -> None:
        asyncio.get_running_loop().call_later(_TOGETHER_S, self.flush)
        # of all that is written together
        more = {"process": self.process, "level": "info", "timestamp": _instant()}
        self._end = f",{orjson.dumps(more).decode()[1:]}"

    def _made(self, words: tuple[str, str, int, str | None]) -> str:
        method, route, status, client = words
        said = {"event": "request", "method": method, "route": route, "status": status,
                "client_id": mask(client) if client else None}  # fmt: skip
        if len(self._parts) >= _MOST_PARTS:
            self._parts.clear()
        made = self._parts[words] = f"{orjson.dumps(said).decode()[:-1]},"
        return made

    def flush(self) -> None:
        """Write it now."""
        lines, self._lines = self._lines, []
        if lines:
            out = self.out or sys.stdout
            out.write("\n".join((*lines, "")))
            out.flush()


visits: Final = Visits()
atexit.register(visits.flush)


def configure(process: str) -> None:
    """Write JSON lines to standard output; libraries' warnings join them."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _add_trace,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask_event,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(process=process)
    visits.process = process
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(_Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[lines], force=True)
    logging.captureWarnings(capture=True)
