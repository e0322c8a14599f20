"""Lawful defaults: a test names only what it is about."""

import random
from copy import deepcopy
from datetime import timedelta
from typing import Any
from uuid import uuid4

from chassis import clock
from tests.town import Identity

DIENDE = "SN-SE-SD3-1"


def a_nin() -> str:
    """Thirteen digits that nobody has."""
    return "2" + "".join(str(random.randrange(10)) for _ in range(12))


def a_member(n: int, **changes: Any) -> dict[str, Any]:
    """A founding member with five shares."""
    return {
        "id": f"m{n}",
        "family_name": ["Diatta", "Sané", "Cissé", "Baldé", "Mané"][n % 5],
        "given_names": ["Awa", "Fatou", "Mariama", "Binta", "Khady"][n % 5],
        "sex": "F",
        "birth_year": 1985 + n,
        "nin": a_nin(),
        "phone": f"+22177123{n:04d}",
        "shares": 5,
        "signed": "SIGNATURE",
    } | changes


def an_officer(n: int, organ: str, function: str) -> dict[str, Any]:
    """A mandate of member `n`."""
    day = (clock.today() - timedelta(days=10)).isoformat()
    return {"member_id": f"m{n}", "organ": organ, "function": function, "from_on": day}


def a_registration(**changes: Any) -> dict[str, Any]:
    """A declaration that breaks no rule: a SCOOPS of seven women, three of whom manage."""
    name = f"Société coopérative simplifiée SCOOPS Jappoo {uuid4().hex[:10]}"
    payload = {
        "legal_form": "SCOOPS",
        "name": name,
        "object": "Transformation et vente de noix de cajou",
        "common_bond": "Productrices d'anacarde de la commune",
        "seat": {"commune_code": DIENDE},
        "sector_codes": ["FIL-ANACARDE"],
        "cps_tags": ["CORPORATIVE"],
        "statutes_items": list(range(1, 13)),
        "assembly_on": (clock.today() - timedelta(days=10)).isoformat(),
        "share_value_xof": 5000,
        "capital_xof": 7 * 5 * 5000,
        "members": [a_member(n) for n in range(7)],
        "officers": [
            an_officer(0, "MANAGING", "PRESIDENT"),
            an_officer(1, "MANAGING", "SECRETARY"),
            an_officer(2, "MANAGING", "TREASURER"),
            an_officer(3, "SUPERVISORY", "MEMBER"),
            an_officer(4, "SUPERVISORY", "MEMBER"),
            an_officer(5, "SUPERVISORY", "MEMBER"),
        ],
    }
    return deepcopy(payload) | changes


def a_filing(**changes: Any) -> dict[str, Any]:
    """A REGISTRATION, ready to be drafted; `changes` are of the payload."""
    return {"type": "REGISTRATION", "payload": a_registration(**changes)}


def a_client(owner: Identity, subject: str, *scopes: str, **changes: Any) -> Identity:
    """A machine of somebody else, to which `owner` lent `scopes` on one of its cooperatives."""
    grant = {"org": owner.org, "subject": subject, "scopes": list(scopes)}
    return Identity(**{"scope": " ".join(scopes), "grants": [grant]} | changes)
