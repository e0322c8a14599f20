"""One request carried to a service and its answer carried back, neither held nor changed.

The beginning of a body is waited for before anything is asked of the service: who sends slowly
occupies none of its connections. After it chunks move as they come, in both directions, and no
faster than the slower side takes them.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Send

from chassis.errors import Problem, RequestTimeout, ServiceUnavailable
from chassis.transport import NoBody
from gateway.errors import GatewayTimeout
from gateway.plane.errand import Errand
from gateway.plane.headers import outward
from gateway.upstreams.attempts import Attempts
from gateway.upstreams.balance import Outcome

_BEGINNING = 65_536


class Exchange(httpx.AsyncByteStream):
    """Is itself the stream of the request's body, so that it knows when the caller leaves."""

    def __init__(self, receive: Receive, send: Send, errand: Errand) -> None:
        self._receive = receive
        self._send = send
        self._errand = errand
        self._clock = asyncio.timeout(errand.patience.read_s)
        self._until = float("inf")
        self._uploaded = asyncio.Event()
        self._beginning: list[bytes] = []
        self._is_whole = False
        self._refusal: Problem | None = None
        self._is_gone = False
        self._has_asked = False
        self._began = False
        self._is_taken = True  # the caller takes what there is: it is the service that we wait for

    async def carry(self, transport: httpx.AsyncBaseTransport, *, has_body: bool) -> None:
        """Do it; raises a `Problem` as long as nothing was answered.

        An answer that breaks off is left unfinished, so that the server closes the connection and
        the caller sees that something is missing.
        """
        service = self._errand.upstream.service
        try:
            async with self._clock:
                await self._exchange(transport, has_body=has_body)
        except TimeoutError:
            self._give_up(GatewayTimeout(service=service) if self._has_asked else RequestTimeout())
        except httpx.TransportError:
            self._give_up(ServiceUnavailable(service=service))
        except ClientDisconnect:  # there is nobody left to tell
            pass

    def _give_up(self, problem: Problem) -> None:
        if not (self._is_gone or self._began):
            raise self._refusal or problem

    async def _exchange(self, transport: httpx.AsyncBaseTransport, *, has_body: bool) -> None:
        if has_body:
            await self._gather()
        else:
            self._is_whole = True
            self._uploaded.set()
        attempts = self._errand.attempts(is_held=self._is_whole)
        self._has_asked = True
        self._until = asyncio.get_running_loop().time() + self._errand.patience.total_s
        self._moved()
        watch = asyncio.create_task(self._watch())
        try:
            answer = await self._ask(transport, attempts, self if has_body else NoBody())
            try:
                await self._answer(answer)
            finally:
                await answer.aclose()
            attempts.end(Outcome.ANSWERED)
        except httpx.TransportError as error:
            attempts.end(self._outcome(error))
            raise
        finally:
            watch.cancel()
            if self._clock.expired() and self._is_taken and self._uploaded.is_set():
                attempts.end(Outcome.LEFT if self._is_gone else Outcome.LATE)
            attempts.leave()

    async def _ask(
        self,
        transport: httpx.AsyncBaseTransport,
        attempts: Attempts,
        stream: httpx.AsyncByteStream,
    ) -> httpx.Response:
        is_held = self._is_whole
        while True:
            url = attempts.begin().url
            try:
                return await transport.handle_async_request(
                    self._errand.request(url, stream, is_held=is_held)
                )
            except httpx.TransportError as error:
                attempts.end(self._outcome(error))
                is_over = self._is_gone or self._refusal is not None
                pause = None if is_over else attempts.again()
                if pause is None:
                    raise
            await asyncio.sleep(pause)

    def _outcome(self, error: httpx.TransportError) -> Outcome:
        if self._is_gone or self._refusal is not None:
            return Outcome.LEFT
        is_refused = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        return Outcome.REFUSED if is_refused else Outcome.BROKEN

    async def _answer(self, answer: httpx.Response) -> None:
        status = answer.status_code
        headers = outward(answer.headers.raw, status)
        self._began = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        stream = answer.stream
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101  tells mypy
        async for chunk in stream:
            self._moved()
            self._is_taken = False
            await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            self._is_taken = True
            self._moved()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _gather(self) -> None:
        length = 0
        while not self._is_whole and length < _BEGINNING:
            chunk = await self._next()
            self._beginning.append(chunk)
            length += len(chunk)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        beginning = b"".join(self._beginning)
        if not self._is_whole:
            self._beginning = []  # what is held whole may be sent again
        if beginning:
            yield beginning
        while not self._is_whole:
            if chunk := await self._next():
                yield chunk
        self._uploaded.set()

    async def _next(self) -> bytes:
        message = await self._received()
        self._moved()
        self._is_whole = not message.get("more_body", False)
        chunk: bytes = message.get("body", b"")
        return chunk

    async def _received(self) -> Message:
        try:
            message = await self._receive()
        except Problem as refusal:  # the body is larger than this process lets pass
            self._refusal = refusal
            raise
        if message["type"] == "http.disconnect":
            self._leave()
            raise ClientDisconnect()
        return message

    async def _watch(self) -> None:
        # The body is read by the upload; only after it may anybody else wait for the caller.
        await self._uploaded.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()

    def _moved(self) -> None:
        silent_at = asyncio.get_running_loop().time() + self._errand.patience.read_s
        self._wait_until(min(silent_at, self._until))

    def _leave(self) -> None:
        self._is_gone = True
        self._wait_until(asyncio.get_running_loop().time())

    def _wait_until(self, when: float) -> None:
        with suppress(RuntimeError):  # it is already over
            self._clock.reschedule(when)
