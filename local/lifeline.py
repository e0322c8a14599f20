"""The tie between a child and the one who started it: the kernel tells the child of our death."""

import ctypes
import os
import sys
from collections.abc import Callable
from signal import Signals

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)  # loaded before any fork: between fork and exec nothing may be loaded


def dying_with_us(by: Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: the child will receive `by` when we die, even by SIGKILL (Linux only)."""
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def bind() -> None:
        _libc.prctl(_PR_SET_PDEATHSIG, int(by))
        if os.getppid() != parent:  # we died before the kernel was told
            os.kill(os.getpid(), by)

    return bind
