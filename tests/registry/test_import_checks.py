"""A list is read: every row is reported on, and nothing of it enters the register by that."""

import csv
import io
from typing import Any

import pytest

from tests.registry.importing import (
    SAMPLE,
    a_decider,
    a_list,
    a_name,
    a_registrar,
    a_source,
    checked,
    decide,
    finish_work,
    found_in,
    read,
    rows_of,
    upload,
)
from tests.registry.people import expect
from tests.registry.privacy import NOTED
from tests.town import Identity, Town, codes, problem


async def test_the_sample_is_read_with_its_gaps_and_nothing_is_invented(town: Town) -> None:
    who = a_registrar()
    # under a name of its own, since of what a list has entered already nothing is held against law
    asked, own = "Coopérative d'épargne et de crédit du RESOPP", a_name()
    sample = SAMPLE.read_text(encoding="utf-8").replace(asked, own)
    made = await checked(town, who, sample.encode())
    rows = await rows_of(town, who, made)
    assert made["status"] == "CHECKED", made["findings"]
    assert made["counts"]["READY"] + made["counts"]["UNCHANGED"] == len(rows) == 34
    by_name = {row["said"]["name"]: row for row in rows}
    nowhere = by_name["Union des GIE des Producteurs de Céréales Locales"]
    assert ("FIELD_NOT_STATED", "WARN", "/commune") in found_in(nowhere)
    assert ("LEGAL_FORM_NOT_OURS", "WARN", "/legal_form") in found_in(nowhere)
    partial = by_name[own]
    assert ("DATE_PARTIAL", "WARN", "/founded_on") in found_in(partial)
    told = {one["code"]: one for one in partial["findings"]}
    assert "2025-04" in told["REGULATED_ACTIVITY"]["law_ref"]
    assert told["COMMON_BOND_REQUIRED"]["law_ref"] == "AUSCOOP art. 8; art. 18"
    assert told["DATE_PARTIAL"]["column"] == "created_on"


async def test_columns_are_found_by_their_titles_and_told_for_correction(town: Town) -> None:
    who = a_registrar()
    content = a_list((a_name(), "Diendé", "12"), header="Dénomination,Commune du siège,Cotisants")
    made = await checked(town, who, content)
    told = {one["column"]: (one["field"], one["is_guess"]) for one in made["columns"]}
    assert told == {
        "Dénomination": ("name", True),
        "Commune du siège": ("commune", True),
        "Cotisants": (None, True),
    }
    assert {one["code"] for one in made["findings"]} == {"COLUMNS_UNREAD"}
    mapping = [{"column": "Cotisants", "field": "members_count"}]
    async with town.client("registry", who) as client:
        headers = {"If-Match": f'"{made["version"]}"'}
        changed = await client.patch(
            f"/v1/imports/{made['id']}",
            json={"mapping": mapping},
            headers=headers | {"Content-Type": "application/merge-patch+json"},
        )
    assert expect(changed, 200)["status"] == "CHECKING"
    again = await checked_again(town, who, made)
    assert {"column": "Cotisants", "field": "members_count", "is_guess": False} in again["columns"]
    [row] = await rows_of(town, who, again)
    assert row["said"]["members_count"] == "12"


async def checked_again(town: Town, who: Identity, made: dict[str, Any]) -> dict[str, Any]:
    await finish_work(town)
    return await read(town, who, f"/v1/imports/{made['id']}")


@pytest.mark.parametrize(
    ("field", "text", "finding"),
    [
        ("effectif", "beaucoup", ("FIELD_INVALID", "BLOCK", "/members_count")),
        ("effectif", "-3", ("FIELD_INVALID", "BLOCK", "/members_count")),
        ("effectif", "9223372036854775808", ("FIELD_INVALID", "BLOCK", "/members_count")),
        ("effectif", "-", ("TEXT_SAYS_NOTHING", "WARN", "/members_count")),
        ("date de création", "2001-02-30", ("FIELD_INVALID", "BLOCK", "/founded_on")),
        ("date de création", "31/12/2999", ("DATE_IN_FUTURE", "BLOCK", "/founded_on")),
        ("date de création", "1998", ("DATE_PARTIAL", "WARN", "/founded_on")),
        ("secteur", "9Z", ("ACTIVITY_UNKNOWN", "BLOCK", "/sectors")),
        ("ninea", "1234", ("NINEA_FORMAT", "BLOCK", "/ninea")),
        ("ninea", "3067222", ("NINEA_CHECKSUM", "WARN", "/ninea")),
        ("pays", "Mali", ("COUNTRY_NOT_OURS", "BLOCK", "/country")),
        ("objet", "=cmd|' /C calc'!A0", ("TEXT_IS_FORMULA", "BLOCK", "/object")),
        ("objet", "riz\u202egnol", ("TEXT_HIDDEN_CHARACTERS", "BLOCK", "/object")),
        ("objet", "a\u200bb", ("TEXT_HIDDEN_CHARACTERS", "BLOCK", "/object")),
        ("objet", "x" * 501, ("TEXT_TOO_LONG", "BLOCK", "/object")),
        ("objet", "épargne et crédit", ("REGULATED_ACTIVITY", "WARN", "/object")),
        ("objet", "collecte de dépôts", ("ACTIVITY_MAY_BE_REGULATED", "WARN", "/object")),
        ("forme juridique", "GIE", ("LEGAL_FORM_NOT_OURS", "WARN", "/legal_form")),
    ],
)
async def test_a_cell_that_says_too_little_or_too_much_is_told_in_its_column(
    town: Town, field: str, text: str, finding: tuple[str, str, str]
) -> None:
    who = a_registrar()
    content = a_list((a_name(), "Diendé", text), header=f"nom,commune,{field}")
    made = await checked(town, who, content)
    [row] = await rows_of(town, who, made)
    assert finding in found_in(row)
    assert row["outcome"] == ("BLOCKED" if finding[1] == "BLOCK" else "READY")
    told = next(one for one in row["findings"] if one["code"] == finding[0])
    assert told["column"] == field
    assert told["message"]


@pytest.mark.parametrize(
    ("place", "finding"),
    [
        (",,Ndiendé-sur-Mer", ("COMMUNE_UNKNOWN", "BLOCK", "/commune")),
        (",,Missirah", ("PLACE_AMBIGUOUS", "BLOCK", "/commune")),
        (",Nulle part,", ("PLACE_UNKNOWN", "BLOCK", "/department")),
        ("Dakar,Tambacounda,", ("PLACE_UNKNOWN", "BLOCK", "/department")),
        ("Kolda,Vélingara,", ("FIELD_NOT_STATED", "WARN", "/commune")),
    ],
)
async def test_a_place_is_found_by_its_names_or_asked_for(
    town: Town, place: str, finding: tuple[str, str, str]
) -> None:
    who = a_registrar()
    content = f"nom,région,département,commune\n{a_name()},{place}\n".encode()
    [row] = await rows_of(town, who, await checked(town, who, content))
    assert finding in found_in(row)


async def test_the_same_thing_twice_in_a_file_enters_once(town: Town) -> None:
    who, name, other = a_registrar(), a_name(), a_name()
    rows = [
        (name, "Diendé"),
        (f"  {name.upper()} ", "DIENDE"),
        (other, "Diendé"),
        (other, "Diendé"),
    ]
    made = await checked(town, who, a_list(*rows))
    found = await rows_of(town, who, made)
    assert [row["outcome"] for row in found] == ["READY", "BLOCKED", "READY", "BLOCKED"]
    assert ("ROW_DOUBLED", "BLOCK", "/name") in found_in(found[1])
    assert ("ROW_KEY_DOUBLED", "BLOCK", "") in found_in(found[3])
    above = {one["code"]: one["params"].get("row") for one in found[3]["findings"]}
    assert above["ROW_KEY_DOUBLED"] == 4


async def test_names_that_look_alike_in_one_place_are_told_of(town: Town) -> None:
    who, name = a_registrar(), "Natangue " + a_name()
    rows = [(name, "Diendé"), (name + "s", "Diendé"), (name + "t", "Malicounda")]
    found = await rows_of(town, who, await checked(town, who, a_list(*rows)))
    assert ("ROW_SIMILAR", "WARN", "/name") not in found_in(found[0]) | found_in(found[2])
    assert ("ROW_SIMILAR", "WARN", "/name") in found_in(found[1])
    assert {row["outcome"] for row in found} == {"READY"}


async def test_rows_outside_the_territory_are_refused_by_name(town: Town) -> None:
    who = Identity(scope="filings:review", territory=["SN-SE"])
    content = b"nom,departement,commune\n%s,,Malicounda\n%s,,\n%s,,Diend\xc3\xa9\n" % tuple(
        a_name().encode() for _ in range(3)
    )
    found = await rows_of(town, who, await checked(town, who, content))
    assert [row["outcome"] for row in found] == ["BLOCKED", "BLOCKED", "READY"]
    assert ("ROW_OUTSIDE_TERRITORY", "BLOCK", "/commune") in found_in(found[0])
    assert ("ROW_OUTSIDE_TERRITORY", "BLOCK", "/department") in found_in(found[1])


async def test_the_report_opens_in_a_spreadsheet_and_runs_nothing(town: Town) -> None:
    who = a_registrar()
    content = a_list(("=HYPERLINK(1)", "Diendé"), ("@SUM(1)", "Diendé"), (a_name(), "Diendé"))
    made = await checked(town, who, content)
    async with town.client("registry", who) as client:
        answer = await client.get(f"/v1/imports/{made['id']}/report")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert {line["nom"] for line in table if line["ligne"] == "2"} == {"'=HYPERLINK(1)"}
    assert not [
        cell for line in table for cell in line.values() if cell[:1] in ("=", "@", "+", "-")
    ]
    assert {line["resultat"] for line in table} == {"BLOCKED", "READY"}


async def test_a_dry_run_is_never_applied(town: Town) -> None:
    who = a_registrar()
    query = f"validate_only=true&source={a_source()}"
    made = await checked(town, who, a_list((a_name(), "Diendé")), query=query)
    assert (made["status"], made["validate_only"]) == ("CHECKED", True)
    assert "APPROVE" not in made["allowed_actions"]
    answer = await decide(town, a_decider(), made)
    assert (answer.status_code, problem(answer)["code"]) == (409, "ILLEGAL_TRANSITION")


async def test_who_uploads_or_says_how_to_read_does_not_decide(town: Town) -> None:
    both = Identity(scope="filings:correct filings:decide", territory=["SN"])
    made = await checked(town, both, a_list((a_name(), "Diendé")))
    answer = await decide(town, both, made)
    assert (answer.status_code, problem(answer)["code"]) == (403, "FOUR_EYES")
    other = Identity(scope="filings:review filings:decide", territory=["SN"])
    async with town.client("registry", other) as client:
        headers = {"If-Match": f'"{made["version"]}"'}
        headers |= {"Content-Type": "application/merge-patch+json"}
        body = {"mode": "ATOMIC"}
        expect(await client.patch(f"/v1/imports/{made['id']}", json=body, headers=headers), 200)
    again = await checked_again(town, both, made)
    answer = await decide(town, other, again)
    assert (answer.status_code, problem(answer)["code"]) == (403, "FOUR_EYES")


async def test_a_rejection_has_its_reason_and_ends_it(town: Town) -> None:
    made = await checked(town, a_registrar(), a_list((a_name(), "Diendé")))
    answer = await decide(town, a_decider(), made, "REJECTED")
    assert codes(answer) == {"REASON_REQUIRED"}
    done = expect(await decide(town, a_decider(), made, "REJECTED", reason="doublon"), 201)
    assert (done["status"], done["allowed_actions"]) == ("REJECTED", [])
    kept = await town.apps["registry"].state.reads.fetch(
        "select count(*) as n from import_piece where import_id = $1", made["id"]
    )
    assert kept[0]["n"] == 0


_FIRST = (
    "Awa Diop,1 751 1990 012345,77\u202f123 45 67,12/03/1985,awa@example.sn,1.751.1990.01234"
    ",00221771234568,12 / 3 / 85,77_123_45_69,77\u2009123\u200945\u200910,77–123–45–11"
    ",12 mars 1985,née le 1er août 85,1 aou\u0302t 85,77 / / 123 / / 45 / / 12,12      mars 1985"
    ",Campagne 2023/2024"
)
# each as it is, or as `str` spells it in a list
_PLANTED = ("012345", "123 45 67", "12/03/1985", "awa@example", ".01234", "1234568", "3 / 85",
            "45_69", "45\u200910", r"45\u200910", "45–11", "/ 12", "mars", "ao")  # fmt: skip


_SPELT = str.maketrans("0123456789", "ghijklqtuv")  # a name in which nothing planted can stand


async def _titles(town: Town, id: str) -> str:
    """All that the register keeps of how a file was understood."""
    query = "select columns, mapping, findings from import where id = $1::text::uuid"
    [row] = await town.apps["registry"].state.reads.fetch(query, id)
    return str(dict(row))


@pytest.mark.parametrize("way", ["REJECTED", "EXPIRED"])
async def test_a_list_without_titles_leaves_nobody_in_the_clear(town: Town, way: str) -> None:
    """The ministry's lists name persons (ADR 28): their first row is no exception."""
    who, name = a_registrar(), a_name().translate(_SPELT)
    made = await checked(town, who, a_list((name, "Diendé"), header=f"{name},Dakar,{_FIRST}"))
    assert made["status"] == "REFUSED"
    mapping = [{"column": name, "field": "name"}, {"column": "77 123 45 67", "field": None}]
    async with town.client("registry", who) as client:
        headers = {"If-Match": f'"{made["version"]}"'}
        headers |= {"Content-Type": "application/merge-patch+json"}
        path = f"/v1/imports/{made['id']}"
        expect(await client.patch(path, json={"mapping": mapping}, headers=headers), 200)
        again = await checked_again(town, who, made)
        report = await client.get(f"{path}/report")
    assert again["status"] == "CHECKED", again["findings"]
    kept = [one["column"] for one in again["columns"]]  # to be mapped, if need be
    assert {"Awa Diop", "Campagne 2023/2024"} <= {*kept}
    for text in (made, again, report.text, await _titles(town, made["id"])):
        assert not [one for one in _PLANTED if one in str(text)]
    if way == "REJECTED":
        expect(await decide(town, a_decider(), again, "REJECTED", reason="sans titres"), 201)
    else:
        old = "update import set created_at = created_at - interval '31 days'"
        reads = town.apps["registry"].state.reads
        await reads.fetch(f"{old} where id = $1::text::uuid{NOTED}", made["id"])
        await finish_work(town)
    done = await read(town, who, f"/v1/imports/{made['id']}")
    assert done["status"] == way
    assert [one["column"] for one in done["columns"]] == [name, *[""] * (len(kept) - 1)]
    assert "Awa" not in await _titles(town, made["id"])


async def test_all_or_nothing_is_not_approved_while_a_row_is_out(town: Town) -> None:
    query = f"mode=ATOMIC&source={a_source()}"
    content = a_list((a_name(), "Diendé"), (a_name(), "Nulle part"))
    made = await checked(town, a_registrar(), content, query=query)
    answer = await decide(town, a_decider(), made)
    assert codes(answer) == {"IMPORT_NOT_WHOLE"}


async def test_the_same_key_is_the_same_import_and_another_file_or_option_is_refused(
    town: Town,
) -> None:
    who, content, query = a_registrar(), a_list((a_name(), "Diendé")), f"source={a_source()}"
    key = {"Idempotency-Key": a_source()}
    first = expect(await upload(town, who, content, query=query, **key), 202)
    again = await upload(town, who, content, query=query, **key)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json()["id"] == first["id"]
    for other in (
        await upload(town, who, content + b"x,y\n", query=query, **key),
        await upload(town, who, content, query=query + "&mode=ATOMIC", **key),
    ):
        assert (other.status_code, problem(other)["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_progress_can_be_followed(town: Town) -> None:
    who = a_registrar()
    made = expect(await upload(town, who, a_list((a_name(), "Diendé"))), 202)
    address = f"/v1/operations/{made['operation_id']}"
    async with town.client("registry", who) as client:
        waiting = await client.get(address)
    assert (waiting.json()["status"], waiting.headers["retry-after"]) == ("PENDING", "1")
    assert waiting.json()["resource"] == f"/v1/imports/{made['id']}"
    await finish_work(town)
    done = await read(town, who, address)
    assert (done["status"], done["done"], done["total"]) == ("SUCCEEDED", 1, 1)
