"""Which passwords are refused (NIST SP 800-63B §5.1.1.2): short, common or easily guessed ones.

No rule of composition, no date of expiry: both make people choose worse. A sentence is welcome.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

SHORTEST = 12
LONGEST = 200
_FEWEST_DIFFERENT = 5
_FEWEST_MORE = 6  # characters beside a word that everybody would try
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
)
# What remains of common passwords once digits and signs are taken off both ends; and what belongs
# to this place.
_COMMON = frozenset(
    """
    password motdepasse passwd secret bonjour salut iloveyou jetaime welcome bienvenue
    administrateur administrator admin root user utilisateur changeme changemoi letmein
    football soleil princesse doudou chouchou loulou marseille paris dragon monkey master
    superman batman starwars trustno computer ordinateur internet whatever sunshine
    mboolo senegal dakar teranga lions cooperative cooperatives solidaire ministere registre
    formation financement banque microfinance
    """.split()  # noqa: SIM905  a column of words is not easier to read
)


def normal(password: str) -> str:
    """A password as it is hashed: the same on every keyboard (RFC 8265)."""
    return unicodedata.normalize("NFC", password)


def faults(password: str, about: Iterable[str] = ()) -> Iterator[str]:
    """Why a password is refused, in words of `gateway.signin.words`; `about` names its owner."""
    if len(password) < SHORTEST:
        yield "password_short"
    if len(password) > LONGEST:
        yield "password_long"
    if _is_common(_folded(password), [_folded(word) for word in about]):
        yield "password_common"


def _is_common(folded: str, about: list[str]) -> bool:
    plain = "".join(c for c in folded if c.isalnum())
    core = plain.strip("0123456789")
    if len(set(folded)) < _FEWEST_DIFFERENT or _is_a_row(plain) or _is_a_row(core):
        return True
    names = {"".join(c for c in word if c.isalnum()) for text in about for word in _parts(text)}
    # a name, a place, again and again, with a few characters around it
    known = _COMMON | {name for name in names if len(name) > 3}
    return any(word in plain and len(plain.replace(word, "")) < _FEWEST_MORE for word in known)


def _parts(text: str) -> list[str]:
    return [text, *re.split(r"[^\w]+", text)]


def _is_a_row(text: str) -> bool:
    rows = [row * 3 for row in _ROWS]
    return len(text) > 3 and any(text in row or text[::-1] in row for row in rows)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in plain if not unicodedata.combining(c))
