"""Letters go out after the commit that wanted them: claimed, sent, settled; at least once.

A claim is a lease like that of the deliverer of events: no lock is held over SMTP, and a process
that dies in between leaves the letter to the next one.
"""

from datetime import datetime, timedelta
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag

from chassis import clock
from chassis.timers import Timer
from chassis.vault import Vault
from gateway.notices.letters import Sender, compose
from gateway.notices.models import Notice, NoticeStatus
from gateway.notices.repository import Notices
from gateway.notices.schemas import Content
from gateway.notices.service import context
from gateway.post.refusals import Deferred, Refused

log = structlog.get_logger()
_LEASE = timedelta(seconds=60)  # longer than a letter may take
_PAUSES = [timedelta(seconds=s) for s in (10, 30, 120, 600, 1800, 3600)]
_KEPT = timedelta(days=90)


async def send_next(app: Any) -> int:
    """Send one letter that is due; whether there was one."""
    if app.state.post is None:
        return 0
    async with app.state.database.transaction() as session:
        notice = await Notices(session).claim(clock.now(), _LEASE)
    if notice is None:
        return 0
    error = await _try(app, notice)
    async with app.state.database.transaction() as session:
        await _settle(Notices(session), notice, error)
    return 1


async def _try(app: Any, notice: Notice) -> Exception | None:
    if notice.expires_at <= clock.now():
        return Refused("EXPIRED")
    try:
        await app.state.post.send(_letter(app, notice))
    except (Refused, Deferred) as error:
        return error
    return None


def _letter(app: Any, notice: Notice) -> Any:
    vault: Vault = app.state.vault
    settings = app.state.settings
    sender = Sender(settings.mail_name, settings.mail_from, settings.public_url)
    try:
        opened = vault.open(str(notice.content_sealed), context(notice.id))
        return compose(notice, Content.model_validate_json(opened), sender)
    except (InvalidTag, LookupError, ValueError) as error:
        raise Refused("UNREADABLE") from error


async def _settle(notices: Notices, notice: Notice, error: Exception | None) -> None:
    now = clock.now()
    if error is None:
        await notices.settle(notice.id, NoticeStatus.SENT, now, None)
        log.info("notice_sent", kind=notice.kind, attempts=notice.attempts)
        return
    again = _next(notice, now) if isinstance(error, Deferred) else None
    if again is not None:
        await notices.postpone(notice.id, again, str(error))
        log.warning("notice_waits", notice=str(notice.id), why=str(error))
        return
    await notices.settle(notice.id, NoticeStatus.GIVEN_UP, now, str(error))
    log.error("notice_given_up", notice=str(notice.id), kind=notice.kind, why=str(error))


def _next(notice: Notice, now: datetime) -> datetime | None:
    """When to try again; None when nobody would need it any more."""
    again = now + _PAUSES[min(notice.attempts, len(_PAUSES)) - 1]
    return again if again < notice.expires_at else None


async def forget_settled(app: Any) -> int:
    """Drop what waits and nobody needs any more, forget what was settled long ago; how many."""
    now = clock.now()
    async with app.state.database.transaction() as session:
        notices = Notices(session)
        return await notices.expire(now) + await notices.forget(now - _KEPT)


TIMERS = (
    Timer("send_notices", 1.0, send_next),
    Timer("forget_notices", 3600, forget_settled),
)
