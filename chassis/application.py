"""FastAPI as we use it: with one layer less on each side of what it does for us."""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from chassis import edge, openapi


class Application(FastAPI):
    """An application whose outermost layer is the edge, and whose routes are found at once."""

    def build_middleware_stack(self) -> Any:
        """Without the layers around the edge, which catch a crash and bound a body once more."""
        stack: Any = super().build_middleware_stack()
        while not isinstance(stack, edge.Edge):
            stack = stack.app
        return stack

    def lay(self, *routers: APIRouter) -> None:
        """Add the routes themselves. A router that is included looks twice for the one that is
        asked for, with notes about each that it tries; ours know their prefix and their tags."""
        for router in routers:
            for route in router.routes:
                if isinstance(route, APIRoute):
                    route.operation_id = openapi.operation_id(route)
            self.router.routes.extend(router.routes)
