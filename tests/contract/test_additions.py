"""What is only added or loosened breaks nobody."""

import pytest

from tests.contract.made import TEXT, Change, after, field, post, schema, to_field, without

ADDED: list[Change] = [
    lambda d: d["paths"].update({"/offers": {"get": {"responses": {}}}}),
    lambda d: d["paths"]["/filings"].update(get={"responses": {}}),
    lambda d: post(d)["parameters"].append({"in": "query", "name": "q", "schema": TEXT}),
    lambda d: post(d)["parameters"][1].pop("required"),
    lambda d: post(d)["parameters"][0]["schema"].update(maximum=500),
    lambda d: post(d)["security"].append({"oauth2": ["platform:admin"]}),
    lambda d: post(d)["security"].clear(),
    lambda d: post(d)["responses"].update({"202": {"content": {}}}),
    lambda d: post(d)["responses"].pop("404"),
    lambda d: post(d).update(summary="Begin a filing", deprecated=True),
    lambda d: schema(d, "FilingWrite")["properties"].update(more=TEXT),
    lambda d: schema(d, "FilingWrite")["required"].clear(),
    lambda d: schema(d, "FilingWrite").pop("additionalProperties"),
    lambda d: schema(d, "Filing")["properties"].update(more=TEXT),
    lambda d: schema(d, "Filing")["required"].append("count"),
    to_field("FilingWrite.name", maxLength=50, minLength=0),
    to_field("FilingWrite.form", enum=["SCOOPS", "UNION", "COOP_CA"]),
    without("FilingWrite.form", "enum"),
    to_field("FilingWrite.shares", type=["integer", "null"]),
    to_field("FilingWrite.shares", type="number"),
    to_field("FilingWrite.shares", minimum=0, maximum=1_000),
    to_field("FilingWrite.tags", items=TEXT, maxItems=11),
    to_field("Filing.status", enum=["SUBMITTED", "DRAFT", "MEDIATION"]),
    to_field("Filing.count", maximum=50, minimum=1),
    to_field("Filing.items", maxItems=100),
    lambda d: field(d, "Filing.said")["anyOf"].pop(),
]


@pytest.mark.parametrize("change", ADDED)
def test_what_is_only_added_or_loosened_breaks_nobody(change: Change) -> None:
    assert after(change) == []


def test_the_same_contract_breaks_nobody() -> None:
    assert after(lambda _: None) == []
