"""A crossing whose answer may come from the store, or go there: what a stranger reads is asked of
its service once for all who ask the same, and what is changed makes it old."""

import time
from functools import partial

from chassis.connection import Header
from chassis.errors import Problem, ServiceUnavailable
from gateway.errors import GatewayTimeout
from gateway.plane.crossing import OVER, Crossing
from gateway.plane.headers import Headers
from gateway.store.entries import Entry
from gateway.store.keys import Question, is_open, question
from gateway.store.store import ANSWERS, Ending, Flight, Landed, Lead, Tell
from gateway.upstreams.budget import WITHIN_S

_PIECE = 32_768
# After so many leaders from whom nothing came each asks alone: nobody is kept waiting by others.
_MOST_LEADERS = 3
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))


class Shelved(Crossing):
    """Leads, follows, or passes by."""

    _asked: Question | None = None
    _lead: Lead | None = None
    _begun: tuple[int, list[Header]] | None = None  # a head that is held with its body
    _follows: tuple[Flight, Tell] | None = None
    _leaders: int = 0  # whom it has followed in vain
    _rest: memoryview | None = None  # what the caller has not taken of an answer that is kept

    def _is_on_shelf(self) -> bool:
        """Whether the store answers, now or soon."""
        told = self._question
        if self._plane.store is None or told.said.token is not None or not is_open(told.way.path):
            return False
        self._asked = question(told.method, told.way.service, told.target, told.said.named)
        return self._asked is not None and self._ask_store()

    def _ask_store(self) -> bool:
        store, asked = self._plane.store, self._asked
        if store is None or asked is None:
            return False
        found = store.ask(asked)
        if isinstance(found, Entry):
            self._tell(found, "hit")
        elif isinstance(found, Flight):
            self._follows = found, partial(self._landed, found)
            found.follow(self._follows[1])
        elif isinstance(found, Lead):
            self._lead = found
            self._question.ask_whole()
        else:
            ANSWERS.add("passed")
        return isinstance(found, Entry | Flight)

    def _landed(self, flight: Flight, landed: Landed) -> None:
        self._follows = None
        if self._state != OVER:
            self._safely(self._land, flight, landed)

    def _land(self, flight: Flight, landed: Landed) -> None:
        if isinstance(landed, Entry):
            self._tell(landed, "stale" if flight.is_stale else "collapsed")
        elif landed is Ending.LATE:
            raise GatewayTimeout(service=self._question.way.service)
        elif landed is Ending.FAILED and time.perf_counter() - self._began > WITHIN_S:
            raise ServiceUnavailable(service=self._question.way.service)
        elif landed is Ending.NOT_FOR_ALL or self._leaders >= _MOST_LEADERS:
            ANSWERS.add("passed")
            self._set_out()
        else:
            self._leaders += 1
            if not self._ask_store():
                self._set_out()

    def _set_out(self) -> None:
        raise NotImplementedError

    def _tell(self, entry: Entry, how: str) -> None:
        if self._plane.store is None or self._asked is None:
            return
        ANSWERS.add(how)
        self._lead = self._begun = None
        status, headers, body = self._plane.store.answer(entry, self._asked, how)
        super().headed(status, headers)
        self._plane.watch.discard(self)
        if self._attempts is not None:
            self._attempts.leave()  # nobody is asked any more, however slowly this is taken
        self._rest = memoryview(b"" if self._asked.is_head else body)
        self._pour()

    def _pour(self) -> None:
        # in pieces: what nobody takes would lie in a buffer of each who asked
        rest = self._rest or memoryview(b"")
        piece, self._rest = rest[:_PIECE], rest[_PIECE:]
        super().came(bytes(piece))
        if self._rest:
            self.turned()
            self._protocol.loop.call_soon(self.pour_on)
        else:
            self._finish()

    def pour_on(self) -> None:
        """More of an answer that is kept, as soon as the caller takes it."""
        if self._rest and self._state != OVER and not self._protocol.flow.write_paused:
            self._safely(self._pour)

    @property
    def _is_untaken(self) -> bool:
        """Whether the caller takes no more of an answer that is for nobody else."""
        return self._lead is None and bool(self._protocol.flow.write_paused)

    def _pass_by(self) -> None:
        # it is for this caller alone from now on, and comes no faster than they take it
        self._lead = None
        if self._is_untaken and self._connection is not None:
            self._connection.pause()

    def headed(self, status: int, headers: Headers) -> None:
        """The head of the answer."""
        if self._lead is None:
            self._make_old(status)
            super().headed(status, headers)
            return
        self._is_headed = True
        plain = self._plane.outward.pairs(headers, status)
        stale = self._lead.begins(status, plain)
        if stale is not None:
            self._let_go()
            self._tell(stale, "stale")
        elif self._lead.is_holding:
            self._begun = status, plain
        else:
            ANSWERS.add("passed")
            self._pass_by()
            super().headed(status, headers)

    def _make_old(self, status: int) -> None:
        # as soon as somebody may know of the change; what a stranger may send changes nothing
        is_change = self._question.method not in _SAFE and not 400 <= status < 500
        if is_change and self._passport is not None and self._plane.store is not None:
            self._plane.store.changed(self._question.way.service)

    def came(self, chunk: bytes) -> None:
        """A piece of its body."""
        held: bytes | None = chunk
        if self._begun is not None and self._lead is not None:
            held = self._lead.feed(chunk)
            if held is not None:  # too large to be kept
                (status, headers), self._begun = self._begun, None
                self._pass_by()
                super().headed(status, headers)
        if held is not None:
            super().came(held)

    def ended(self) -> None:
        """The answer is whole."""
        if self._begun is None or self._lead is None:
            super().ended()
        else:
            self._arrived()
            self._tell(self._lead.end(), "stored")

    def _refuse(self, problem: Problem) -> None:
        lead, self._lead, self._begun = self._lead, None, None
        if lead is not None and self._state != OVER:
            stale = lead.fails(problem.status)
            if stale is not None:
                self._let_go()
                self._tell(stale, "stale")
                return
        super()._refuse(problem)

    def _close(self) -> None:
        if self._lead is not None:
            self._lead.leave()
        if self._follows is not None:
            flight, tell = self._follows
            flight.forget(tell)
        if self._attempts is not None and not self._status:  # nobody knows whether it was done
            self._make_old(0)
        super()._close()
