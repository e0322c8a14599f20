"""The services of the town, for tests that hold for all of them."""

from importlib import import_module
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from chassis import openapi
from chassis.app import Service
from gateway.app import define as gateway
from gateway.settings import GatewaySettings

NAMES = ("registry", "training", "financing")
ALL = (*NAMES, "gateway")

# design: no token needed for reading what is public by law or by nature, and for both simulations.
PUBLIC = {
    ("GET", "/v1/code-lists/{name}"),
    ("GET", "/v1/holidays"),
    ("GET", "/v1/statistics/filings"),
    ("GET", "/v1/cooperatives"),
    ("GET", "/v1/cooperatives/{id}"),
    ("GET", "/v1/cooperatives/{id}/alerts"),
    ("GET", "/v1/cooperatives/{id}/obligations"),
    ("GET", "/v1/cooperatives/{id}/obligations.ics"),
    ("GET", "/v1/events"),
    ("GET", "/v1/cooperatives/{id}/officers"),
    ("GET", "/v1/cooperatives/{id}/revisions"),
    ("GET", "/v1/cooperatives/{id}/changes"),
    ("GET", "/v1/events/checkpoints"),
    ("GET", "/v1/events/tip"),
    ("GET", "/v1/verifications/{code}"),
    ("GET", "/v1/signing-keys/{kid}"),
    ("POST", "/v1/repayment-schedules"),
    ("POST", "/v1/rate-calculations"),
}

# Its whole purpose is to say what is wrong with any bytes and their signature: it reads no JSON.
READS_ANYTHING = {("POST", "/v1/lender/signature-tests")}

# It reads a file and no JSON; whatever is announced as anything else is not looked at.
READS_FILES = {("POST", "/v1/imports")}


def defined(name: str) -> Service:
    """A service, without its environment."""
    if name == "gateway":
        return gateway(GatewaySettings.model_construct())
    settings = getattr(import_module(f"services.{name}.settings"), f"{name.capitalize()}Settings")
    service: Service = import_module(f"services.{name}.app").define(settings.model_construct())
    return service


def routes_of(name: str) -> list[APIRoute]:
    """Every public route of a process."""
    app = FastAPI()
    for router in defined(name).routers:
        app.include_router(router)
    return [route for route in openapi.routes(app) if route.include_in_schema or _is_page(route)]


def _is_page(route: APIRoute) -> bool:
    # people's pages are not in the contract, but the world can reach them too
    return not route.path_format.startswith(("/internal/", "/health/"))


class Case(NamedTuple):
    """One route; `scopes` is None when it is public."""

    service: str
    method: str
    path: str
    scopes: tuple[str, ...] | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def has_parameter(self) -> bool:
        return "{" in self.path

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD")

    @property
    def is_form(self) -> bool:
        """Whether it reads a form, as OAuth's endpoints and people's pages do, and not JSON."""
        return self.is_write and not self.path.startswith("/v1/")


def cases(*names: str) -> list[Case]:
    """Every route."""
    return [
        Case(name, method, route.path_format, openapi.scopes_of(route))
        for name in names or NAMES
        for route in routes_of(name)
        for method in sorted(route.methods or ())
    ]


def models() -> dict[tuple[str, str], type[BaseModel]]:
    """(method, path) -> the model of the body that the route reads."""
    return {
        (method, route.path_format): model
        for name in ALL
        for route in routes_of(name)
        for method in route.methods or ()
        if (model := openapi.body_of(route)) is not None
    }
