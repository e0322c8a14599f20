"""One shape of request, and what the service behind does with it."""

from dataclasses import dataclass

CRLF = b"\r\n"
PLACE = "/v1/cooperatives/shape"
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


@dataclass(frozen=True)
class Act:
    """What the service answers, piece by piece, and what it does then."""

    pieces: tuple[bytes, ...] = (PLAIN,)
    closes: bool = False
    is_early: bool = False  # before the body of the request is read


@dataclass(frozen=True)
class Shape:
    """What is sent, piece by piece; `answers` are so many as a caller waits for."""

    name: str
    sent: tuple[bytes, ...]
    act: Act = Act()
    answers: int = 1
    is_head: bool = False
    ends: bool = False  # the caller says at once that nothing more will come


def ask(
    *lines: str | bytes,
    method: str = "GET",
    target: str | bytes = PLACE,
    body: bytes = b"",
    version: str = "HTTP/1.1",
    host: str | None = "door",
) -> bytes:
    """A request with these header lines; nothing is added but `Host`."""
    told = [b" ".join([method.encode(), _bytes(target), version.encode()])]
    if host is not None:
        told.append(f"Host: {host}".encode())
    told += [_bytes(line) for line in lines]
    return CRLF.join([*told, b"", b""]) + body


def sized(body: bytes, *lines: str | bytes, method: str = "POST") -> bytes:
    """A request with a body of a known length."""
    return ask(*lines, f"Content-Length: {len(body)}", method=method, body=body)


def chunked(*chunks: bytes, trailers: bytes = b"") -> bytes:
    """A request with a body in chunks."""
    return ask(
        "Transfer-Encoding: chunked", method="POST", body=in_chunks(*chunks, trailers=trailers)
    )


def in_chunks(*chunks: bytes, trailers: bytes = b"") -> bytes:
    """A body in chunks, whole."""
    return b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in chunks) + (
        b"0\r\n" + trailers + CRLF
    )


def answer(*lines: str | bytes, status: str = "200 OK", body: bytes = b"") -> bytes:
    """An answer with these header lines; nothing is added."""
    return CRLF.join([f"HTTP/1.1 {status}".encode(), *map(_bytes, lines), b"", b""]) + body


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()
