"""When the answer left that a code or a refresh token brought, as far as this process gave it.

Nobody can replay what they have not been given: a request that was here before the answer to its
twin had left raced with it. The row knows only when the token was used, some milliseconds earlier.
"""

import time
from collections import OrderedDict

_MOST = 10_000


class Answered:
    """The last ten thousand tokens that were used here: SHA-256 -> seconds since the epoch."""

    def __init__(self) -> None:
        self._at: OrderedDict[str, float] = OrderedDict()

    def using(self, sha256: str) -> None:
        """It is being used; its answer is on the way."""
        self._at[sha256] = float("inf")
        self._at.move_to_end(sha256)
        if len(self._at) > _MOST:
            self._at.popitem(last=False)

    def left(self, sha256: str) -> None:
        """Its answer leaves now."""
        if sha256 in self._at:
            self._at[sha256] = time.time()

    def is_twin(self, sha256: str, arrived_at: float) -> bool:
        """Whether a request that arrived then was here before the answer to the other one left."""
        return arrived_at <= self._at.get(sha256, float("-inf"))
