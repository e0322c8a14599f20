"""A connection, and how long we are patient with it: uvicorn has no deadline for a request that
never becomes whole, nor for an answer that nobody takes."""

import resource
from dataclasses import dataclass
from typing import Any, ClassVar

from chassis import lines
from chassis.bounds import Awaited, BoundedProtocol
from chassis.errors import RequestTimeout

_SPARE_FILES = 256  # for the database, the services behind and the log, whatever callers hold


@dataclass(frozen=True)
class Patience:
    """How long and how slow; the defaults suit a telephone on a poor network."""

    look_s: float = 2.0
    head_s: float = 8.0  # from the connection, or from the first byte of a later request
    pace_s: float = 8.0  # in each such stretch of an unfinished body …
    pace_bytes: int = 2_000  # … so much must come, while we are ready to take it
    # An answer of which nothing is taken for so long is given up. The kernel of a reader with large
    # buffers says so only once they have taken 128 KB.
    unread_s: float = 60.0
    rest_s: float = 8.0  # for what still comes of a request that is already answered


class PatientProtocol(BoundedProtocol):
    """Ends connections that ask for nothing, ask without end, or take no answer."""

    patience: Patience = Patience()
    most: ClassVar[int] = 1_000_000  # `chassis.serve` says what there is room for

    def connection_made(self, transport: Any) -> None:
        """Begin to look after it, unless there are too many already."""
        super().connection_made(transport)
        self._unsent = self._taken = 0
        self._taken_at = self.since
        self._look_later()
        if len(self.connections) > self.most:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._timer.cancel()
        super().connection_lost(exc)

    def _look_later(self) -> None:
        self._timer = self.loop.call_later(self.patience.look_s, self._look)

    def _look(self) -> None:
        self._look_later()
        now = self.loop.time()
        self._observe(now)
        if self._is_unread(now) or self._is_left(now):
            self.transport.abort()
        elif self._is_resting(now):
            self.transport.close()
        elif not self.is_over and self._is_too_slow(now):
            self.refuse(RequestTimeout(), silently=not self.has_begun)

    def _observe(self, now: float) -> None:
        """What they took since the last look, and from when on their time runs."""
        unsent = self.transport.get_write_buffer_size()
        # the kernel asks for more only when a third of what it holds has gone: a slow reader is
        # seen in what is acknowledged
        taken = lines.taken(self.transport) if unsent else 0
        if unsent == 0 or unsent < self._unsent or taken > self._taken:
            self._taken_at = now
        self._unsent, self._taken = unsent, taken
        if self._is_in_time:
            self.since, self.moved = now, 0

    @property
    def _is_in_time(self) -> bool:
        if self.is_over:
            return self._unsent > 0  # they still take what was said
        # it is we who do not read on, since others of theirs wait; or enough of a body has come
        return self.flow.read_paused or self.moved >= self.patience.pace_bytes

    def _is_left(self, now: float) -> bool:
        return self.is_over and now - self.since > self.patience.rest_s

    def _is_resting(self, now: float) -> bool:
        rests = self.awaited is Awaited.NOTHING and self.is_answered
        return rests and now - self.answered_at > self.timeout_keep_alive

    def _is_unread(self, now: float) -> bool:
        return now - self._taken_at > self.patience.unread_s

    def _is_too_slow(self, now: float) -> bool:
        if self.awaited is Awaited.HEAD:
            return now - self.since >= self.patience.head_s
        # uvicorn's own patience with those it has answered is lost when more of the request comes
        is_late = self.is_answered and now - self.answered_at >= self.patience.rest_s
        if self.awaited is Awaited.BODY:
            return is_late or now - self.since >= self.patience.pace_s
        return is_late and now - self.since >= self.patience.rest_s


def raise_file_limit() -> int:
    """Let this process hold as many files as it may; how many connections that leaves room for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    most = 1_048_576 if hard == resource.RLIM_INFINITY else hard
    return max(most - _SPARE_FILES, _SPARE_FILES)
