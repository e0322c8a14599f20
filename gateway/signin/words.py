"""The words of the pages, French and English side by side: words.toml has them."""

import tomllib
from pathlib import Path

from chassis.catalogue import Language

_Pair = tuple[str, str]
_FILE = Path(__file__).with_name("words.toml")
_TEXTS = tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _pairs(part: str) -> dict[str, _Pair]:
    return {key: (text["fr"], text["en"]) for key, text in _TEXTS[part].items()}


WORDS = _pairs("pages")
SCOPE_WORDS = _pairs("scopes")


def scope_words(language: Language, scope: str) -> str:
    """What a scope lets an application do, as a person reads it."""
    french, english = SCOPE_WORDS[scope]
    return french if language == "fr" else english
