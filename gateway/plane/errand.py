"""A request for a service, whichever of its addresses will be asked."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from chassis.errors import MalformedRequest
from gateway.plane.headers import Headers
from gateway.upstreams.attempts import Attempts
from gateway.upstreams.budget import Asked
from gateway.upstreams.patience import DEADLINE, Patience
from gateway.upstreams.priorities import Priority
from gateway.upstreams.upstream import Upstream


@dataclass(frozen=True)
class Errand:
    """What is sent, and how urgent and how patient it is."""

    upstream: Upstream
    priority: Priority
    patience: Patience
    method: str
    target: bytes
    headers: Headers

    def attempts(self, *, is_held: bool) -> Attempts:
        """A place at the service, or its refusal."""
        is_keyed = any(name == b"idempotency-key" for name, _ in self.headers)
        return Attempts(self.upstream, self.priority, Asked(self.method, is_keyed, is_held))

    def request(self, url: str, stream: httpx.AsyncByteStream, *, is_held: bool) -> httpx.Request:
        """The request for one address; a transport that can sends the bytes of `target` itself."""
        try:
            address = httpx.URL(url).copy_with(raw_path=self.target)
        except httpx.InvalidURL as error:
            raise MalformedRequest() from error
        told = [
            (b"host", urlsplit(url).netloc.encode()),
            (DEADLINE, self.patience.deadline(is_held=is_held)),
        ]
        return httpx.Request(
            self.method,
            address,
            headers=[*self.headers, *told],
            stream=stream,
            extensions={
                "target": self.target,
                "timeout": {"pool": self.patience.connect_s},
                "is_once": True,  # whether to ask again is decided here
            },
        )
