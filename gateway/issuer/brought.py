"""A token that somebody brings back: to ask what it is worth, or to have it ended."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis import clock
from chassis.jose import Expected, KeySet, TokenRefused, verify
from gateway.issuer import cutoffs
from gateway.issuer.cutoffs import Cutoffs, issued_at, subjects_of
from gateway.issuer.families import Families, sha256
from gateway.issuer.tokens import ACCESS_TYP, Mint

_FIND = text(
    "select f.id, f.client_id, f.account_id, f.scopes, f.expires_at, f.created_at,"
    " t.used_at is null and f.ended_at is null and f.expires_at > :now as is_good"
    " from refresh_token t join refresh_family f on f.id = t.family_id where t.sha256 = :sha256"
)


@dataclass(frozen=True)
class Brought:
    """What a token says, and how it is ended; Authlib asks by its own names."""

    client_id: str
    said: dict[str, Any]
    is_good: bool
    family_id: str | None = None  # of a refresh token

    def check_client(self, client: Any) -> bool:
        """Whether it was given to this client."""
        return bool(client.get_client_id() == self.client_id)

    def is_expired(self) -> bool:
        """Nothing that has expired is brought as far as here."""
        return False

    def is_revoked(self) -> bool:
        """Whether it was ended before its time."""
        return not self.is_good

    def end(self, session: Session, families: Families) -> None:
        """An access token dies alone; a refresh token takes its family along (RFC 7009 §2.1)."""
        if self.family_id:
            families.end(self.family_id, "REVOKED")
        else:
            cutoffs.cut_off_in(session, f"jti:{self.said['jti']}")


async def access(token: str, keys: KeySet, mint: Mint, known: Cutoffs) -> Brought | None:
    """An access token of ours, None for anything else."""
    expected = Expected(ACCESS_TYP, mint.issuer, mint.issuer)
    try:
        claims = await verify(token, keys, expected)
        is_good = not known.cover(subjects_of(claims), issued_at(claims))
        return Brought(claims["client_id"], claims, is_good)
    except (TokenRefused, KeyError, TypeError):
        return None


def refresh(session: Session, token: str) -> Brought | None:
    """A refresh token of ours, used or not."""
    key = {"sha256": sha256(token), "now": clock.now()}
    row = session.connection().execute(_FIND, key).one_or_none()
    if row is None:
        return None
    said = {
        "sub": row.account_id,
        "client_id": row.client_id,
        "scope": " ".join(row.scopes),
        "sid": row.id,
        "iat": int(row.created_at.timestamp()),
        "exp": int(row.expires_at.timestamp()),
    }
    return Brought(row.client_id, said, row.is_good, row.id)
