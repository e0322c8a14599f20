"""Tickets: what a form must bring back unchanged, sealed for one browser and one kind of act.

A hidden field that only this browser can use, for half an hour: nobody can make a person's browser
send a form that we did not show there (CSRF), nor change what the form was about.
"""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

_LIVES_S = 1800


class TicketRefused(Exception):
    """The form is too old, or was not shown in this browser."""


class Tickets:
    """Seals and opens tickets."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.sha256(f"tickets:{secret}".encode()).digest()

    def issue(self, browser: str, act: str, content: dict[str, Any]) -> str:
        """A ticket for the form of `act`, shown in the browser that holds this cookie."""
        body = json.dumps({**content, "until": int(time.time()) + _LIVES_S}).encode()
        return base64.urlsafe_b64encode(self._mac(browser, act, body) + body).decode()

    def read(self, browser: str, act: str, ticket: str) -> dict[str, Any]:
        """What was sealed; `TicketRefused` for another browser, another act, or too late."""
        try:
            raw = base64.urlsafe_b64decode(ticket.encode("ascii"))
        except ValueError as error:
            raise TicketRefused() from error
        mac, body = raw[:32], raw[32:]
        if not hmac.compare_digest(mac, self._mac(browser, act, body)):
            raise TicketRefused()
        content: dict[str, Any] = json.loads(body)
        if content.pop("until") < time.time():
            raise TicketRefused()
        return content

    def mark(self, text: str) -> str:
        """A seal on a cookie of ours, 128 bits."""
        return hmac.new(self._key, f"mark\n{text}".encode(), hashlib.sha256).hexdigest()[:32]

    def _mac(self, browser: str, act: str, body: bytes) -> bytes:
        # the first two hold no newline: no two different triples are the same bytes
        return hmac.digest(self._key, f"{act}\n{browser}\n".encode() + body, "sha256")
