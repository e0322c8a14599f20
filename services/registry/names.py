"""Names folded, so that accents, case, spacing and legal wording do not make two of one."""

import re
import unicodedata

_LEGAL_WORDS = {
    "scoops", "scoop", "coop", "ca", "societe", "cooperative", "cooperatives", "simplifiee",
    "avec", "conseil", "administration", "d", "de", "des", "du", "la", "le", "les", "l", "et",
}  # fmt: skip
_LOOKALIKES = str.maketrans("0аеорсухіјԁһӏ", "oaeopcyxijdhl")  # zero and Cyrillic twins


def fold(text: str) -> str:
    """Lower case, no accent, one space between words, look-alike letters made one."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in plain if not unicodedata.combining(c)).replace("œ", "oe")
    return " ".join(re.findall(r"[^\W_]+", bare.translate(_LOOKALIKES)))


def name_key(name: str) -> str:
    """What distinguishes a name: its folded words without those of legal forms.

    A name made of such words alone keeps them, so that no key is ever empty.
    """
    words = fold(name).split()
    telling = [word for word in words if word not in _LEGAL_WORDS]
    return " ".join(telling or words) or name


def has_hidden_characters(text: str) -> bool:
    """Whether `text` holds control, bidirectional or zero-width characters."""
    if text.isprintable():  # none of these is; asked at once, since almost every name is
        return False
    return any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") for c in text)
