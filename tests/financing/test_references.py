"""Products, ceilings, lenders, simulations, keys: what stands before any application."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from chassis.keys import new_private_jwk, public_jwk
from chassis.reads import connect
from chassis.sql import run
from services.financing.ceilings.errors import CeilingUnavailable
from services.financing.ceilings.service import in_force
from services.financing.lenders.keys import KeyRefused, put_lender_keys
from services.financing.lenders.models import LenderCategory
from tests.financing.loans import terms
from tests.financing.people import BANK_A, BANK_B, SFD_C, an_applicant, expect
from tests.town import Town, problem


async def items(town: Town, address: str) -> list[dict[str, Any]]:
    async with town.client("financing", an_applicant()) as client:
        found: list[dict[str, Any]] = expect(await client.get(address), 200)["items"]
    return found


async def test_products_say_that_their_limits_are_policy(town: Town) -> None:
    products = await items(town, "/v1/financing-products")
    assert [p["code"] for p in products] == [
        "CAMPAIGN_CREDIT",
        "INVESTMENT_LOAN",
        "WORKING_CAPITAL",
    ]
    assert {p["limits"]["basis"] for p in products} == {"PROGRAMME_POLICY"}
    assert all(p["prerequisites"]["training_codes"] == ["START_COOP"] for p in products)
    async with town.client("financing", an_applicant()) as client:
        one = expect(await client.get("/v1/financing-products/CAMPAIGN_CREDIT"), 200)
        absent = await client.get("/v1/financing-products/GOLD")
    assert one == products[0]
    assert absent.status_code == 404


async def test_lists_go_page_by_page_to_the_end(town: Town) -> None:
    async with town.client("financing", an_applicant()) as client:
        seen: list[str] = []
        address = "/v1/lenders?limit=7"
        while address:
            page = expect(await client.get(address), 200)
            seen += [lender["name"] for lender in page["items"]]
            address = (page["next"] or "").removeprefix("http://gateway")
    assert len(seen) == len(set(seen))
    assert {"La Banque Agricole (LBA)", "Banque A (démonstration)"} <= set(seen)


async def test_three_demonstration_lenders_are_active_and_the_others_listed(town: Town) -> None:
    active = await items(town, "/v1/lenders?status=ACTIVE")
    assert {BANK_A, BANK_B, SFD_C} <= {lender["id"] for lender in active}
    assert [lender["category"] for lender in active if lender["id"] == SFD_C] == ["SFD"]
    assert len(await items(town, "/v1/lenders?status=LISTED&limit=200")) >= 30


@pytest.mark.parametrize(
    ("category", "on", "ceiling"),
    [
        (LenderCategory.BANK, date(2013, 12, 31), 18),
        (LenderCategory.BANK, date(2014, 1, 1), 15),
        (LenderCategory.BANK, date(2026, 5, 31), 15),
        (LenderCategory.BANK, date(2026, 6, 1), 14),
        (LenderCategory.SFD, date(2013, 12, 31), 27),
        (LenderCategory.SFD, date(2026, 5, 31), 24),
        (LenderCategory.SFD, date(2026, 6, 1), 24),
        (LenderCategory.EFC, date(2026, 6, 1), 24),
        (LenderCategory.OTHER, date(2026, 6, 1), 24),
    ],
)
async def test_a_ceiling_depends_on_the_category_and_the_day(
    town: Town, category: LenderCategory, on: date, ceiling: int
) -> None:
    async with town.apps["financing"].state.database.transaction() as session:
        found = await in_force(session, category, on)
    assert found.max_rate_percent == Decimal(ceiling)
    assert found.legal_ref
    assert found.source


async def test_the_present_ceilings_say_how_sure_they_are(town: Town) -> None:
    found = await items(town, "/v1/rate-ceilings?on=2026-06-01&lender_category=BANK")
    [ceiling] = found
    assert ceiling["max_rate_percent"] == "14.00"
    assert (ceiling["convention"], ceiling["is_convention_confirmed"]) == ("PROPORTIONAL", False)
    assert ceiling["confidence"] == "PRESS"


async def test_two_ceilings_cannot_hold_at_once(town: Town) -> None:
    async with town.apps["financing"].state.reads.connection() as connection:
        with pytest.raises(asyncpg.ExclusionViolationError):
            await connection.execute(
                "insert into rate_ceiling select gen_random_uuid(), lender_category,"
                " max_rate_percent, convention, is_convention_confirmed, '2026-05-01', null,"
                " legal_ref, source, confidence from rate_ceiling where lender_category = 'BANK'"
                " and valid_to is null"
            )


async def forgotten(town: Town) -> None:
    async with town.apps["financing"].state.database.transaction() as session:
        await run(session, text("delete from rate_ceiling where lender_category = 'EFC'"), {})
        await in_force(session, LenderCategory.EFC, date(2026, 7, 1))


async def test_a_missing_ceiling_is_never_passed(town: Town) -> None:
    with pytest.raises(CeilingUnavailable):
        await forgotten(town)
    assert await items(town, "/v1/rate-ceilings?lender_category=EFC")


async def test_anyone_may_simulate_a_schedule_without_token_or_key(town: Town) -> None:
    async with town.client("financing") as anyone:
        headers = {"Idempotency-Key": ""}
        answer = await anyone.post("/v1/repayment-schedules", json=terms(), headers=headers)
        schedule = expect(answer, 200)
    totals = [row["total_xof"] for row in schedule["installments"]]
    assert totals == [444_244] * 11 + [444_243]
    assert schedule["teg_proportional_percent"] == "12.0000"
    assert schedule["teg_effective_percent"] == "12.6825"


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"principal_xof": 0}, "FIELD_INVALID", "/principal_xof"),
        ({"principal_xof": 5_000_000.5}, "FIELD_INVALID", "/principal_xof"),
        ({"amortization": "BALLOON"}, "BALLOON_REQUIRED", "/balloon_xof"),
        ({"surprise": 1}, "FIELD_UNKNOWN", "/surprise"),
        ({"principal_xof": 9_007_199_254_740_991}, "AMOUNT_OUT_OF_RANGE", ""),
        (
            {
                "annual_rate_percent": "1000",
                "grace_interest": 0,
                "installment_multiple_xof": 999_999,
            },
            "SCHEDULE_NOT_AMORTISING",
            "",
        ),
    ],
)
async def test_terms_that_make_no_loan_are_named_and_located(
    town: Town, change: dict[str, Any], code: str, pointer: str
) -> None:
    async with town.client("financing") as anyone:
        answer = await anyone.post("/v1/repayment-schedules", json=terms(**change))
    assert answer.status_code == 422
    [finding] = problem(answer)["errors"]
    assert (finding["code"], finding["pointer"]) == (code, pointer)


async def test_anyone_may_calculate_a_rate(town: Town) -> None:
    flows = {
        "drawdowns": [{"amount_xof": 4_000_000, "after_months": 0}],
        "payments": [{"amount_xof": 366_666, "after_months": n} for n in range(1, 12)]
        + [{"amount_xof": 366_674, "after_months": 12}],
    }
    async with town.client("financing") as anyone:
        rates = expect(await anyone.post("/v1/rate-calculations", json=flows), 200)
        lossless = await anyone.post(
            "/v1/rate-calculations", json=flows | {"payments": flows["drawdowns"]}
        )
    assert rates["teg_proportional_percent"].startswith("17.97")
    assert rates["teg_effective_percent"] == "19.5288"
    assert problem(lossless)["errors"][0]["code"] == "TEG_NOT_COMPUTABLE"


async def test_a_bad_token_is_refused_even_where_none_is_needed(town: Town) -> None:
    async with town.client("financing") as anyone:
        headers = {"Authorization": "Bearer nonsense"}
        answer = await anyone.post("/v1/repayment-schedules", json=terms(), headers=headers)
    assert answer.status_code == 401


async def test_the_keys_of_receipts_are_public(town: Town) -> None:
    key = town.apps["financing"].state.keys.current
    async with town.client("financing") as anyone:
        found = expect(await anyone.get(f"/v1/signing-keys/{key['kid']}"), 200)
        absent = await anyone.get("/v1/signing-keys/fin-nothing")
    assert found["kid"].startswith("fin-")
    assert (found["x"], found["y"]) == (key["x"], key["y"])
    assert "d" not in found
    assert absent.status_code == 404


async def keep(town: Town, folder: Path, *rows: tuple[str, dict[str, Any]]) -> None:
    file = folder / "keys.json"
    file.write_text(json.dumps([{"lender_id": id, "jwk": jwk} for id, jwk in rows]))
    url = town.apps["financing"].state.settings.database_url
    connection = await connect(url)
    try:
        await put_lender_keys(connection, [str(file)])
    finally:
        await connection.close()


async def active(town: Town, lender_id: str) -> set[str]:
    rows = await town.apps["financing"].state.reads.fetch(
        "select kid from lender_key where lender_id = $1 and revoked_at is null", lender_id
    )
    return {row["kid"] for row in rows}


async def test_an_operator_adds_public_keys_and_a_third_one_retires_the_oldest(
    town: Town, tmp_path: Path
) -> None:
    await town.apps["financing"].state.reads.fetch(
        "insert into lender (id, name, category, status) values"
        " ('0198a000-0000-7000-8000-0000000000f1', 'Banque des clés', 'BANK', 'ACTIVE')"
    )
    lender = "0198a000-0000-7000-8000-0000000000f1"
    keys = [public_jwk(dict(new_private_jwk(f"key-{n}"))) for n in range(3)]
    for key in (keys[0], keys[0], keys[1], keys[2]):
        await keep(town, tmp_path, (lender, key))
    assert await active(town, lender) == {"key-1", "key-2"}
    other = public_jwk(dict(new_private_jwk("key-2")))
    with pytest.raises(KeyRefused):
        await keep(town, tmp_path, (lender, other))


@pytest.mark.parametrize("spoil", [lambda key: key, lambda key: public_jwk(key) | {"crv": "P-384"}])
async def test_private_and_strange_keys_are_refused_and_nothing_is_kept(
    town: Town, tmp_path: Path, spoil: Any
) -> None:
    good = public_jwk(dict(new_private_jwk(f"good-{tmp_path.name}")))
    bad = spoil(dict(new_private_jwk("bad")))
    with pytest.raises(KeyRefused):
        await keep(town, tmp_path, (SFD_C, good), (SFD_C, bad))
    assert not {good["kid"], "bad"} & await active(town, SFD_C)
