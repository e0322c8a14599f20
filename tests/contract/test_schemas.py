"""Every change of what is sent or read that breaks a caller is found."""

import pytest

from contract.breaks import breaks
from tests.contract.made import (
    TEXT,
    Change,
    Document,
    after,
    contract,
    field,
    post,
    schema,
    to_field,
    without,
)

SENT: list[tuple[str, Change]] = [
    (
        "FilingWrite.tags: is gone (sent)",
        lambda d: schema(d, "FilingWrite")["properties"].pop("tags"),
    ),
    (
        "FilingWrite.form: is required (sent)",
        lambda d: schema(d, "FilingWrite")["required"].append("form"),
    ),
    (
        "FilingWrite.name: maxLength was 40 and is 30 (sent)",
        to_field("FilingWrite.name", maxLength=30),
    ),
    (
        "FilingWrite.name: minLength was 3 and is 4 (sent)",
        to_field("FilingWrite.name", minLength=4),
    ),
    (
        "FilingWrite.name: pattern was none and is '^x' (sent)",
        to_field("FilingWrite.name", pattern="^x"),
    ),
    (
        "FilingWrite.name: format was none and is 'uri' (sent)",
        to_field("FilingWrite.name", format="uri"),
    ),
    (
        "FilingWrite.name: string is no longer accepted",
        to_field("FilingWrite.name", type="integer"),
    ),
    (
        "FilingWrite.name: only 'A', 'B' is accepted (sent)",
        to_field("FilingWrite.name", enum=["A", "B"]),
    ),
    ("FilingWrite.form: 'UNION' is refused (sent)", to_field("FilingWrite.form", enum=["SCOOPS"])),
    (
        "FilingWrite.shares: minimum was 1 and is 2 (sent)",
        to_field("FilingWrite.shares", minimum=2),
    ),
    (
        "FilingWrite.shares: maximum was 900 and is 899 (sent)",
        to_field("FilingWrite.shares", maximum=899),
    ),
    (
        "FilingWrite.shares: format was 'int64' and is 'int32' (sent)",
        to_field("FilingWrite.shares", format="int32"),
    ),
    (
        "FilingWrite.shares: multipleOf was none and is 5 (sent)",
        to_field("FilingWrite.shares", multipleOf=5),
    ),
    ("FilingWrite.tags: maxItems was 10 and is 9 (sent)", to_field("FilingWrite.tags", maxItems=9)),
    (
        "FilingWrite.tags: minItems was none and is 1 (sent)",
        to_field("FilingWrite.tags", minItems=1),
    ),
    (
        "FilingWrite.tags[]: maxLength was 40 and is 4 (sent)",
        to_field("FilingWrite.tags", items={**TEXT, "maxLength": 4, "pattern": "^[A-Z]+$"}),
    ),
    ("FilingWrite.note: null is no longer accepted", to_field("FilingWrite.note", anyOf=[TEXT])),
    (
        "FilingWrite.is_urgent: default was False and is True (sent)",
        to_field("FilingWrite.is_urgent", default=True),
    ),
    (
        "Seat: other fields are refused (sent)",
        lambda d: schema(d, "Seat").update(additionalProperties=False),
    ),
]
READS: list[tuple[str, Change]] = [
    ("Filing.count: is gone (read)", lambda d: schema(d, "Filing")["properties"].pop("count")),
    ("Filing.id: may be absent (read)", lambda d: schema(d, "Filing")["required"].remove("id")),
    ("Filing.id: format was 'uuid' and is none (read)", without("Filing.id", "format")),
    ("Filing.id: maxLength was 36 and is 64 (read)", to_field("Filing.id", maxLength=64)),
    (
        "Filing.id: integer may come now",
        lambda d: schema(d, "Filing")["properties"].update(id={"type": "integer"}),
    ),
    ("Filing.id: null may come now", to_field("Filing.id", type=["string", "null"])),
    ("Filing.count: maximum was 100 and is none (read)", without("Filing.count", "maximum")),
    ("Filing.count: minimum was 0 and is -5 (read)", to_field("Filing.count", minimum=-5)),
    (
        "Filing.count: format was 'int32' and is 'int64' (read)",
        to_field("Filing.count", format="int64"),
    ),
    ("Filing.status: may be anything, not one of a list (read)", without("Filing.status", "enum")),
    (
        "Filing.status: is never 'DRAFT' or 'SUBMITTED' (read)",
        to_field("Filing.status", enum=["OPEN"]),
    ),
    ("Filing.kind: is not always 'FILING' (read)", to_field("Filing.kind", const="ACT")),
    ("Filing.items: maxItems was 200 and is 500 (read)", to_field("Filing.items", maxItems=500)),
    (
        "Filing.said: boolean may come now",
        lambda d: field(d, "Filing.said")["anyOf"].append({"type": "boolean"}),
    ),
    (
        "Filing.said: maxLength was 9 and is 10 (read)",
        lambda d: field(d, "Filing.said")["anyOf"][0].update(maxLength=10),
    ),
    (
        "Filing.labels{}: maxLength was 9 and is none (read)",
        lambda d: field(d, "Filing.labels")["additionalProperties"].pop("maxLength"),
    ),
    (
        "Filing.labels: other fields may hold anything (read)",
        to_field("Filing.labels", additionalProperties=True),
    ),
    ("Problem.code: may be absent (read)", lambda d: schema(d, "Problem")["required"].clear()),
]


@pytest.mark.parametrize(("found", "change"), [*SENT, *READS])
def test_what_breaks_a_caller_is_found_and_said(found: str, change: Change) -> None:
    assert after(change) == [found]


def test_what_is_sent_and_read_is_seen_from_both_sides() -> None:
    def widen(document: Document) -> None:
        field(document, "Seat.commune").update(maxLength=9)

    def narrow(document: Document) -> None:
        field(document, "Seat.commune").update(maxLength=7)

    assert after(widen) == ["Seat.commune: maxLength was 8 and is 9 (read)"]
    assert after(narrow) == ["Seat.commune: maxLength was 8 and is 7 (sent)"]


def test_the_end_of_a_range_may_be_written_in_two_ways() -> None:
    old, new = contract(), contract()
    shares = field(new, "FilingWrite.shares")
    shares["exclusiveMaximum"] = shares.pop("maximum") + 1
    assert breaks(old, new) == []
    shares["exclusiveMaximum"] -= 1
    assert breaks(old, new) == ["FilingWrite.shares: maximum was 900 and is 899 (sent)"]


def test_a_new_name_of_a_schema_breaks_who_imports_its_class() -> None:
    new = contract()
    schemas = new["components"]["schemas"]
    schemas["FilingRead"] = schemas.pop("Filing")
    reference = {"$ref": "#/components/schemas/FilingRead"}
    schemas["FilingRead"]["properties"]["parent"] = reference
    post(new)["responses"]["201"]["content"]["application/json"]["schema"] = reference
    assert breaks(contract(), new) == ["Filing: is called FilingRead"]


def test_a_choice_more_is_no_new_name() -> None:
    new = contract()
    seat = field(new, "FilingWrite.seat").pop("$ref")
    field(new, "FilingWrite.seat")["anyOf"] = [{"$ref": seat}, {"type": "null"}]
    assert breaks(contract(), new) == []


def test_a_closed_list_needs_no_bounds_beside_it() -> None:
    new = contract()
    old = contract()
    schema(old, "Filing")["properties"]["form"] = {**TEXT, "pattern": "^[A-Z]+$"}
    schema(new, "Filing")["properties"]["form"] = {"type": "string", "enum": ["AER", "UNION"]}
    assert breaks(old, new) == []
    field(new, "Filing.form")["enum"].append("of another kind")
    assert breaks(old, new) == [
        "Filing.form: maxLength was 40 and is none (read)",
        "Filing.form: pattern was '^[A-Z]+$' and is none (read)",
    ]


def test_a_body_may_become_a_choice_of_bodies_if_one_of_them_is_what_it_was() -> None:
    new = contract()
    schemas = new["components"]["schemas"]
    union, scoops = (
        {**schemas["FilingWrite"], "properties": {**schemas["FilingWrite"]["properties"]}}
        for _ in range(2)
    )
    union["properties"]["form"] = {"type": "string", "const": "UNION"}
    scoops["properties"]["form"] = {"type": "string", "const": "SCOOPS"}
    schemas["UnionFiling"], schemas["ScoopsFiling"] = union, scoops
    names = ("UnionFiling", "ScoopsFiling")
    schemas["FilingWrite"] = {"oneOf": [{"$ref": f"#/components/schemas/{n}"} for n in names]}
    assert breaks(contract(), new) == [
        "POST /filings body: FilingWrite is no longer accepted"
    ]  # a filing of either form was one body
    old = contract()
    field(old, "FilingWrite.form").pop("enum")
    field(old, "FilingWrite.form")["const"] = "UNION"
    assert breaks(old, new) == []
