"""The one way out for letters: a port with two adapters, SMTP and a folder."""

import ssl
from email.message import EmailMessage
from typing import Protocol

import structlog

from gateway.post.folder import FolderPost
from gateway.post.smtp import SmtpPost
from gateway.settings import GatewaySettings

log = structlog.get_logger()


class Post(Protocol):
    """Takes letters; returns once somebody else answers for the letter."""

    async def send(self, message: EmailMessage) -> None:
        """Raises `Refused` or `Deferred` (see `gateway.post.refusals`)."""


def post_of(settings: GatewaySettings) -> Post | None:
    """The way that the settings name; None: letters wait."""
    server = settings.smtp
    if server is not None:
        return SmtpPost(server, _trusting(settings))
    if settings.mail_folder is None:
        log.warning("letters_wait", why="neither GATEWAY_SMTP_URL nor GATEWAY_MAIL_FOLDER is set")
        return None
    return FolderPost(settings.mail_folder)


def _trusting(settings: GatewaySettings) -> ssl.SSLContext:
    file = settings.smtp_ca_file
    return ssl.create_default_context(cafile=str(file) if file else None)
