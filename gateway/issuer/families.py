"""Families: one authorization by a person, its code, and the refresh tokens that follow each other.

A code or a refresh token is good once. Whoever brings one that was used is either a thief or was
robbed, and nobody can tell which: the family ends, with its access tokens. One case is told apart:
a request that had already reached us before the answer to another one with the same token left. It
raced with its twin, it could know of no newer token; it is refused and ends nothing (see
docs/adr/0020-one-use-and-races).
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from chassis import clock
from gateway.issuer import cutoffs
from gateway.issuer.answered import Answered

FAMILY_LIVES = timedelta(days=30)
CODE_LIVES = timedelta(seconds=60)

_BEGIN = text(
    "insert into refresh_family (id, client_id, account_id, scopes, methods, sign_in_sha256,"
    " signed_in_at, created_at, expires_at) values (:id, :client_id, :account_id, :scopes,"
    " :methods, :sign_in_sha256, :signed_in_at, :now, :expires_at)"
)
_KEEP_CODE = text(
    "insert into authorization_code (sha256, family_id, redirect_uri, challenge, nonce, expires_at)"
    " values (:sha256, :family_id, :redirect_uri, :challenge, :nonce, :expires_at)"
)
_FAMILY = (
    "f.id as family_id, f.client_id, f.account_id, f.scopes, f.methods, f.signed_in_at,"
    " f.ended_at, f.expires_at as family_expires_at, t.used_at"
)
# Both rows are locked: two that bring the same token come one after the other.
_CODE = text(
    f"select {_FAMILY}, t.redirect_uri, t.challenge, t.nonce, t.expires_at"  # noqa: S608
    " from authorization_code t join refresh_family f on f.id = t.family_id"
    " where t.sha256 = :sha256 for update"
)
_REFRESH = text(
    f"select {_FAMILY} from refresh_token t"  # noqa: S608
    " join refresh_family f on f.id = t.family_id where t.sha256 = :sha256 for update"
)
_USE_CODE = text("update authorization_code set used_at = :at where sha256 = :sha256")
_USE_REFRESH = text("update refresh_token set used_at = :at where sha256 = :sha256")
_KEEP_REFRESH = text(
    "insert into refresh_token (sha256, family_id, created_at) values (:sha256, :family_id, :now)"
)
_END = text(
    "update refresh_family set ended_at = :now, end_reason = :reason"
    " where id = :id and ended_at is null"
)


def sha256(token: str) -> str:
    """What is kept of a code, a refresh token or a cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class SignedIn:
    """How and when the person proved who they are; `sign_in` names the browser's sign-in."""

    account_id: str
    methods: Sequence[str]
    at: datetime
    sign_in: str


@dataclass(frozen=True)
class Held:
    """A code or refresh token that is good, its rows locked until the transaction ends.

    Authlib asks for some of it by its own names.
    """

    sha256: str
    family_id: str
    client_id: str
    account_id: str
    scopes: tuple[str, ...]
    methods: tuple[str, ...]
    signed_in_at: datetime
    redirect_uri: str = ""
    code_challenge: str = ""
    nonce: str | None = None
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        """Where the code was sent."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What the person allowed."""
        return " ".join(self.scopes)

    def check_client(self, client: Any) -> bool:
        """Whether it was given to this client."""
        return bool(client.get_client_id() == self.client_id)


class Families:
    """The families of this database, within one transaction; `arrived_at` is when the request
    reached this process. `used` lists what it uses: its answer leaves later."""

    def __init__(self, session: Session, arrived_at: float, answered: Answered) -> None:
        self.used: list[str] = []
        self._session = session
        self._answered = answered
        self._arrived_at = arrived_at

    def begin(self, client_id: str, scopes: Sequence[str], who: SignedIn) -> str:
        """A new family; its id."""
        now = clock.now()
        row = {
            "id": secrets.token_hex(16),
            "client_id": client_id,
            "account_id": who.account_id,
            "scopes": list(scopes),
            "methods": list(who.methods),
            "sign_in_sha256": who.sign_in,
            "signed_in_at": who.at,
            "now": now,
            "expires_at": now + FAMILY_LIVES,
        }
        self._run(_BEGIN, row)
        return str(row["id"])

    def keep_code(
        self, code: str, family_id: str, redirect_uri: str, *, challenge: str, nonce: str | None
    ) -> None:
        """Remember a code that goes to the client."""
        row = {"family_id": family_id, "redirect_uri": redirect_uri, "challenge": challenge}
        expires_at = clock.now() + CODE_LIVES
        self._run(
            _KEEP_CODE,
            row | {"sha256": sha256(code), "nonce": nonce, "expires_at": expires_at},
        )

    def code(self, code: str) -> Held | None:
        """A code that is good now; one that was used ends its family."""
        row = self._run(_CODE, {"sha256": sha256(code)}).one_or_none()
        if row is None or not self._is_good(row, sha256(code), "CODE_REPLAYED"):
            return None
        if row.expires_at <= clock.now():
            return None
        return _held(
            sha256(code),
            row,
            redirect_uri=row.redirect_uri,
            code_challenge=row.challenge,
            nonce=row.nonce,
        )

    def refresh(self, token: str) -> Held | None:
        """A refresh token that is good now; one that was used ends its family."""
        row = self._run(_REFRESH, {"sha256": sha256(token)}).one_or_none()
        if row is None or not self._is_good(row, sha256(token), "REFRESH_REPLAYED"):
            return None
        return _held(sha256(token), row)

    def _is_good(self, row: Any, digest: str, reason: str) -> bool:
        if row.used_at is not None and not self._raced(row.used_at, digest):
            self.end(row.family_id, reason)
        return row.used_at is None and row.ended_at is None and row.family_expires_at > clock.now()

    def _raced(self, used_at: datetime, digest: str) -> bool:
        is_earlier = self._arrived_at <= used_at.timestamp()
        return is_earlier or self._answered.is_twin(digest, self._arrived_at)

    def use(self, held: Held) -> None:
        """From here on, it was used."""
        self.used.append(held.sha256)
        self._answered.using(held.sha256)
        statement = _USE_CODE if held.redirect_uri else _USE_REFRESH
        self._run(statement, {"sha256": held.sha256, "at": datetime.now(UTC)})

    def keep_refresh(self, token: str, family_id: str) -> None:
        """The newest link of a family; the one before it must have been used."""
        row = {"sha256": sha256(token), "family_id": family_id, "now": clock.now()}
        self._run(_KEEP_REFRESH, row)

    def end(self, family_id: str, reason: str) -> None:
        """No token of the family is good any more."""
        self._run(_END, {"id": family_id, "reason": reason, "now": clock.now()})
        cutoffs.cut_off_in(self._session, f"sid:{family_id}")

    def _run(self, statement: Any, row: dict[str, Any]) -> Any:
        return self._session.connection().execute(statement, row)


def _held(digest: str, row: Any, **more: Any) -> Held:
    return Held(
        sha256=digest,
        family_id=row.family_id,
        client_id=row.client_id,
        account_id=row.account_id,
        scopes=tuple(row.scopes),
        methods=tuple(row.methods),
        signed_in_at=row.signed_in_at,
        **more,
    )
