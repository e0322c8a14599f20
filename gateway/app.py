"""The gateway, as a table of contents."""

from pathlib import Path

import httpx
from fastapi import FastAPI

from chassis.app import Service
from chassis.events import Outbox
from chassis.jose import LocalKeys
from gateway.accounts import create
from gateway.accounts import models as accounts
from gateway.contract import catalogue
from gateway.contract.document import merged_text
from gateway.grants import models as grants
from gateway.health import Readiness
from gateway.issuer import purge
from gateway.issuer.tokens import AccessTokens
from gateway.plane.passports import Passports
from gateway.plane.plane import DataPlane, Upstream
from gateway.plane.transport import ExactTransport
from gateway.routers import ROUTERS
from gateway.settings import SERVICES, GatewaySettings
from gateway.tables import metadata

__all__ = ["accounts", "define", "grants", "metadata"]


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
        outbox=Outbox({}),
        timers=[purge.timer],
        furnish=_furnish,
        commands={"accounts": create.command(settings)},
    )


def _furnish(app: FastAPI, transport: httpx.AsyncBaseTransport | None) -> None:
    settings: GatewaySettings = app.state.settings
    state = app.state
    keys = LocalKeys(state.keys.public())
    state.verifier = Passports(keys, state.signer, settings.public_url)
    state.access_tokens = AccessTokens(
        settings.public_url, state.keys.current, settings.access_token_s
    )
    state.readiness = Readiness(state.http, settings.peers)
    state.contract = merged_text
    state.problem_kinds = catalogue.kinds(settings.public_base)
    state.upstreams = {
        name: Upstream(settings.peers[name], transport or _transport(settings)) for name in SERVICES
    }
    app.add_middleware(
        DataPlane,
        upstreams=state.upstreams,
        passports=state.verifier,
        settings=settings,
    )


def _transport(settings: GatewaySettings) -> ExactTransport:
    # one for each service: a slow one must not use up the connections of the others
    return ExactTransport(settings.upstream_connections, settings.upstream_connect_s)
