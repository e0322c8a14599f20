"""Heads that are known, byte for byte: the same bytes say the same.

A caller asks for one thing after the other on a connection that is kept, and all but the first line
of its heads is the same each time. What a head said when the parser read it is remembered under its
bytes, so that it need not be read again. Only a GET is, that came whole and alone in one piece, by
HTTP/1.1, on a connection that stays, and says nothing that belongs to one request alone.
"""

from typing import Final

from gateway.plane.said import Said

_GET: Final = b"GET "
_VERSION: Final = b" HTTP/1.1"
_END: Final = b"\r\n\r\n"
_MOST: Final = 1_000
_LONGEST: Final = 3_000
# what a target may have in it to be read without a parser
_USUAL: Final = bytes(range(0x21, 0x7F)).replace(b"#", b"")


class Sayings:
    """Those that were learnt last."""

    def __init__(self) -> None:
        self._known: dict[bytes, Said] = {}

    def __len__(self) -> int:
        return len(self._known)

    def find(self, data: bytes) -> tuple[bytes, Said] | None:
        """The target, and what else is said, if that is known and this is the whole of a head."""
        end = data.find(_VERSION, 5, _LONGEST)
        if end < 0 or not data.startswith(b"GET /"):
            return None
        said = self._known.get(data[end:])
        target = data[4:end]
        # a space in it would be in front of another version, behind which the bytes are others
        return (target, said) if said and not target.translate(None, _USUAL) else None

    @staticmethod
    def is_worth(data: bytes) -> bool:
        """Whether this might be the whole of a head to learn."""
        is_short = len(data) <= _LONGEST and data.startswith(b"GET /")
        return is_short and data.endswith(_END) and data.count(_END) == 1

    def learn(self, data: bytes, target: bytes, said: Said) -> None:
        """Remember what the parser found in `data`, in which it saw this target."""
        first = _GET + target + _VERSION
        if said.is_repeated and data.startswith(first + b"\r\n"):
            if len(self._known) >= _MOST:
                del self._known[next(iter(self._known))]  # the oldest
            self._known[data[len(first) - len(_VERSION) :]] = said
