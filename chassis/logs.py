"""One JSON line per request, with its trace id; nothing that names a person."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_PHONE = re.compile(r"(?<!\d)(?:\+?221)?[ .-]?[37]\d(?:[ .-]?\d){7}(?!\d)")
_NIN = re.compile(r"(?<!\d)[12](?:[ -]?\d){12,13}(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def mask(text: str) -> str:
    """`text` without national ids, telephone numbers and e-mail addresses."""
    for pattern in (_NIN, _PHONE, _MAIL):
        text = pattern.sub("[masked]", text)
    return text


def _mask_event(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str) and name not in ("timestamp", "trace_id"):
            event[name] = mask(value)
    return event


def configure(process: str) -> None:
    """Write JSON lines to standard output; libraries' warnings join them."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
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
    logging.basicConfig(level=logging.WARNING, stream=sys.stdout, format="%(message)s", force=True)
