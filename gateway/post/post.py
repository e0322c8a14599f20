"""The one way out for letters: a port with two adapters, SMTP and a folder."""

import ssl
from email.message import EmailMessage
from typing import Protocol

from gateway.post.folder import FolderPost
from gateway.post.smtp import SmtpPost
from gateway.settings import GatewaySettings


class Post(Protocol):
    """Takes letters; returns once somebody else answers for the letter."""

    async def send(self, message: EmailMessage) -> None:
        """Raises `Refused` or `Deferred` (see `gateway.post.refusals`)."""


def post_of(settings: GatewaySettings) -> Post | None:
    """The way that the settings name; None: letters wait."""
    server = settings.smtp
    if server is not None:
        return SmtpPost(server, _trusting(settings))
    return FolderPost(settings.mail_folder) if settings.mail_folder else None


def _trusting(settings: GatewaySettings) -> ssl.SSLContext:
    file = settings.smtp_ca_file
    return ssl.create_default_context(cafile=str(file) if file else None)
