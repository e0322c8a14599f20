"""Signals that end us in order: the first one unwinds, later ones do not disturb that."""

import signal
from types import FrameType

_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_orderly() -> None:
    """From now on the first Ctrl-C, SIGTERM or lost terminal raises `KeyboardInterrupt`."""
    for ending in _ENDINGS:
        if ending is not signal.SIGHUP or signal.getsignal(ending) is not signal.SIG_IGN:
            signal.signal(ending, _end)  # `nohup` keeps its meaning


def _end(_number: int, _frame: FrameType | None) -> None:
    for ending in _ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt
