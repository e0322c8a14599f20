"""The layer that counts: in front of the data plane and of the gateway's own routes alike."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.answers import render
from chassis.edge import follow
from chassis.errors import Problem
from gateway.errors import RateLimited
from gateway.limits import classes
from gateway.limits.addresses import Addresses
from gateway.limits.limits import Holder, Limits
from gateway.limits.tiers import RouteClass
from gateway.plane.headers import bearer
from gateway.plane.passports import Passports

PageOf = Callable[[Request, RateLimited], Response | None]


class Counting:
    """Pure ASGI. A token is looked at before anything is counted: one that does not hold counts
    for the address it came from, so that guessing costs, and never for anybody else."""

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits,
        passports: Passports,
        addresses: Addresses,
        page: PageOf,
    ) -> None:
        self.app = app
        self.limits = limits
        self.passports = passports
        self.addresses = addresses
        self.page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        if scope["type"] != "http" or classes.is_free(scope["path"]):
            await self.app(scope, receive, send)
            return
        try:
            await self._count(scope)
        except RateLimited as refusal:
            await self._refused(Request(scope), refusal)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.limits.shared is None:
            await self.app(scope, receive, send)
            return
        await self.limits.shared.open()
        try:
            await self.app(scope, receive, send)
        finally:
            await self.limits.shared.close()

    def _refused(self, request: Request, refusal: RateLimited) -> Response:
        is_for_persons = refusal.members["route_class"] is RouteClass.SIGN_IN
        page = self.page(request, refusal) if is_for_persons else None
        return page or render(request, refusal)

    async def _count(self, scope: Scope) -> None:
        route_class = classes.by_address(scope["path"])
        holder = self._stranger(scope) if route_class else await self._holder(scope)
        route_class = route_class or classes.of_request(scope, is_known=holder.is_known)
        ticket = self.limits.ticket(holder, route_class)
        scope["finish"].append(ticket.finish)
        if holder.is_known and scope["path"] == classes.OWN_LIMITS:
            return
        if self.limits.shared is None:
            ticket.take()
        else:
            await ticket.take_shared()

    async def _holder(self, scope: Scope) -> Holder:
        token = bearer(scope["headers"])
        if not token:
            return self._stranger(scope)
        try:
            passport = await self.passports.passport(token)
        except Problem:  # said to the caller by whoever demands a token
            return self._stranger(scope)
        follow(scope)
        tier = self.limits.known_tier(passport.tier)
        scope.setdefault("state", {}).update(caller=passport.caller, tier=tier)
        return Holder(passport.caller.principal, tier, is_known=True)

    def _stranger(self, scope: Scope) -> Holder:
        return Holder(self.addresses.of(scope))
