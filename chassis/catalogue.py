"""The error catalogue: one `problems.toml` per process, over the one of the chassis."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Language = Literal["fr", "en"]
_OWN = Path(__file__).with_name("problems.toml")


@dataclass(frozen=True)
class Entry:
    """A code: its status and its sentences by language; `constraints` names database rules."""

    code: str
    status: int
    title: Mapping[str, str]
    detail: Mapping[str, str]
    remedy: Mapping[str, str]
    constraints: tuple[str, ...] = ()


class Catalogue:
    """Every code that a process may answer with."""

    def __init__(self, *files: Path) -> None:
        self.entries: dict[str, Entry] = {}
        for file in (_OWN, *files):
            self.entries.update(_read(file))
        self.by_constraint = {
            name: entry for entry in self.entries.values() for name in entry.constraints
        }

    def sentence(self, code: str, language: Language, params: Mapping[str, Any]) -> str:
        """The detail of `code`, filled with `params`; the title when it has no detail."""
        entry = self.entries[code]
        text = entry.detail.get(language) or entry.title[language]
        return text.format_map(_Params(params))

    def listing(self, base: str) -> list[dict[str, Any]]:
        """The catalogue as the public `GET /v1/problems` shows it, in both languages."""
        return [
            {
                "code": e.code,
                "type": f"{base}/problems/{e.code}",
                "status": e.status,
                "title": dict(e.title),
                "detail": dict(e.detail),
                "remedy": dict(e.remedy),
            }
            for e in sorted(self.entries.values(), key=lambda e: e.code)
        ]


class _Params(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "…"


def _read(file: Path) -> dict[str, Entry]:
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    return {
        code: Entry(
            code=code,
            status=row["status"],
            title=row["title"],
            detail=row.get("detail", row["title"]),
            remedy=row["remedy"],
            constraints=tuple(row.get("constraints", ())),
        )
        for code, row in table.items()
    }


def preferred_language(accept_language: str | None) -> Language:
    """French unless the caller prefers English (RFC 9110 §12.5.4, q-values honoured)."""
    best: tuple[float, Language] = (0.0, "fr")
    for part in (accept_language or "").replace(" ", "").split(","):
        tag, _, weight = part.partition(";q=")
        language = tag.split("-")[0].lower()
        quality = _quality(weight)
        if language in ("fr", "en") and quality > best[0]:
            best = (quality, "fr" if language == "fr" else "en")
    return best[1]


def _quality(weight: str) -> float:
    try:
        return float(weight) if weight else 1.0
    except ValueError:
        return 0.0
