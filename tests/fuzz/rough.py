"""Hostile bytes to a running town: over sockets, and as the body of every act."""

from collections.abc import Iterator

import httpx

from tests.fuzz.crew import Crew
from tests.fuzz.recipes import Fit
from tests.fuzz.sockets import exchange, status_of
from tests.fuzz.stock import Stock
from tests.fuzz.verdicts import Verdict
from tests.house.hostile import BODIES, MARK, Hostile

_MARK = MARK.encode()
_HEAD = b"Host: x\r\nConnection: close\r\n"

# Addresses as they are written, with the one status that they deserve.
TARGETS: dict[bytes, int] = {
    b"/v1/filings/%s%%00" % _MARK: 404,  # nothing is called so, whoever asks
    b"/v1/cooperatives/%s%%00" % _MARK: 404,
    b"/v1/cooperatives/%00": 404,
    b"/v1/cooperatives/%2e%2e": 404,
    b"/v1/cooperatives/..": 404,
    b"/v1/cooperatives/../../internal/v1/jwks": 404,
    b"/v1/cooperatives/%2e%2E%2f%2e%2e/internal/v1/jwks": 404,
    b"/v1/cooperatives/..%5c..%5c" + _MARK: 404,
    b"/v1/cooperatives/%ff%fe" + _MARK: 404,
    b"/v1/cooperatives/%c0%ae%c0%ae/" + _MARK: 404,
    b"/v1/cooperatives/%ed%a0%80" + _MARK: 404,
    b"/v1/cooperatives/%" + _MARK: 404,
    b"/v1/cooperatives/%3Cscript%3E" + _MARK: 404,
    b"/v1/cooperatives/" + b"a" * 5_000 + _MARK: 404,
    b"/v1/cooperatives?q=%00" + _MARK: 400,
    b"/v1/cooperatives?q=%ed%a0%80" + _MARK: 400,
    b"/v1/cooperatives?" + _MARK + b"%00=1": 400,
    b"/v1/cooperatives?cursor=" + _MARK: 400,
    b"/v1/cooperatives?limit=" + b"7" * 5_000: 400,
    b"/" + _MARK: 404,
    b"//" + _MARK: 404,
}

# Whole requests that are none: refused before anybody reads what they say.
REQUESTS: dict[str, bytes] = {
    "NUL in a header": b"GET /v1/events HTTP/1.1\r\n%sX-A: %s\x00\r\n\r\n" % (_HEAD, _MARK),
    "NUL in the address": b"GET /v1/%s\x00 HTTP/1.1\r\n%s\r\n" % (_MARK, _HEAD),
    "space in the address": b"GET /v1/%s x HTTP/1.1\r\n%s\r\n" % (_MARK, _HEAD),
    "no version": b"GET /v1/%s\r\n%s\r\n" % (_MARK, _HEAD),
    "version 9": b"GET /v1/events HTTP/9.9\r\n%s\r\n" % _HEAD,
    "no header": b"GET /v1/events HTTP/1.1\r\n%s%s\r\n\r\n" % (_HEAD, _MARK),
    "space before the colon": b"GET /v1/events HTTP/1.1\r\n%s%s : 1\r\n\r\n" % (_HEAD, _MARK),
    "two lengths": b"POST /v1/filings HTTP/1.1\r\n%sContent-Length: 5\r\nContent-Length: 6\r\n\r\n"
    b"12345" % _HEAD,
    "length and chunks": b"POST /v1/filings HTTP/1.1\r\n%sContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" % _HEAD,
    "a negative length": b"POST /v1/filings HTTP/1.1\r\n%sContent-Length: -5\r\n\r\n" % _HEAD,
    "a length in words": b"POST /v1/filings HTTP/1.1\r\n%sContent-Length: %s\r\n\r\n"
    % (_HEAD, _MARK),
    "a chunk without size": b"POST /v1/filings HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n"
    b"%s\r\n" % (_HEAD, _MARK),
    "binary": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + _MARK,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a long header": b"GET /v1/events HTTP/1.1\r\n%sX-A: %s\r\n\r\n" % (_HEAD, _MARK * 20_000),
    "many headers": b"GET /v1/events HTTP/1.1\r\n%s%s\r\n"
    % (_HEAD, b"".join(b"X-%d: %s\r\n" % (n, _MARK) for n in range(20_000))),
    "a long method": b"%s /v1/events HTTP/1.1\r\n%s\r\n" % (b"A" * 20_000, _HEAD),
}

# What no route may read; the whole list is held against every route in tests/house.
_SOME = ("lone surrogate", "NUL", "raw NUL", "NaN", "deep arrays", "5,000 digits", "doubled name",
         "byte order mark", "truncated UTF-8", "charset UTF-16", "gzip", "XML")  # fmt: skip
_NOT_JSON = ("POST /lender/signature-tests", "POST /imports")


def over_sockets(port: int) -> Verdict:
    """Addresses and requests as nobody writes them: each a problem, none an echo."""
    wrong = [*_wrong_targets(port), *_wrong_requests(port)]
    asked = len(TARGETS) + len(REQUESTS)
    return Verdict("hostile requests are refused", _told(asked, wrong), not wrong)


def _wrong_targets(port: int) -> Iterator[str]:
    for target, status in TARGETS.items():
        answer = exchange(port, b"GET %s HTTP/1.1\r\n%s\r\n" % (target, _HEAD))
        if status_of(answer) != status or _is_no_problem(answer):
            yield f"{target[:60]!r} {answer[:80]!r}"


def _wrong_requests(port: int) -> Iterator[str]:
    for name, request in REQUESTS.items():
        answer = exchange(port, request)
        if not 400 <= status_of(answer) < 500 or _is_no_problem(answer):
            yield f"{name} {answer[:80]!r}"


def _is_no_problem(answer: bytes) -> bool:
    return b"application/problem+json" not in answer or _MARK in answer


def _told(asked: int, wrong: list[str]) -> str:
    return f"{asked - len(wrong)} of {asked}" + "".join(f"\n    {one}" for one in wrong)


def as_bodies(crew: Crew, stock: Stock, labels: list[str]) -> Verdict:
    """Every act, on a real object and by somebody who may, with a body that is none."""
    asked, wrong = 0, []
    for label in labels:
        fit = stock.of(label)
        if _reads_json(label) and fit is not None:
            found = [one for name in _SOME if (one := _refused(crew, label, fit, BODIES[name]))]
            asked += len(_SOME)
            wrong += found
    return Verdict("hostile bodies are refused", _told(asked, wrong), not wrong)


def _reads_json(label: str) -> bool:
    is_form = " /oauth2/" in label
    return not label.startswith("GET ") and not is_form and label not in _NOT_JSON


def _refused(crew: Crew, label: str, fit: Fit, sent: Hostile) -> str | None:
    answer = _send(crew, label, fit, sent)
    is_right = (answer.status_code, answer.json().get("code")) == (sent.status, sent.code)
    if is_right and MARK not in answer.text:
        return None
    return f"{label} {answer.status_code} {answer.text[:200]}"


def _send(crew: Crew, label: str, fit: Fit, sent: Hostile) -> httpx.Response:
    method, _, path = label.partition(" ")
    address = f"/v1{path}".format(**fit.values)
    media = "application/merge-patch+json" if method == "PATCH" else "application/json"
    headers = {"Content-Type": media, "If-Match": '"1"', **sent.headers}
    if path == "/lender/assignments/{id}/decisions":
        return crew.signed(str(fit.role), address, sent.content, headers)
    return crew.ask(fit.role, method, address, content=sent.content, headers=headers)
