"""A file as the body of a request: streamed to the disk and hashed on its way, never held in
memory. A connection that is cut leaves nothing."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from starlette.requests import ClientDisconnect

from chassis.canonical import sha256
from chassis.db import Session
from chassis.errors import BodyTooLarge, MalformedRequest, UnsupportedMediaType
from chassis.idempotency import IdempotencyKey, Once, begin


@dataclass(frozen=True)
class Upload:
    """A whole file that arrived; `path` holds until the answer has gone out."""

    path: Path
    media: str
    size: int
    sha256: str


def Uploaded(media: Sequence[str], *, most_bytes: int) -> Any:  # noqa: N802 - reads as a type
    """A route parameter: the body as a file of one of these media types. Type and announced size
    are looked at before the idempotency key, the key before a single byte is read."""

    async def announced(request: Request) -> str:
        request.scope["max_body_bytes"] = most_bytes
        said = request.headers.get("content-type", "").lower().partition(";")[0].strip()
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > most_bytes:
            raise BodyTooLarge()
        is_plain = request.headers.get("content-encoding", "identity").lower() == "identity"
        if said not in media or not is_plain:
            raise UnsupportedMediaType(expected=", ".join(media))
        return said

    async def receive(
        request: Request, said: Annotated[str, Depends(announced)], _: IdempotencyKey
    ) -> AsyncIterator[Upload]:
        with TemporaryDirectory(prefix="upload-") as folder:
            yield await _store(request, Path(folder) / "file", said)

    receive.files = tuple(media)  # type: ignore[attr-defined]  # for the OpenAPI document
    receive.most_bytes = most_bytes  # type: ignore[attr-defined]  # likewise
    return Depends(receive)


async def _store(request: Request, path: Path, media: str) -> Upload:
    hashed, size = hashlib.sha256(), 0
    try:
        with path.open("wb") as file:
            async for piece in request.stream():
                hashed.update(piece)
                size += len(piece)
                file.write(piece)
    except ClientDisconnect as gone:  # nobody is left to hear it
        raise MalformedRequest() from gone
    return Upload(path, media, size, hashed.hexdigest())


async def act_of(request: Request, session: Session, key: str, upload: Upload) -> Once:
    """The act under `key` of sending this file with these options."""
    said = sorted(request.query_params.multi_items())
    whole = f"{upload.media}\n{upload.sha256}\n{urlencode(said)}"
    return await begin(request, session, key, sha256(whole.encode()))
