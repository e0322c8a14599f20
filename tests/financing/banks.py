"""Lenders with keys of their own, and what they say."""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from chassis import clock
from chassis.ids import new_id
from chassis.jose import Signer
from chassis.keys import new_private_jwk, public_jwk
from tests.financing.people import a_lender
from tests.town import Identity, Town

PUBLIC = "http://gateway"
_PUT_LENDER = "insert into lender (id, name, category, status) values ($1, $2, $3, 'ACTIVE')"
_PUT_KEY = "insert into lender_key (lender_id, kid, jwk, valid_from) values ($1, $2, $3, $4)"


def day(shift: int = 0) -> str:
    return (clock.today() + timedelta(days=shift)).isoformat()


def instant(**shift: float) -> str:
    return clock.wire(clock.now() + timedelta(**shift))


def terms(**changes: Any) -> dict[str, Any]:
    """A campaign credit repaid once, after 245 days; 11.34 % proportional, all costs included."""
    return {
        "principal_xof": 3_000_000,
        "annual_rate_percent": "10.00",
        "number_of_installments": 1,
        "repay_every": 245,
        "repay_unit": "DAYS",
        "disbursed_on": day(10),
        "interest_method": "DECLINING",
        "amortization": "BULLET",
        "day_count": "ACT_365",
        "fees": [{"code": "FILE_FEE", "amount_xof": 25_000, "at": "DISBURSEMENT"}],
        "valid_until": instant(days=20),
    } | changes


@dataclass
class Bank:
    """A lender of its own for each test, with its signing key."""

    id: str
    who: Identity
    signer: Signer

    def signed(
        self, address: str, raw: bytes, key: str, *, method: str = "POST", **claims: Any
    ) -> str:
        """A detached signature over `raw` for an address; `claims` forge it."""
        usual = {
            "iat": int(time.time()),
            "htm": method,
            "htu": f"{PUBLIC}{address}",
            "aud": PUBLIC,
            "idk": key,
        }
        wanted = {k: v for k, v in (usual | claims).items() if v is not None}
        return self.signer.detached(raw, wanted)


async def a_bank(town: Town, category: str = "BANK") -> Bank:
    id, kid = new_id(), f"bank-{uuid4().hex[:12]}"
    private = new_private_jwk(kid)
    async with town.apps["financing"].state.reads.connection() as connection:
        await connection.execute(_PUT_LENDER, id, f"Prêteur {id}", category)
        await connection.execute(_PUT_KEY, id, kid, public_jwk(dict(private)), clock.now())
    return Bank(str(id), a_lender(str(id)), Signer(private))


def an_offer(assignment: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "lender_decision_ref": f"CC-{uuid4().hex[:12]}",
        "type": "OFFER",
        "decided_at": instant(),
        "committee_ref": "CC-2026-07",
        "prepared_by": {"id": "u-118", "role": "analyst"},
        "approved_by": {"id": "u-020", "role": "head_of_credit"},
        "dossier_sha256": assignment["dossier_sha256"],
        "terms": terms(),
    } | changes


def a_rejection(assignment: dict[str, Any], **changes: Any) -> dict[str, Any]:
    said = {"type": "REJECT", "reason_codes": ["OUT_OF_POLICY_SECTOR"], "terms": None}
    return {k: v for k, v in (an_offer(assignment) | said | changes).items() if v is not None}


def a_contract(**changes: Any) -> dict[str, Any]:
    return {
        "contract_ref": f"CTR-{uuid4().hex[:12]}",
        "signed_on": day(),
        "prepared_by": {"id": "u-118", "role": "analyst"},
        "approved_by": {"id": "u-020", "role": "head_of_credit"},
    } | changes


def a_disbursement(amount_xof: int = 3_000_000, **changes: Any) -> dict[str, Any]:
    return {
        "external_ref": f"VIR-{uuid4().hex[:12]}",
        "amount_xof": amount_xof,
        "disbursed_on": day(),
    } | changes
