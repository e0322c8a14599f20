"""Reference data of financing: ceilings, lenders, products. Harmless when repeated, and never over
what somebody configured since."""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from asyncpg import Connection, Record

from chassis.ids import new_id

_DATA = Path(__file__).resolve().parents[2] / "data"
_HERE = Path(__file__).parent
# The decree that says how to annualise is not known: proportional, as its neighbours do it.
_PUT_CEILING = """
insert into rate_ceiling (id, lender_category, max_rate_percent, valid_from, valid_to, legal_ref,
  source, confidence, convention, is_convention_confirmed)
values ($1, $2, $3, $4, $5, $6, $7, $8, 'PROPORTIONAL', false)
on conflict (id) do nothing
"""
_PUT_LENDER = """
insert into lender (id, name, category, status, source) values ($1, $2, $3, $4, $5)
on conflict (name) do nothing
"""
_DEMO = "démonstration"
_DEMO_LENDERS = [
    ("0198a000-0000-7000-8000-00000000000a", "Banque A (démonstration)", "BANK"),
    ("0198a000-0000-7000-8000-00000000000b", "Banque B (démonstration)", "BANK"),
    ("0198a000-0000-7000-8000-00000000000c", "SFD C (démonstration)", "SFD"),
]
_CATEGORIES = {"bank": "BANK", "sfd": "SFD", "public_fund": "OTHER"}
_PUT_PRODUCT = """
insert into financing_product (code, type, name_fr, name_en, min_amount_xof, max_amount_xof,
  min_term_months, max_term_months, max_grace_months, min_age_months, min_members,
  min_signatories, max_rounds, ack_days, decision_days, offer_min_days, offer_max_days,
  contract_days, needs_campaign, lender_categories, amortizations, training_codes, valid_from)
values ($1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
  string_to_array($19, ' '), string_to_array($20, ' '), string_to_array($21, ' '), $22)
on conflict (code) do nothing
"""
_PRODUCT_NUMBERS = (
    "min_amount_xof", "max_amount_xof", "min_term_months", "max_term_months", "max_grace_months",
    "min_age_months", "min_members", "min_signatories", "max_rounds", "ack_days", "decision_days",
    "offer_min_days", "offer_max_days", "contract_days",
)  # fmt: skip


async def seed(connection: "Connection[Record]") -> None:
    """Load every reference list."""
    async with connection.transaction():
        await connection.executemany(_PUT_CEILING, list(_ceilings()))
        await connection.executemany(_PUT_LENDER, list(_lenders()))
        await connection.executemany(_PUT_PRODUCT, list(_products()))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _ceilings() -> Iterator[tuple[object, ...]]:
    for row in _rows(_HERE / "ceilings" / "ceilings.csv"):
        yield (
            UUID(row["id"]),
            row["lender_category"],
            Decimal(row["max_rate_percent"]),
            date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            *(row[name] for name in ("legal_ref", "source", "confidence")),
        )


def _lenders() -> Iterator[tuple[UUID, str, str, str, str]]:
    for id, name, category in _DEMO_LENDERS:
        yield UUID(id), name, category, "ACTIVE", _DEMO
    for row in _rows(_DATA / "financial_institutions.csv"):
        if row["status"].startswith("listed"):  # what no source shows is left out
            yield new_id(), row["name"], _CATEGORIES[row["kind"]], "LISTED", row["source"]


def _products() -> Iterator[tuple[object, ...]]:
    for row in _rows(_HERE / "products" / "products.csv"):
        yield (
            *(row[name] for name in ("code", "name_fr", "name_en")),
            *(int(row[name]) for name in _PRODUCT_NUMBERS),
            row["needs_campaign"] == "yes",
            *(row[name] for name in ("lender_categories", "amortizations", "training_codes")),
            date.fromisoformat(row["valid_from"]),
        )
