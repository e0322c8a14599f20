"""Something that is done in a process of its own while this one goes on."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe
from typing import Any, Generic, TypeVar

T = TypeVar("T")
# forked: a fresh interpreter would first have to import us
_FORK = multiprocessing.get_context("fork")


class Beside(Generic[T]):
    """Begins `act(*words)` at once. Not for use beside a running event loop, nor in a process that
    has threads."""

    def __init__(self, act: Callable[..., T], *words: Any) -> None:
        self._answer, told = _FORK.Pipe(duplex=False)
        self._process = _FORK.Process(target=_tell, args=(told, act, words), daemon=True)
        self._process.start()
        told.close()

    def result(self) -> T:
        """What it returned, once it has; raises what it raised, or `EOFError` if it was ended."""
        try:
            found: T | Exception = self._answer.recv()
        finally:
            self._process.join()
        if isinstance(found, Exception):
            raise found
        return found


def _tell(told: "Pipe", act: Callable[..., Any], words: tuple[Any, ...]) -> None:
    try:
        told.send(act(*words))
    except Exception as error:  # noqa: BLE001 - raised again where the result is asked for
        told.send(error)
