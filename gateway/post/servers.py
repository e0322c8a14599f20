"""A mail server, named by one address: `smtps://name:password@mail.example.sn`."""

import ipaddress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

_PORTS = {"smtp": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """Where letters go. Without TLS only on this very machine."""

    host: str
    port: int
    is_tls: bool  # from the first byte
    is_starttls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def mail_server(address: str) -> MailServer:
    """`ValueError` for an address that we could not use, or would not: it never repeats it."""
    parts = urlsplit(address)
    if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("smtp_url must read smtp://host, or smtps://name:password@host:port")
    is_tls = parts.scheme == "smtps"
    is_plain = parse_qs(parts.query).get("starttls") == ["off"]
    if is_plain and not is_tls and not _is_loopback(parts.hostname):
        raise ValueError("smtp_url: starttls=off is for this machine alone")
    return MailServer(
        host=parts.hostname,
        port=parts.port or _PORTS[parts.scheme],
        is_tls=is_tls,
        is_starttls=not is_tls and not is_plain,
        username=_decoded(parts, "username"),
        password=_decoded(parts, "password"),
    )


def _decoded(parts: SplitResult, name: str) -> str | None:
    text: str | None = getattr(parts, name)
    return unquote(text) if text is not None else None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
