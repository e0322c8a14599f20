"""The error catalogue of the whole platform, read from the files of its four processes."""

from pathlib import Path

from pydantic import BaseModel

from chassis.catalogue import Catalogue
from gateway.settings import SERVICES

_ROOT = Path(__file__).resolve().parents[2]


class Text(BaseModel):
    """A sentence in both languages."""

    fr: str
    en: str


class ProblemKind(BaseModel):
    """A code, what it means and what to do."""

    code: str
    type: str
    status: int
    title: Text
    detail: Text
    remedy: Text


class ProblemList(BaseModel):
    """Every kind of problem."""

    items: list[ProblemKind]


def catalogues() -> dict[str, Catalogue]:
    """The catalogue of each process that has one here."""
    files = {name: _ROOT / "services" / name / "problems.toml" for name in SERVICES}
    files["gateway"] = _ROOT / "gateway" / "problems.toml"
    return {name: Catalogue(file) for name, file in files.items() if file.exists()}


def kinds(public_base: str) -> dict[str, ProblemKind]:
    """All codes by name; of a code that several processes share, the first text is shown."""
    found: dict[str, ProblemKind] = {}
    for catalogue in catalogues().values():
        for row in catalogue.listing(public_base):
            found.setdefault(row["code"], ProblemKind.model_validate(row))
    return dict(sorted(found.items()))
