"""Where Schemathesis lets us in."""

from typing import Any

import schemathesis
from schemathesis import Case

from tests.fuzz import checks
from tests.fuzz.bend import Bender, label_of
from tests.fuzz.tally import Tally


def install(bender: Bender, tally: Tally) -> None:
    """Bend each case before it is sent, and count what is answered; once in a process."""
    kinds = bender.crew.get(None, "/v1/problems")["items"]
    checks.install(bender, {row["code"]: row["status"] for row in kinds})
    schemathesis.hook(before_load_schema)
    schemathesis.auth()(_Bearer)

    schemathesis.hook(filter_failure)

    @schemathesis.hook
    def before_call(_: Any, case: Case[Any], kwargs: dict[str, Any]) -> None:
        bender.bend(case)

    @schemathesis.hook
    def after_call(_: Any, case: Case[Any], response: Any) -> None:
        label, bent = label_of(case), bender.bent[case.id]
        is_good = response.status_code < 300
        if is_good and not bent.is_foreign:
            bender.proven.add(label)
            if case.method != "GET":
                bender.stock.use_up(label)
        tally.note(label, response.status_code, bent)


def before_load_schema(_: Any, raw_schema: dict[str, Any]) -> None:
    """Say the contract as Schemathesis understands it best."""
    # `ignored_auth` knows how to take away a bearer token, but not one from an OAuth flow
    bearer = {"type": "http", "scheme": "bearer"}
    raw_schema["components"]["securitySchemes"] = {"oauth2": bearer}
    # and one server serves all: let every path begin at the root
    raw_schema["servers"] = [{"url": "/"}]
    raw_schema["paths"] = {
        path if item.pop("servers", None) else f"/v1{path}": item
        for path, item in raw_schema["paths"].items()
    }


def filter_failure(_: Any, failure: Any, case: Case[Any], response: Any) -> bool:
    """Whether a finding is one: a replay is answered before the rest of a request is read (the
    order of checks, docs/adr/0004), so that a wrong `If-Match` beside a used key is not seen. And
    any bytes are a file: what is in it is judged later, in its report."""
    is_replay = "idempotency-replayed" in response.headers
    is_file = isinstance(case.body, bytes) and response.status_code == 202
    return not ((is_replay or is_file) and type(failure).__name__ == "AcceptedNegativeData")


class _Bearer:
    """Who speaks is decided when a case is bent; this marks it as speaking for somebody."""

    def get(self, _case: Case[Any], _context: Any) -> str:
        """A place for a token."""
        return "Bearer"

    def set(self, case: Case[Any], data: str, _context: Any) -> None:
        """Put it there."""
        case.headers["Authorization"] = data
