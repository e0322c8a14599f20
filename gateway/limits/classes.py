"""Which class of routes a request belongs to."""

import re

from starlette.types import Scope

from gateway.limits.tiers import RouteClass

# Probes and measurements must answer whatever others do, and the services fetch our keys and bring
# their events: each costs next to nothing and is refused to nobody. What else is internal is
# counted.
_FREE = ("/health/", "/metrics", "/internal/v1/jwks", "/internal/v1/events")
_ISSUER = "/oauth2/"
_TOKENS = frozenset({"/oauth2/token", "/oauth2/introspect", "/oauth2/revoke"})
_DATA_OF_ISSUER = frozenset({"/oauth2/jwks", "/oauth2/userinfo"})
HEAVY_WORDS = frozenset({"documents", "exports", "imports", "snapshots"})
_SEARCH = re.compile(rb"(?:^|&)(?:q|%71)=[^&]", re.IGNORECASE)
READS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_LIMITS = "/v1/me/limits"


def by_address(path: str) -> RouteClass | None:
    """The class of the addresses that are counted by the caller's address even with a token."""
    if path in _TOKENS:
        return RouteClass.TOKENS
    if path.startswith(_ISSUER) and path not in _DATA_OF_ISSUER:
        return RouteClass.SIGN_IN
    return None


def is_free(path: str) -> bool:
    """Whether nothing is counted there at all."""
    return path.startswith(_FREE)


def of_request(scope: Scope, *, is_known: bool) -> RouteClass:
    """The class of any other request; `is_known`: a valid token came with it."""
    return of_way(scope["path"], scope["method"], scope["query_string"], is_known=is_known)


def of_way(path: str, method: str, query: bytes, *, is_known: bool) -> RouteClass:
    """The same of an address: only the first two words of its path matter."""
    if _is_heavy(path, method, query):
        return RouteClass.HEAVY
    if not is_known:
        return RouteClass.PUBLIC
    return RouteClass.READS if method in READS else RouteClass.WRITES


def _is_heavy(path: str, method: str, query: bytes) -> bool:
    words = path.split("/", 3)
    if len(words) < 3 or words[1] != "v1":
        return False
    is_search = bool(query) and method in READS and _SEARCH.search(query) is not None
    return is_search or words[2] in HEAVY_WORDS
