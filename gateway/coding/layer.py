"""Codes answers, whoever made them."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.coding.coder import Coder
from gateway.coding.tags import bare
from gateway.coding.wishes import NONE, wish_of


class Coding:
    """Pure ASGI."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # the server in front of us has no way to end a body of unknown length for HTTP/1.0
        wish = wish_of(scope["headers"]) if scope["http_version"] != "1.0" else NONE
        scope["headers"], held = bare(scope["headers"], wish)
        coder: Coder | None = None

        async def send_coded(message: Message) -> None:
            nonlocal coder
            if message["type"] == "http.response.start":
                coder = Coder(wish, message["status"], message.get("headers", ()), held)
                message["headers"] = coder.headers()
            elif coder is not None and not coder.is_idle:
                message = _coded(coder, message, is_head=scope["method"] == "HEAD")
            await send(message)

        await self.app(scope, receive, send_coded)


def _coded(coder: Coder, message: Message, *, is_head: bool) -> Message:
    if is_head:
        return message
    body = coder.feed(message.get("body", b""))
    if not message.get("more_body", False):
        body += coder.end()
    return {**message, "body": body}
