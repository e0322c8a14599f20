"""What may be lent, to whom, and for how long."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.auth import Caller
from chassis.errors import Finding
from gateway.grants.schemas import GrantWrite
from gateway.issuer.models import Client, ClientStatus
from gateway.rights import LENDABLE

LONGEST = timedelta(days=365)


@dataclass(frozen=True)
class Loan:
    """What is asked for, of which client (None: there is no such client), by whom, now."""

    said: GrantWrite
    client: Client | None
    by: Caller
    now: datetime


def refusals(loan: Loan) -> list[Finding]:
    """Everything that is wrong with a loan."""
    return [*_about_client(loan), *_about_scopes(loan), *_about_end(loan)]


def _about_client(loan: Loan) -> Iterator[Finding]:
    client = loan.client
    if client is None or client.status != ClientStatus.ACTIVE:
        yield Finding(code="CLIENT_UNKNOWN", pointer="/client_id")
    elif "client_credentials" not in client.grant_types:
        yield Finding(code="CLIENT_NOT_A_MACHINE", pointer="/client_id")


def _about_scopes(loan: Loan) -> Iterator[Finding]:
    for at, scope in enumerate(loan.said.scopes):
        code = _about_scope(scope, loan)
        if code is not None:
            params = {"allowed": " ".join(LENDABLE)} if code == "SCOPE_NOT_LENDABLE" else {}
            yield Finding(code=code, pointer=f"/scopes/{at}", params=params)


def _about_scope(scope: str, loan: Loan) -> str | None:
    if scope not in LENDABLE:
        return "SCOPE_NOT_LENDABLE"
    if scope not in loan.by.scopes:
        return "SCOPE_NOT_YOURS"
    # a grant opens a scope only where the client's own token holds it: one that never can is empty
    if loan.client is not None and scope not in loan.client.scopes:
        return "SCOPE_NOT_THE_CLIENTS"
    return None


def _about_end(loan: Loan) -> Iterator[Finding]:
    if not loan.now < loan.said.ends_at <= loan.now + LONGEST:
        yield Finding(code="DATE_OUT_OF_RANGE", pointer="/ends_at")
