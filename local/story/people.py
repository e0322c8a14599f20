"""The seven women of the story: invented, with numbers that nobody has."""

import random
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

COMMUNE = "SN-SE-SD3-1"  # Diendé, in the département of Sédhiou
_NAMES = [
    ("Diatta", "Awa"), ("Sané", "Fatou"), ("Cissé", "Mariama"), ("Baldé", "Binta"),
    ("Mané", "Khady"), ("Diallo", "Aïssatou"), ("Sadio", "Ndèye"),
]  # fmt: skip


def word() -> str:
    """A name of their own for each telling, so that the story can be told again."""
    return f"Jappoo {uuid4().hex[:8]}"


def persons() -> list[dict[str, Any]]:
    """Seven persons, as training and registry are told of them."""
    return [
        {
            "id": f"p{n}",
            "family_name": family,
            "given_names": given,
            "sex": "F",
            "birth_year": 1988 + n,
            "phone": f"+2217712{random.randrange(10**5):05d}",  # noqa: S311 - not a secret
        }
        for n, (family, given) in enumerate(_NAMES)
    ]


def _signed() -> dict[str, Any]:
    nin = f"2{random.randrange(10**12):012d}"  # noqa: S311 - not a secret
    return {"nin": nin, "shares": 5, "signed": "SIGNATURE"}


def members(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same persons as founding members, with five shares each."""
    return [{**person, **_signed()} for person in people]


def officer(person: str, organ: str, function: str, day: date) -> dict[str, str]:
    """A mandate from the day of the assembly."""
    return {
        "member_id": person,
        "organ": organ,
        "function": function,
        "from_on": day.isoformat(),
    }


def registration(name: str, people: list[dict[str, Any]]) -> dict[str, Any]:
    """The declaration of a SCOOPS that breaks no rule."""
    day = date.today() - timedelta(days=5)  # noqa: DTZ011 - the terminal's day is good enough
    functions = ("PRESIDENT", "SECRETARY", "TREASURER")
    return {
        "legal_form": "SCOOPS",
        "name": f"Société coopérative simplifiée SCOOPS {name}",
        "object": "Transformation et vente de noix de cajou",
        "common_bond": "Productrices d'anacarde de Diendé",
        "seat": {"commune_code": COMMUNE},
        "sector_codes": ["FIL-ANACARDE"],
        "cps_tags": ["CORPORATIVE"],
        "statutes_items": list(range(1, 13)),
        "assembly_on": day.isoformat(),
        "share_value_xof": 5000,
        "capital_xof": 7 * 5 * 5000,
        "members": members(people),
        "officers": [
            *(officer(f"p{n}", "MANAGING", what, day) for n, what in enumerate(functions)),
            *(officer(f"p{n}", "SUPERVISORY", "MEMBER", day) for n in (3, 4, 5)),
        ],
    }
