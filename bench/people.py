"""Cooperatives and members by number: always the same ones, with names that are borne here."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from chassis import clock
from services.registry.names import name_key
from services.registry.numbers import registration_number

_ROOT = Path(__file__).resolve().parents[1]
_TRADES = ["Jappoo", "Bokk Jom", "And Liggéey", "Takku Liggéey", "Mbooloo", "Yaakaar",
    "Sope Naatange", "Kaffo", "Deggoo", "Ndimbal", "Suxali", "Jëf Jël"]  # fmt: skip
_FUNCTIONS = [("MANAGING", "PRESIDENT"), ("MANAGING", "SECRETARY"), ("MANAGING", "TREASURER"),
    ("SUPERVISORY", "MEMBER"), ("SUPERVISORY", "MEMBER"), ("SUPERVISORY", "MEMBER")]  # fmt: skip
FIRST_DAY = date(2020, 1, 1)
RECORDED = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = 100_000_000_000  # so that the last group of an id is twelve decimal digits: pgbench's too
MANDATE = 5
PREFIX = "01977777-7777-7777-8777-"


def cooperative_id(number: int) -> UUID:
    """The id of the cooperative with this number, from 0."""
    return UUID(f"{PREFIX}{FIRST + number}")


def id_of(kind: int, number: int) -> UUID:
    """An id of something else: `kind` tells apart what."""
    return UUID(int=0x0197_0000_0000_7000_8000_0000_0000_0000 | kind << 48 | number)


@cache
def _names(kind: str) -> list[tuple[str, str]]:
    with (_ROOT / "tests/data/names_sn.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [(row["name"], row["gender"] or "F") for row in rows if row["kind"] == kind]


@cache
def _communes() -> list[list[str]]:
    with (_ROOT / "data/divisions.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    paths = []
    for code in (code for code, row in rows.items() if row["level"] == "commune"):
        path = [code]
        while (parent := rows[path[-1]]["parent_code"]) in rows:
            path.append(parent)
        paths.append([*path, "SN"])
    return paths


def person(number: int) -> dict[str, Any]:
    """Somebody: name, sex and year of birth."""
    first, last = _names("first"), _names("last")
    given, sex = first[number * 7 % len(first)]
    family, _ = last[number // len(first) * 5 % len(last)]
    sex = sex if sex in ("F", "M") else "NOT_STATED"
    return {"family_name": family, "given_names": given, "sex": sex, "year": 1950 + number % 55}


def cooperative(number: int, members: int) -> dict[str, Any]:
    """The columns of one cooperative."""
    path = _communes()[number % len(_communes())]
    name = f"Société coopérative simplifiée SCOOPS {_TRADES[number % 12]} {number:07d}"
    return {
        "id": cooperative_id(number),
        "registration_number": registration_number(path[-2], 2026, number),
        "organisation_id": f"org-{number}",
        "name": name,
        "name_key": name_key(name),
        "legal_form": "SCOOPS" if number % 4 else "COOP_CA",
        "life": "REGISTERED",
        "legal_registration": "NOT_REGISTERED",
        "cps_status": "OUTSIDE",
        "ess_status": "NOT_REQUESTED",
        "commune_code": path[0],
        "path": path,
        "authority_code": path[-3],
        "object": "Transformation et vente de noix de cajou, d'arachides et de riz local",
        "common_bond": "Productrices et producteurs de la commune et de ses villages",
        "sector_codes": ["FIL-ANACARDE"],
        "cps_tags": ["CORPORATIVE"],
        "share_value_xof": 5_000,
        "capital_xof": 5_000 * 5 * members,
        "members_count": members,
        "women_count": members // 2,
        "men_count": members - members // 2,
        "registered_on": FIRST_DAY + timedelta(days=number % 2_000),
        "version": 1,
    }


def mandates(number: int, members: int) -> Iterator[tuple[int, str, str]]:
    """Member number (of all), organ and function of whoever holds a mandate in a cooperative."""
    for at, (organ, function) in zip(count(), _FUNCTIONS, strict=False):
        yield number * members + at, organ, function


def public(row: dict[str, Any], members: int, number: int) -> dict[str, Any]:
    """What the register shows of a cooperative."""
    hidden = {"organisation_id", "name_key", "path", "version"}
    shown = {name: value for name, value in row.items() if name not in hidden}
    return {
        **shown,
        "id": str(row["id"]),
        "sex_not_stated_count": 0,
        "region_code": row["path"][-2],
        "registered_on": row["registered_on"].isoformat(),
        **dict.fromkeys(("rsc", "ess_agreement", "liquidation", "last_return", "bylaws")),
        "officers": [
            _officer(*mandate, row["registered_on"]) for mandate in mandates(number, members)
        ],
    }


def _officer(member: int, organ: str, function: str, since: date) -> dict[str, Any]:
    who = person(member)
    return {
        "mandate_id": str(id_of(MANDATE, member)),
        "family_name": who["family_name"],
        "given_names": who["given_names"],
        "organ": organ,
        "function": function,
        "from_on": since.isoformat(),
        "to_on": None,
    }


def registration(number: int) -> dict[str, Any]:
    """A declaration that breaks no rule: seven members, three who manage, three who supervise.
    One number and the next lie under different authorities, as at a ministry on a busy day."""
    seat, name = _communes()[number * 37 % len(_communes())][0], f"{_TRADES[number % 12]} {number}"
    day = (clock.today() - timedelta(days=10)).isoformat()
    return {
        "legal_form": "SCOOPS",
        "name": f"Société coopérative simplifiée SCOOPS {name} {uuid4().hex[:8]}",
        "object": "Transformation et vente de noix de cajou",
        "common_bond": "Productrices d'anacarde de la commune",
        "seat": {"commune_code": seat},
        "sector_codes": ["FIL-ANACARDE"],
        "cps_tags": ["CORPORATIVE"],
        "assembly_on": day,
        "share_value_xof": 5_000,
        "capital_xof": 7 * 5 * 5_000,
        "members": [_founder(at, number) for at in range(7)],
        "officers": [
            {"member_id": f"m{at}", "organ": organ, "function": function, "from_on": day}
            for at, (organ, function) in enumerate(_FUNCTIONS)
        ],
    }


def _founder(at: int, number: int) -> dict[str, Any]:
    who = person(number * 7 + at)
    return {
        "id": f"m{at}",
        "family_name": who["family_name"],
        "given_names": who["given_names"],
        "sex": "F",
        "birth_year": 1985 + at,
        "nin": f"2{number % 10**9:09d}{at:03d}",
        "phone": f"+22177{number % 10**5:05d}{at:02d}",
        "shares": 5,
    }
