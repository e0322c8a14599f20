"""A rejection says why, on which basis, and how it may be contested."""

from typing import Any

import pytest

from services.registry.decisions.rules import appeal
from tests.registry.people import a_filer, a_validator, decide, expect, reviewed
from tests.town import Identity, Town, codes

WHY = {"outcome": "REJECTED", "reason": "Moins de cinq membres réels"}


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"reason": ""}, {"REASON_CODE_REQUIRED", "REASON_REQUIRED"}),
        ({"reason_code": "MOOD"}, {"REASON_CODE_UNKNOWN"}),
        ({"reason_code": "RULE_BROKEN"}, {"LAW_REF_REQUIRED"}),
        ({"reason_code": "DOUBLE", "reason": None}, {"REASON_REQUIRED"}),
    ],
)
async def test_a_rejection_without_its_grounds_is_refused(
    town: Town, said: dict[str, Any], missing: set[str]
) -> None:
    filing = await reviewed(town, a_filer())
    async with town.client("registry", a_validator()) as client:
        assert codes(await decide(client, filing, WHY | said)) == missing


async def test_a_rejection_tells_its_basis_and_how_to_contest_it(town: Town) -> None:
    filer = a_filer()
    filing = await reviewed(town, filer)
    body = WHY | {"reason_code": "RULE_BROKEN", "law_ref": "AUSCOOP art. 204"}
    async with town.client("registry", a_validator()) as client:
        made = expect(await decide(client, filing, body), 201)
    async with town.client("registry", filer) as client:
        path = f"/v1/filings/{filing['id']}/decisions"
        [read] = expect(await client.get(path), 200)["items"]
    assert made["appeal"] == read["appeal"]
    assert (read["law_ref"], read["reason_code"]) == ("AUSCOOP art. 204", "RULE_BROKEN")
    # AUSCOOP art. 73 (M): no confirmed text names the court or sets a period
    assert (read["appeal"]["period_days"], read["appeal"]["confidence"]) == (None, "M")
    assert "juridiction compétente" in read["appeal"]["text"]["fr"]
    assert "competent court" in read["appeal"]["text"]["en"]
    assert not any(letter.isdigit() for letter in read["appeal"]["text"]["fr"])


async def test_an_approval_is_contested_by_nobody_here(town: Town) -> None:
    filing = await reviewed(town, a_filer())
    async with town.client("registry", a_validator()) as client:
        made = expect(await decide(client, filing, {"outcome": "APPROVED"}), 201)
    assert (made["appeal"], made["law_ref"]) == (None, None)


def test_a_period_is_told_only_where_a_rule_sets_one() -> None:
    assert "30 jours" in appeal(30).text.fr
    assert "30 days" in appeal(30).text.en


async def test_the_codes_of_a_rejection_are_a_public_list(town: Town) -> None:
    async with town.client("registry") as anyone:
        listed = expect(await anyone.get("/v1/code-lists/rejection-reasons"), 200)["items"]
    law = {item["code"] for item in listed if item["parent_code"] == "LAW"}
    assert {"DOUBLE", "OTHER"} <= {item["code"] for item in listed} - law
    assert {"RULE_BROKEN", "WRONG_AUTHORITY"} <= law


async def test_neither_the_filer_nor_a_colleague_who_edited_decides(town: Town) -> None:
    filer = a_filer(territory=["SN-SE"])
    filer.scope += " filings:decide"
    filing = await reviewed(town, filer)
    who = Identity(scope="filings:decide", territory=["SN-SE"], sub=filer.sub)
    async with town.client("registry", who) as client:
        refused = await decide(client, filing, {"outcome": "APPROVED"})
    assert refused.json()["code"] == "FOUR_EYES"
