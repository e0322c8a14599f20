"""Time-based one-time passwords (RFC 6238): ten lines on `hmac`, no library needed.

SHA-1, six digits, thirty seconds: what every authenticator application understands.
"""

import base64
import hmac
import secrets
import struct
from urllib.parse import quote, urlencode

_STEP_S = 30
_DIGITS = 6
_AROUND = (0, -1, 1)  # a clock that is half a minute off, or a slow hand


def new_secret() -> str:
    """160 random bits, in base 32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of a step of thirty seconds since 1970."""
    digest = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**_DIGITS:0{_DIGITS}d}"


def step_of(secret: str, code: str, now_s: float) -> int | None:
    """The step whose code this is, if it is near now; all are compared, in constant time."""
    given = "".join(code.split()).encode()
    steps = [max(0, int(now_s // _STEP_S) + away) for away in _AROUND]
    matching = [s for s in steps if hmac.compare_digest(code_at(secret, s).encode(), given)]
    return matching[0] if matching else None


def address(secret: str, username: str, issuer: str) -> str:
    """What the square says to an authenticator (Key URI Format)."""
    label = quote(f"{issuer}:{username}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': issuer})}"
