"""The gateway, as a table of contents."""

from datetime import timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI

from chassis.app import Service
from chassis.own_keys import OwnKeys
from gateway.accounts import create, operator
from gateway.accounts import models as accounts
from gateway.accounts.passwords import Passwords
from gateway.audit import models as audit
from gateway.client_keys import hearing as key_addresses
from gateway.coding.layer import Coding
from gateway.contract import catalogue
from gateway.contract.document import merged_text
from gateway.cors import Cors
from gateway.events import outbox
from gateway.feed import hearing as feed
from gateway.feed.models import OrganisationEvent
from gateway.grants import hearing as ownership
from gateway.grants import models as grants
from gateway.grants.lending import lending
from gateway.health import Readiness
from gateway.issuer import cutoffs, purge
from gateway.issuer.cutoffs import Cutoffs
from gateway.issuer.gate import Gate
from gateway.issuer.tokens import Mint
from gateway.limits.addresses import Addresses
from gateway.limits.layer import Counting
from gateway.limits.limits import Limits, ahead_s
from gateway.limits.shared import Shared
from gateway.limits.tiers import widened
from gateway.notices import models as notices
from gateway.notices import sending
from gateway.outward import Outward
from gateway.plane.passports import Passports
from gateway.plane.plane import Plane
from gateway.plane.protocol import GatewayProtocol
from gateway.post.post import post_of
from gateway.routers import ROUTERS
from gateway.settings import GatewaySettings
from gateway.signin import haste, unlock
from gateway.signin.tickets import Tickets
from gateway.store.entries import Limits as StoreLimits
from gateway.store.store import Store
from gateway.tables import APPEND_ONLY, metadata
from gateway.upstreams import checks
from gateway.upstreams.figures import figures
from gateway.upstreams.routing import Routing, own_words

__all__ = ["OrganisationEvent", "accounts", "audit", "define", "grants", "metadata", "notices"]


def define(settings: GatewaySettings | None = None) -> Service:
    """What the gateway is."""
    settings = settings or GatewaySettings()
    return Service(
        name="gateway",
        title="Mboolo gateway",
        settings=settings,
        routers=ROUTERS,
        folder=Path(__file__).parent,
        metadata=metadata,
        append_only=APPEND_ONLY,
        outbox=outbox,
        hears={**ownership.HEARS, **feed.HEARS},
        timers=[
            *checks.timers(settings),
            purge.timer,
            cutoffs.timer,
            key_addresses.timer,
            *sending.TIMERS,
        ],
        furnish=_furnish,
        is_public=True,
        protocol=GatewayProtocol,
        # 15 minutes is the longest an access token may live; a day more for copies of our keys
        old_keys=timedelta(days=1, minutes=15),
        commands={
            "accounts": create.command(settings),
            "unlock": unlock.command(settings),
            **operator.commands(settings),
        },
    )


def _furnish(app: FastAPI, _: httpx.AsyncBaseTransport | None) -> None:
    settings: GatewaySettings = app.state.settings
    state = app.state
    state.verifying_keys = OwnKeys(state.keys)
    state.cutoffs = Cutoffs()
    state.verifier = Passports(
        state.verifying_keys, state.signer, settings.public_url, state.cutoffs
    )
    state.verifier.grants_of = lending(lambda: state.reads)
    state.addresses = Addresses(settings.trusted_proxies)
    state.passwords = Passwords()
    state.gate = Gate(max(1, settings.pool_size // 2), patience_s=10)
    state.tickets = Tickets(state.keys.secret)
    state.mint = Mint(
        settings.public_url,
        state.keys,
        settings.access_token_s,
        strong_roles=settings.second_factor_roles,
    )
    state.outward = Outward(is_trial=settings.is_loopback or settings.environment == "test")
    state.post = post_of(settings)
    state.routing = Routing(settings, own_words(app))
    state.reload = state.routing.reload
    state.gauges.append(lambda: figures(state.routing))
    state.readiness = Readiness(state.http, state.routing.places)
    state.contract = merged_text
    state.problem_kinds = catalogue.kinds(settings.public_base)
    state.limits = Limits(
        widened(settings.tiers, settings.limit_factor), shared=_shared_count(settings)
    )
    _furnish_plane(app, settings)
    _lay(app, settings)


def _furnish_plane(app: FastAPI, settings: GatewaySettings) -> None:
    state = app.state
    state.store = Store(StoreLimits(settings.store_fresh_s, settings.store_stale_s))
    state.plane = Plane(
        app,
        routing=state.routing,
        limits=state.limits,
        passports=state.verifier,
        addresses=state.addresses,
        store=state.store if settings.store_fresh_s else None,
    )
    state.closing.append(state.plane.close)


def _lay(app: FastAPI, settings: GatewaySettings) -> None:
    # from the innermost to the outermost; what a layer says on every answer, refusals further in
    # say too
    state = app.state
    app.add_middleware(
        Counting,
        limits=state.limits,
        passports=state.verifier,
        addresses=state.addresses,
        page=haste.page,
    )
    app.add_middleware(Coding)
    app.add_middleware(Cors, origins=settings.cors_origins)


def _shared_count(settings: GatewaySettings) -> Shared | None:
    if settings.rate_limit_url is None:
        return None
    url = settings.rate_limit_url.get_secret_value()
    return Shared(url, settings.rate_limit_patience_s, ahead_s)
