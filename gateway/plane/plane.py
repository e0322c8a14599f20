"""What every request for a service meets: who comes, how often, where to, and what is said to all.

The state of one process; `passage` asks, and is answered at once or by awaiting.
"""

import asyncio
from typing import Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import Response

from chassis import edge
from chassis.answers import render
from chassis.errors import Problem, Unauthenticated
from chassis.origin import Origin
from chassis.turn import Turn
from gateway.cors import Origins
from gateway.limits.addresses import Addresses
from gateway.limits.limits import Holder, Limits, Ticket
from gateway.limits.unchanged import counted_as
from gateway.plane.headers import Headers, Outward
from gateway.plane.manner import Manner
from gateway.plane.passports import Passport, Passports
from gateway.plane.question import Question
from gateway.plane.sayings import Sayings
from gateway.settings import GatewaySettings
from gateway.store.store import Store
from gateway.upstreams.routing import Routing
from gateway.upstreams.upstream import Upstream

# how many requests an address carries at once is decided before it is asked
_UNBOUNDED: Final = 100_000
_LOOK_S: Final = 0.1


class Dated(Protocol):
    """What has a deadline, in the loop's time."""

    deadline: float

    def late(self) -> None:
        """It has passed."""


class Watch:
    """One timer for all deadlines: a timer for each request would cost more than its head."""

    def __init__(self) -> None:
        self._all: set[Dated] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0

    def __len__(self) -> int:
        return len(self._all)

    def add(self, one: Dated) -> None:
        """Look after this."""
        self._all.add(one)
        if self._timer is None:
            self._look_later(asyncio.get_running_loop())

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._due = loop.time() + _LOOK_S
        self._timer = loop.call_at(self._due, self._look)

    def discard(self, one: Dated) -> None:
        """No more."""
        self._all.discard(one)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        # a turn of ours that took long is nobody's delay: what came meanwhile lies unread
        lost_s = now - self._due
        if lost_s > _LOOK_S:
            for one in self._all:
                one.deadline += lost_s
        self._timer = None
        if self._all:
            self._look_later(loop)
        for one in [one for one in self._all if one.deadline <= now]:
            one.late()


class Plane:
    """The data plane of one process."""

    def __init__(
        self,
        app: Any,
        *,
        routing: Routing,
        limits: Limits,
        passports: Passports,
        addresses: Addresses,
        store: Store | None,
    ) -> None:
        settings: GatewaySettings = app.state.settings
        self.routing, self.limits, self.passports = routing, limits, passports
        self.max_body_bytes = settings.upstream_body_bytes
        self.store = store
        self.watch = Watch()
        self._app, self._addresses = app, addresses
        self._pages = Origins(settings.cors_origins)
        is_https = settings.public_url.startswith("https://")
        self.outward = Outward(edge.protection(is_https=is_https))
        self._connect_s = settings.upstream_connect_s
        self._origins: dict[str, Origin] = {}
        self._turn: Turn | None = None
        self._manners: dict[tuple[str, str], Manner] = {}
        self.sayings = Sayings()
        self._dated: tuple[object, bytes] = (None, b"")

    async def close(self) -> None:
        """Close every connection to a service."""
        for origin in self._origins.values():
            await origin.close()

    @property
    def turn(self) -> Turn:
        """What is written in this turn of the loop, to callers and to services."""
        if self._turn is None:
            self._turn = Turn()
        return self._turn

    # Where to.

    def upstream(self, question: Question) -> Upstream:
        """The service that answers."""
        return self.routing.upstreams[question.way.service]

    def origin(self, url: str) -> Origin:
        """The connections to one of its addresses."""
        found = self._origins.get(url)
        if found is None:
            found = self._origins[url] = Origin(url, _UNBOUNDED, self._connect_s, self.turn)
        return found

    def manner(self, question: Question) -> Manner:
        """How it is treated."""
        key = question.method, question.way.path
        found = self._manners.get(key)
        if found is None:
            found = self._manners[key] = Manner(*key, self.routing.patience)
        return found

    # Who comes.

    def at_hand(self, question: Question) -> tuple[Passport | None, bytes | None] | None:
        """Who calls, and the letter that says so to the service; None if that must be awaited."""
        if self.limits.shared is not None:
            return None
        if not question.said.token:
            return None, None
        return self.passports.at_hand(question.said.token, question.way.service)

    async def identified(self, question: Question) -> tuple[Passport | None, Problem | None]:
        """Who calls; or why we do not believe it, which is said when it has been counted."""
        if not question.said.token:
            is_wrong = question.said.token is not None
            return None, Unauthenticated(reason="invalid") if is_wrong else None
        try:
            return await self.passports.passport(question.said.token), None
        except Problem as refusal:
            return None, refusal

    async def letter(self, question: Question) -> bytes | None:
        """An internal token for the service."""
        if not question.said.token:
            return None
        return (await self.passports.letter(question.said.token, question.way.service)).encode()

    # How often.

    def ticket(
        self, question: Question, manner: Manner, passport: Passport | None, client: Any
    ) -> Ticket:
        """One request of whoever holds this, not yet counted."""
        if passport is None:
            scope = {"client": client, "headers": question.said.headers}
            holder = Holder(self._addresses.of(scope))
        elif passport.holder is None:
            tier = self.limits.known_tier(passport.tier)
            holder = passport.holder = Holder(passport.caller.principal, tier, is_known=True)
        else:
            holder = passport.holder
        is_known = passport is not None
        return self.limits.ticket(holder, manner.route_class(question.target, is_known=is_known))

    async def counted(self, ticket: Ticket) -> None:
        """Count it, with the other gateways if there are any."""
        if self.limits.shared is None:
            ticket.take()
        else:
            await ticket.take_shared()

    # What is said.

    def dated(self, headers: Headers) -> bytes:
        """The lines that the server says on every answer; it makes new ones each second."""
        seen, lines = self._dated
        if seen is not headers:
            lines = b"".join(b"%b: %b\r\n" % pair for pair in headers)
            self._dated = headers, lines
        return lines

    def head(
        self, question: Question, status: int, headers: Headers, *, ticket: Ticket | None
    ) -> tuple[list[bytes], bool]:
        """The head of an answer in pieces, without its framing; whether it says its length."""
        lines, said = self.outward.lines(headers, status)
        lines += (b"x-request-id: ", question.request_id, b"\r\n", self.outward.missing(said),
                  self._pages.lines(question.said.origins))  # fmt: skip
        if ticket is not None:
            # most answers are no 304, and every one pays for this
            seen = counted_as(status, question.said.headers) if status == 304 else status
            policies, state = ticket.said(seen)
            lines += (b"ratelimit-policy: ", policies, b"\r\nratelimit: ", state, b"\r\n")
        return lines, bool(said & Outward.LENGTH)

    def rendered(self, question: Question, problem: Problem) -> Response:
        """A refusal, in the caller's language."""
        scope: dict[str, Any] = {
            "type": "http",
            "app": self._app,
            "headers": question.said.headers,
            "trace_id": question.trace_id,
        }
        return render(Request(scope), problem)
