"""Guessing a client's secret is slow: ten failures from one address in a quarter of an hour, then
none is judged from there. Nobody else's use of the client is touched."""

from collections.abc import Awaitable, Callable

from fastapi import Request
from sqlmodel.ext.asyncio.session import AsyncSession

from gateway.issuer.server import Answer, basic
from gateway.signin import attempts

_REFUSED = Answer(
    401,
    {"error": "invalid_client"},
    {"Cache-Control": "no-store", "WWW-Authenticate": 'Basic realm="mboolo"'},
)


async def braked(
    session: AsyncSession, request: Request, act: Callable[[], Awaitable[Answer]]
) -> Answer:
    """What `act` answers, unless too many secrets from here were wrong."""
    client_id, _ = basic(request.headers)
    if client_id is None:
        return await act()
    state = request.app.state
    address = state.addresses.of(request.scope)
    subject = state.vault.blind(f"secret of:{client_id[:200]} from:{address}")
    if await attempts.is_closed(session, subject):
        return _REFUSED
    answer = await act()
    if answer.status == 401:
        await attempts.attempt(session, subject)
    return answer
