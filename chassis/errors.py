"""Refusals. Each has a name; its texts, in French and English, live in a `problems.toml`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong (`BLOCK`) or doubtful (`WARN`), and exactly where.

    `pointer` is an RFC 6901 path into the body; `parameter` and `header` name the others.
    """

    code: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None
    severity: Literal["BLOCK", "WARN"] = "BLOCK"
    params: Mapping[str, Any] = field(default_factory=dict)
    law_ref: str | None = None


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")


def is_name(word: str) -> bool:
    """Whether a caller's own word looks like a name of ours, and may be said back as one.

    Whatever else comes as the name of a field or parameter is input, which is never repeated.
    """
    return _NAME.fullmatch(word) is not None


class Problem(Exception):
    """A named refusal. The class name is the code: `FourEyes` answers `FOUR_EYES`.

    `members` are added to the answer as they are (`status_of`, `allowed_actions`, …) and may be
    used in the texts; `headers` go out with it.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "INTERNAL_ERROR"

    def __init_subclass__(cls) -> None:
        cls.code = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).upper()

    def __init__(
        self,
        *,
        findings: Sequence[Finding] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(self.code)
        self.findings = findings
        self.headers = dict(headers or {})
        self.members = members


class BadRequest(Problem):
    """400: the request cannot be read."""

    status = 400


class Forbidden(Problem):
    """403: we know who you are, and you may not."""

    status = 403


class Conflict(Problem):
    """409: the state of the thing forbids it."""

    status = 409


class Unprocessable(Problem):
    """422: readable, but it breaks rules."""

    status = 422


class Unavailable(Problem):
    """503: not now; try again after `Retry-After`."""

    status = 503

    def __init__(self, *, retry_after_s: int = 1, **members: Any) -> None:
        super().__init__(headers={"Retry-After": str(retry_after_s)}, **members)


class Unauthenticated(Problem):
    """No token, or one that does not hold."""

    status = 401

    def __init__(self, *, reason: str = "missing", **members: Any) -> None:
        challenge = 'Bearer realm="mboolo"'
        if reason != "missing":
            challenge += ', error="invalid_token"'
        super().__init__(headers={"WWW-Authenticate": challenge}, **members)


class InsufficientScope(Forbidden):
    """The token lacks every scope that the route accepts."""


class NotFound(Problem):
    """Absent, or not yours: the two look the same on purpose."""

    status = 404


class MethodNotAllowed(Problem):
    """The address exists, the verb does not."""

    status = 405


class BodyTooLarge(Problem):
    """The body exceeds the limit of the route."""

    status = 413


class RequestTimeout(Problem):
    """The request did not become whole in time."""

    status = 408


class AddressTooLong(Problem):
    """The address is longer than any of ours."""

    status = 414


class HeadersTooLarge(Problem):
    """The headers are larger than any caller's need to be."""

    status = 431


class UnsupportedMediaType(Problem):
    """The body is not of a media type that the route reads."""

    status = 415


class ValidationFailed(Unprocessable):
    """Several findings in one answer."""


class MalformedRequest(BadRequest):
    """A query parameter, header or JSON text that cannot be read."""


class IdempotencyKeyMissing(BadRequest):
    """The route files, decides or moves money and needs a key."""


class IdempotencyKeyInvalid(BadRequest):
    """The key is not 1–128 visible ASCII characters."""


class IdempotencyKeyReused(Unprocessable):
    """Same key, other body."""


class RequestInProgress(Conflict):
    """The same key is being worked on at this moment."""


class PreconditionRequired(Problem):
    """The route needs `If-Match`."""

    status = 428


class PreconditionFailed(Problem):
    """Somebody changed it since you read it."""

    status = 412


class IllegalTransition(Conflict):
    """The life of the thing has no such move from where it is."""


class NotYetKnown(Conflict):
    """A fact from another service has not arrived yet; it normally takes less than 2 s."""

    def __init__(self, **members: Any) -> None:
        super().__init__(headers={"Retry-After": "1"}, **members)


class ConstraintBroken(Conflict):
    """The database refused; the rule has no better name."""

    @classmethod
    def named(cls, code: str, status: int) -> "ConstraintBroken":
        """The same refusal under the name that the catalogue gives to a constraint."""
        refusal = cls()
        refusal.code, refusal.status = code, status  # type: ignore[misc]  # this one answer only
        return refusal


class CursorExpired(Problem):
    """A cursor lives seven days."""

    status = 410


class DatabaseUnavailable(Unavailable):
    """The database does not answer, or every connection is busy."""


class ServiceUnavailable(Unavailable):
    """The process behind the gateway does not answer."""
