"""Guessing a client's secret, or trying signatures in its name, is slow: ten failures from one
address in a quarter of an hour, then none is judged from there; a hundred for all clients together.

What is counted always has an address: whoever fails in a bank's name from elsewhere closes nothing
for the bank. A signature that holds is no failure, whatever else is wrong with what it says: a bank
with a slow clock does not shut itself out.
"""

import base64
import json
from collections.abc import Awaitable, Callable

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.issuer.assertions import Proving
from gateway.issuer.server import Answer, basic
from gateway.signin import attempts

_REFUSED = Answer(
    401,
    {"error": "invalid_client"},
    {"Cache-Control": "no-store", "WWW-Authenticate": 'Basic realm="mboolo"'},
)
_LONGEST = 200  # of a name that is counted under


async def braked(
    session: AsyncSession,
    request: Request,
    form: dict[str, str],
    act: Callable[[Proving], Awaitable[Answer]],
) -> Answer:
    """What `act` answers, unless too many proofs from here were wrong."""
    counts = _counts(request, form)
    proving = Proving()
    if counts and await attempts.is_closed(session, *counts):
        return _REFUSED
    answer = await act(proving)
    if answer.status == 401 and not proving.signature_held:
        for subject, most in counts.items():
            await attempts.attempt(session, subject, most)
    return answer


def _counts(request: Request, form: dict[str, str]) -> dict[str, int]:
    """Under what a failure is counted, and how many of them close it; nothing without a proof."""
    factor = request.app.state.settings.limit_factor
    client_id, _ = basic(request.headers)
    if client_id is not None:
        named, most = f"secret of:{client_id[:_LONGEST]}", attempts.PER_NAME
    elif "client_assertion" in form:
        signer = named_by(form["client_assertion"])[:_LONGEST]
        # tests forge many, all from one address
        named, most = f"signature of:{signer}", attempts.PER_NAME * factor
    else:
        return {}
    blind, address = request.app.state.vault.blind, request.app.state.addresses.of(request.scope)
    everybody = attempts.PER_ADDRESS * factor
    return {
        blind(f"{named} from:{address}"): most,
        blind(f"proofs from:{address}"): everybody,
    }


def named_by(assertion: str) -> str:
    """The client in whose name an assertion was made, by its own word; empty if it says none."""
    payload = assertion.split(".")[1] if assertion.count(".") == 2 else ""
    try:
        said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, RecursionError):
        return ""
    return str(said.get("sub", "")) if isinstance(said, dict) else ""
