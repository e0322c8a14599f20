"""Texts that people type and others read: names, addresses, languages, reasons."""

import unicodedata
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

_HIDDEN = ("Cc", "Cf", "Zl", "Zp")  # controls, marks that turn the direction, line ends


def _plain(text: str) -> str:
    if any(unicodedata.category(c) in _HIDDEN for c in text):
        raise PydanticCustomError("TEXT_NOT_PLAIN", "a control or formatting character")
    return unicodedata.normalize("NFC", text)


# One line, so that it can stand in a letter, a header or a list without pretending to be more.
PlainName = Annotated[str, Field(min_length=2, max_length=120), AfterValidator(_plain)]
_OF_NAMES = frozenset("'’.,-‐–() ")


def _names_a_person(text: str) -> str:
    # it stands in letters that others have sent: nothing that reads as an address or an order
    if not all(unicodedata.category(c)[0] in "LM" or c in _OF_NAMES for c in _plain(text)):
        raise PydanticCustomError("NAME_NOT_PLAIN", "not the name of a person")
    return unicodedata.normalize("NFC", text)


PersonName = Annotated[str, Field(min_length=2, max_length=120), AfterValidator(_names_a_person)]
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# What mail servers of the world accept (RFC 5321 without quoting), ASCII.
Address = Annotated[
    str,
    Field(max_length=254, pattern=rf"^{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}$"),
]
Language = Literal["fr", "en"]


class Reason(StrEnum):
    """Why an administrator acts; a closed list, because the audit trail keeps it for ever."""

    LEFT_SERVICE = "LEFT_SERVICE"
    COMPROMISED = "COMPROMISED"
    MISUSE = "MISUSE"
    ON_REQUEST = "ON_REQUEST"
    OTHER = "OTHER"


def shown(values: list[str]) -> list[str]:
    """A set of codes as it is kept: sorted, each once."""
    return sorted(set(values))
