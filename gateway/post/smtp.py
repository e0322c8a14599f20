"""Letters by SMTP (RFC 5321), over TLS: STARTTLS, or from the first byte; a login if need be."""

import asyncio
import ssl
from email.message import EmailMessage

import aiosmtplib
from aiosmtplib import errors

from gateway.post.refusals import Deferred, Refused
from gateway.post.servers import MailServer

_STEP_S = 10.0  # for one answer of the server
_WHOLE_S = 30.0  # for the letter: a server that drips must not hold up the others


class SmtpPost:
    """One connection for each letter: they are few, and a broken one harms no other."""

    def __init__(self, server: MailServer, trust: ssl.SSLContext) -> None:
        self._server = server
        self._trust = trust

    async def send(self, message: EmailMessage) -> None:
        """Done once the server has taken the letter."""
        try:
            async with asyncio.timeout(_WHOLE_S):
                await self._send(message)
        except errors.SMTPRecipientsRefused as error:
            raise _by_code(error.recipients[0].code, "RECIPIENT") from error
        except (errors.SMTPDataError, errors.SMTPSenderRefused) as error:
            raise _by_code(error.code, "MESSAGE") from error
        except errors.SMTPAuthenticationError as error:
            raise Deferred("LOGIN_REFUSED") from error  # ours to put right: no letter is at fault
        except ssl.SSLError as error:
            raise Deferred("TLS_FAILED") from error
        except (errors.SMTPException, TimeoutError, OSError) as error:
            raise Deferred("SERVER_AWAY") from error

    async def _send(self, message: EmailMessage) -> None:
        server = self._server
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.is_tls,
            start_tls=server.is_starttls,
            tls_context=self._trust,
            timeout=_STEP_S,
        )


def _by_code(code: int, what: str) -> Exception:
    # 4yz: may succeed later; 5yz: never will (RFC 5321 §4.2.1)
    return Refused(f"{what}_REFUSED") if code >= 500 else Deferred(f"{what}_DEFERRED")
