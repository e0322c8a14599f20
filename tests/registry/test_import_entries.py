"""Rows enter the register: each by a filing of its own, once, and saying what the row said."""

import asyncio
import json
from datetime import date, timedelta
from importlib import import_module
from itertools import chain, repeat
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from chassis import clock
from services.registry.imports import checking
from services.registry.imports.work import work
from services.registry.present import departures
from tests.makers import a_member
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
    imported,
    read,
    rows_of,
    upload,
)
from tests.registry.people import a_filer, expect, link_everything, registered
from tests.registry.test_changes import changed, filed
from tests.registry.test_checkpoints import in_vain
from tests.town import Identity, Town

_HELPER = Identity(scope="filings:write", territory=["SN-SE"])
_DOUBLED = "select source, key, count(*) from imported_row group by 1, 2 having count(*) > 1"
_GAPS = """
select authority_code, year from ledger where kind = 'ARRIVAL' group by 1, 2
having count(*) <> max(number) or count(distinct number) <> max(number)
"""


async def fetch(town: Town, sql: str, *args: Any) -> list[Any]:
    found: list[Any] = await town.apps["registry"].state.reads.fetch(sql, *args)
    return found


async def detail(town: Town, id: str) -> dict[str, Any]:
    async with town.client("registry") as client:
        return expect(await client.get(f"/v1/cooperatives/{id}"), 200)


async def test_the_sample_enters_whole_with_warnings_and_nothing_invented(town: Town) -> None:
    """34 organisations as the sources tell of them; a second time they are there already."""
    done = await imported(town, SAMPLE.read_bytes())
    rows = await rows_of(town, done["who"], done)
    assert done["status"] == "APPLIED"
    assert {row["outcome"] for row in rows} <= {"IMPORTED", "UNCHANGED"}
    ids = {row["said"]["name"]: row["cooperative_id"] for row in rows}
    assert len(set(ids.values())) == 34
    nowhere = await detail(town, ids["Union des GIE des Producteurs de Céréales Locales"])
    assert nowhere["commune_code"] is nowhere["region_code"] is None
    assert (nowhere["members_count"], nowhere["women_count"]) == (1000, None)
    assert (nowhere["men_count"], nowhere["sex_not_stated_count"]) == (None, 1000)
    assert nowhere["object"] is nowhere["common_bond"] is None
    assert (nowhere["legal_form"], nowhere["stated_form"]) == ("AER", "union_gie")
    assert (nowhere["officers"], nowhere["origin"]) == ([], "LEGACY_IMPORT")
    assert nowhere["registration_number"].startswith("MB-SN-")
    podor = await detail(town, ids["Coopérative Rurale des Agropasteurs pour le Développement"])
    assert (podor["commune_code"], podor["region_code"]) == ("SN-SL-PO2-1", "SN-SL")
    assert (podor["members_count"], podor["women_count"]) == (9685, 4142)
    assert (podor["acronym"], podor["founded_on"]) == ("CORAD", "2001-04-13")
    assert podor["legal_registration"] == "NOT_REGISTERED"
    again = await imported(town, SAMPLE.read_bytes())
    assert again["counts"] == {
        "READY": 0, "BLOCKED": 0, "UNCHANGED": 34, "DIFFERENT": 0, "IMPORTED": 0,
    }  # fmt: skip


async def test_each_row_is_a_filing_with_its_number_its_decision_and_its_event(town: Town) -> None:
    name = a_name()
    done = await imported(town, a_list((name, "Diendé")))
    [row] = await rows_of(town, done["who"], done)
    [filing] = await fetch(town, "select * from filing where id = $1", UUID(row["filing_id"]))
    assert (filing["type"], filing["origin"]) == ("REGISTRATION", "LEGACY_IMPORT")
    assert (filing["status"], filing["authority_code"]) == ("APPROVED", "SN-SE-SD")
    assert filing["created_by"] == done["who"].sub
    lines = await fetch(
        town, "select kind, arrival_number, declarant, subject from ledger where filing_id = $1"
        " order by pos", filing["id"],
    )  # fmt: skip
    assert [line["kind"] for line in lines] == ["ARRIVAL", "APPROVAL"]
    assert {(line["declarant"], line["subject"]) for line in lines} == {(done["who"].org, name)}
    [decision] = await fetch(town, "select * from decision where filing_id = $1", filing["id"])
    assert decision["by_sub"] not in filing["filers"]
    [effect] = await fetch(town, "select * from effect where filing_id = $1", filing["id"])
    assert effect["revision"] == 1
    async with town.client("registry", done["who"]) as client:
        told = expect(await client.get(f"/v1/filings/{row['filing_id']}"), 200)
    assert told["origin"] == "LEGACY_IMPORT"
    await link_everything(town)
    said = await fetch(
        town, "select data from event_log where aggregate = $1",
        f"cooperative/{row['cooperative_id']}",
    )  # fmt: skip
    assert [one["data"]["members_count"] for one in said] == [None]
    assert await fetch(town, _GAPS) == []


async def test_a_row_that_changed_is_told_and_never_applied(town: Town) -> None:
    name, source = a_name(), f"source={a_source()}"
    header = "id,nom,commune,effectif"
    first = a_list(("7", name, "Diendé", "12"), header=header)
    done = await imported(town, first, query=source)
    [row] = await rows_of(town, done["who"], done)
    other = a_list(("7", name + " bis", "Diendé", "15"), header=header)
    again = await imported(town, other, query=source)
    [told] = await rows_of(town, again["who"], again)
    assert (told["outcome"], told["cooperative_id"]) == ("DIFFERENT", row["cooperative_id"])
    [finding] = [one for one in told["findings"] if one["code"] == "ROW_DIFFERS"]
    assert finding["params"] == {"fields": "members_count, name"}
    now = await detail(town, row["cooperative_id"])
    assert (now["name"], now["members_count"], now["revision"]) == (name, 12, 1)


@pytest.mark.parametrize("nothing", ["N/A", "néant", "inconnu"])
async def test_what_says_nothing_is_no_id_and_no_owner(town: Town, nothing: str) -> None:
    """ADR 28: absent stays absent, and the same row again makes nothing new."""
    query = f"source={a_source()}"
    header = "id,nom,commune,organisation_id"
    rows = [(nothing, a_name(), "Diendé", nothing) for _ in range(2)]
    done = await imported(town, a_list(*rows, header=header), query=query)
    found = await rows_of(town, done["who"], done)
    assert [row["outcome"] for row in found] == ["IMPORTED", "IMPORTED"]
    for row in found:
        assert ("TEXT_SAYS_NOTHING", "WARN", "/row_id") in found_in(row)
        sql = "select organisation_id from cooperative where id = $1::text::uuid"
        [kept] = await fetch(town, sql, row["cooperative_id"])
        assert kept["organisation_id"] == f"unclaimed-{row['cooperative_id']}"
    more = [*rows, (nothing, a_name(), "Diendé", nothing)]
    again = await imported(town, a_list(*more, header=header), query=query)
    after = await rows_of(town, again["who"], again)
    assert [row["outcome"] for row in after] == ["UNCHANGED", "UNCHANGED", "IMPORTED"]


async def test_two_lists_that_number_their_rows_are_not_taken_for_one(town: Town) -> None:
    query, header = f"source={a_source()}", "n°,nom,commune"
    who, name = a_registrar(), a_name()
    waiting = await checked(
        town, who, a_list(("1", a_name(), "Guédiawaye"), header="n°,nom,département"), query=query
    )
    await imported(town, a_list(("1", name, "Diendé"), header=header), query=query)
    other = a_list(("1", a_name(), "Guédiawaye"), header="n°,nom,département")
    [row] = await rows_of(town, who, await checked(town, who, other, query=query))
    [found] = [one for one in row["findings"] if one["code"] == "ROW_KEY_OF_ANOTHER"]
    assert (row["outcome"], row["cooperative_id"]) == ("BLOCKED", None)
    assert (found["params"], found["column"]) == ({"row": 2, "name": name}, "n°")
    assert "source" in found["remedy"]
    expect(await decide(town, a_decider(), waiting), 201)
    await finish_work(town)
    [late] = await rows_of(town, who, waiting)
    assert ("ROW_KEY_OF_ANOTHER", "BLOCK", "/row_id") in found_in(late)
    assert late["outcome"] == "BLOCKED"


async def test_what_another_list_brought_is_recognised_by_its_name_and_place(town: Town) -> None:
    name = a_name()
    await imported(town, a_list((name, "Diendé")))
    again = await imported(
        town, a_list((f" {name.upper()}", "DIENDE"), header="organisation,siège")
    )
    [row] = await rows_of(town, again["who"], again)
    assert row["outcome"] == "DIFFERENT"


async def test_an_id_in_the_same_place_is_the_same_organisation_however_it_is_said(
    town: Town,
) -> None:
    """import.md: an id that stands for another name in another place is refused."""
    query, header = f"source={a_source()}", "id,nom,région,commune"
    done = await imported(town, a_list(("7", a_name(), "", "Diendé"), header=header), query=query)
    [row] = await rows_of(town, done["who"], done)

    async def again(*place: str) -> tuple[str, str | None]:
        corrected = a_list(("7", a_name(), *place), header=header)
        made = await checked(town, done["who"], corrected, query=query)
        [told] = await rows_of(town, done["who"], made)
        return told["outcome"], told["cooperative_id"]

    same, another = ("DIFFERENT", row["cooperative_id"]), ("BLOCKED", None)
    assert await again("Sédhiou", "Diendé") == await again("Sédhiou", "") == same
    assert await again("Sédhiou", "Sakar") == await again("", "") == another
    seat = {"seat": {"commune_code": "SN-SE-SD3-2"}, "decided_on": clock.today().isoformat()}
    await changed(town, _HELPER, "CHANGE_OF_SEAT", row["cooperative_id"], seat)
    assert await again("Sédhiou", "Sakar") == await again("Sédhiou", "Diendé") == same


async def test_who_is_found_by_their_name_is_not_refused_for_an_id(town: Town) -> None:
    """import.md: it is an id that stands for another name in another place that is refused."""
    who, name, today = a_registrar(), f"Jappoo {a_name()}", clock.today().isoformat()
    waiting = await checked(town, who, later := a_list((name, "Sakar")))
    done = await imported(town, a_list((a_name(), "Diendé")))
    [row] = await rows_of(town, done["who"], done)
    same = ("DIFFERENT", id := row["cooperative_id"])
    await changed(town, _HELPER, "CHANGE_OF_NAME", id, {"name": name, "decided_on": today})
    [told] = await rows_of(town, who, await checked(town, who, later))
    assert (told["outcome"], told["cooperative_id"]) == same
    expect(await decide(town, a_decider(), waiting), 201)
    await finish_work(town)
    [late] = await rows_of(town, who, waiting)
    assert (late["outcome"], late["cooperative_id"]) == same


async def test_who_was_registered_otherwise_is_not_entered_twice(town: Town) -> None:
    made = await registered(town, a_filer())
    async with town.client("registry") as client:
        known = expect(await client.get(f"/v1/cooperatives/{made['cooperative_id']}"), 200)
    done = await imported(town, a_list((known["name"], known["commune_code"])))
    [row] = await rows_of(town, done["who"], done)
    told = {one["code"]: one for one in row["findings"]}
    assert row["outcome"] == "BLOCKED"
    taken = told["NAME_ALREADY_USED"]["params"]["registration_number"]
    assert taken == known["registration_number"]


async def test_numbers_of_others_are_kept_with_what_is_said_of_them(town: Town) -> None:
    header = "nom,commune,forme juridique,ninea,rccm,récépissé,date récépissé,autorité récépissé"
    line = (a_name(), "Diendé", "SCOOPS", "3067221", "SN.DKR.2019.B.1", "123/M", "3/5/2019", "DGAT")
    done = await imported(town, a_list(line, header=header))
    [row] = await rows_of(town, done["who"], done)
    assert ("RCCM_NOT_ALLOWED", "WARN", "/rccm") in found_in(row)
    assert ("NAME_FORM_SUFFIX_MISSING", "WARN", "/name") in found_in(row)
    found = await detail(town, row["cooperative_id"])
    assert found["identifiers"][2] == {
        "scheme": "ASSOCIATION_RECEIPT", "number": "123/M", "authority": "DGAT",
        "issued_on": "2019-05-03", "proof": None,
    }  # fmt: skip
    twin = a_list((a_name(), "Diendé", "AER", "3067221", "", "", "", ""), header=header)
    who = a_registrar()
    [other] = await rows_of(town, who, await checked(town, who, twin))
    assert ("IDENTIFIER_ALREADY_KNOWN", "WARN", "/ninea") in found_in(other)


async def test_a_list_may_say_who_is_recognised_already(town: Town) -> None:
    header = "nom,commune,statut cps,date de reconnaissance,numéro de reconnaissance"
    lines = [
        ("Reconnue", "12/03/2025", "MMESS-7"),
        ("candidate", "", ""),
        ("", "12/03/2025", ""),
        ("reconnue", "", ""),
        ("peut-être", "", ""),
        ("", "", ""),
    ]
    rows = [(a_name(), "Diendé", *line) for line in lines]
    done = await imported(town, a_list(*rows, header=header))
    found = await rows_of(town, done["who"], done)
    told = [found_in(row) for row in found]
    assert ("CPS_STATUS_NOT_CONCLUDED", "WARN", "/cps_status") in told[2]
    assert ("FIELD_NOT_STATED", "WARN", "/cps_recognised_on") in told[3]
    assert (found[4]["outcome"], found[4]["cooperative_id"]) == ("BLOCKED", None)
    assert ("CPS_STATUS_UNKNOWN", "BLOCK", "/cps_status") in told[4]
    said = []
    for row in [*found[:4], found[5]]:
        one = await detail(town, row["cooperative_id"])
        said.append((one["cps_status"], one["cps_recognition"]))
    assert said == [
        ("RECOGNISED", {"decided_on": "2025-03-12", "reference": "MMESS-7"}),
        ("CANDIDATE", None),
        ("OUTSIDE", {"decided_on": "2025-03-12"}),  # kept as it was stated, nothing concluded
        ("RECOGNISED", None),
        ("OUTSIDE", None),
    ]


async def test_all_or_nothing_leaves_nothing_when_a_row_was_taken_meanwhile(town: Town) -> None:
    name, other, source = a_name(), a_name(), f"mode=ATOMIC&source={a_source()}"
    who = a_registrar()
    made = await checked(town, who, a_list((other, "Diendé"), (name, "Diendé")), query=source)
    assert made["counts"]["READY"] == 2
    await imported(town, a_list((name, "Diendé", "5"), header="nom,commune,effectif"))
    expect(await decide(town, a_decider(), made), 201)
    await finish_work(town)
    done = await read(town, who, f"/v1/imports/{made['id']}")
    assert (done["status"], done["counts"]["IMPORTED"]) == ("ABORTED", 0)
    rows = await rows_of(town, who, done)
    assert [row["outcome"] for row in rows] == ["READY", "DIFFERENT"]
    assert await fetch(town, "select 1 from cooperative where name = $1", other) == []
    operation = await read(town, who, f"/v1/operations/{done['operation_id']}")
    assert (operation["status"], operation["failure"]) == ("FAILED", "IMPORT_NOT_WHOLE")


async def test_all_or_nothing_enters_when_a_row_of_it_came_in_meanwhile(town: Town) -> None:
    """import.md: the same row again makes nothing new, and keeps nothing out."""
    name, who = a_name(), a_registrar()
    query = f"mode=ATOMIC&source={a_source()}"
    made = await checked(town, who, a_list((a_name(), "Diendé"), (name, "Diendé")), query=query)
    await imported(town, a_list((name, "Diendé")))
    expect(await decide(town, a_decider(), made), 201)
    await finish_work(town)
    done = await read(town, who, f"/v1/imports/{made['id']}")
    assert (done["status"], done["counts"]["IMPORTED"]) == ("APPLIED", 1)
    assert done["counts"]["UNCHANGED"] == 1


async def test_a_row_that_was_kept_out_keeps_no_other_out(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "CHUNK", 1)
    who, name = a_registrar(), a_name()
    content = a_list(("7", name, "Nulle part"), ("7", name, "Diendé"), header="id,nom,commune")
    rows = await rows_of(town, who, await checked(town, who, content))
    assert [row["outcome"] for row in rows] == ["BLOCKED", "READY"]


async def test_a_year_that_ends_meanwhile_is_one_year_in_all_that_is_written(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = clock.today()
    days = chain([today], repeat(date(today.year + 1, 1, 1)))
    turning = SimpleNamespace(today=lambda: next(days), now=clock.now)
    monkeypatch.setattr(import_module("services.registry.imports.entering"), "clock", turning)
    done = await imported(town, a_list((a_name(), "Diendé")))
    [row] = await rows_of(town, done["who"], done)
    [line, _] = await fetch(
        town, "select arrival_number, year from ledger where filing_id = $1 order by pos",
        UUID(row["filing_id"]),
    )  # fmt: skip
    found = await detail(town, row["cooperative_id"])
    assert (line["arrival_number"].split("/")[1], line["year"]) == (str(today.year), today.year)
    assert found["registration_number"].split("-")[2] == str(today.year)
    assert found["registered_on"] == today.isoformat()


async def test_a_list_is_nothing_that_the_organisation_sent(town: Town) -> None:
    """ADR 34: where the fact that an answer rests on is missing, the answer is NOT_STATED."""
    content = a_list((a_name(), "Diendé", "SCOOPS"), header="nom,commune,forme juridique")
    done = await imported(town, content)
    [row] = await rows_of(town, done["who"], done)
    async with town.client("registry", done["who"]) as client:
        told = expect(await client.get(f"/v1/cooperatives/{row['cooperative_id']}/alerts"), 200)
    assert "A4" in told["not_stated"]


async def test_two_imports_of_one_list_at_once_enter_each_row_once(town: Town) -> None:
    content, source = a_list(*((a_name(), "Diendé") for _ in range(30))), f"source={a_source()}"
    made = [await checked(town, a_registrar(), content, query=source) for _ in range(2)]
    for one in made:
        expect(await decide(town, a_decider(), one), 201)
    app = town.apps["registry"]
    await asyncio.gather(*(work(app) for _ in range(4)))
    await finish_work(town)
    counts = [
        (await read(town, a_registrar(), f"/v1/imports/{one['id']}"))["counts"] for one in made
    ]
    assert sorted((c["IMPORTED"], c["UNCHANGED"]) for c in counts) == [(0, 30), (30, 0)]
    assert await fetch(town, _DOUBLED) == []
    assert await fetch(town, _GAPS) == []


async def test_a_decision_is_taken_once_whoever_asks_at_the_same_time(town: Town) -> None:
    made = await checked(town, a_registrar(), a_list((a_name(), "Diendé")))
    answers = await asyncio.gather(*(decide(town, a_decider(), made) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, *[412] * 5]
    await finish_work(town)


async def test_a_worker_whose_import_was_taken_over_keeps_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, app = a_registrar(), town.apps["registry"]
    content = a_list(*((a_name(), "Diendé") for _ in range(3)))
    made = expect(await upload(town, who, content), 202)
    whole = checking.stage

    async def lose(session: Any, found: Any, *rest: Any) -> None:
        await whole(session, found, *rest)
        raise RuntimeError("the process is gone")

    monkeypatch.setattr(checking, "stage", lose)
    with pytest.raises(RuntimeError):
        while await work(app):
            pass
    rows = await fetch(town, "select 1 from import_row where import_id = $1", UUID(made["id"]))
    assert rows == []
    monkeypatch.setattr(checking, "stage", whole)
    await finish_work(town)
    assert (await read(town, who, f"/v1/imports/{made['id']}"))["counts"]["READY"] == 3


async def test_some_who_are_named_are_not_all(town: Town) -> None:
    done = await imported(town, a_list((a_name(), "Diendé")))
    [row] = await rows_of(town, done["who"], done)
    id, today = row["cooperative_id"], clock.today().isoformat()
    helper = Identity(scope="filings:write", territory=["SN-SE"])
    admitted = {"decided_on": today, "admissions": [a_member(1)]}
    await changed(town, helper, "CHANGE_OF_MEMBERSHIP", id, admitted)
    found = await detail(town, id)
    assert (found["members_count"], found["women_count"]) == (None, None)
    await _as_it_was_said_before(town, id)
    more = {"admissions": [a_member(n) for n in range(2, 8)], "is_whole": True}
    await changed(town, helper, "CHANGE_OF_MEMBERSHIP", id, {"decided_on": today, **more})
    found = await detail(town, id)
    assert (found["members_count"], found["women_count"]) == (7, 7)


async def _as_it_was_said_before(town: Town, id: str) -> None:
    """A register from before, which said that the one who is named is all: its migration."""
    steps = import_module("services.registry.migrations.versions.0018_counts_not_stated").STEPS
    counted = '{"members_count": 1, "women_count": 1, "men_count": 0, "sex_not_stated_count": 0}'
    async with in_vain(town) as connection:
        await connection.execute(
            "update cooperative_version set public = public || $2 where cooperative_id = $1"
            " and upper_inf(recorded)",
            UUID(id),
            json.loads(counted),
        )
        await connection.execute("update cooperative set members_count = 1 where id = $1", UUID(id))
        assert [one async for one in departures(connection) if id in one]
        for step in steps:
            await connection.execute(step)
        assert [one async for one in departures(connection) if id in one] == []


async def test_an_imported_record_is_completed_by_filings_like_any_other(town: Town) -> None:
    """Its gaps are filled one by one; the stated total stays until more members are named."""
    header = "nom,région,département,effectif,femmes"
    done = await imported(town, a_list((a_name(), "Sédhiou", "Sédhiou", "40", "10"), header=header))
    [row] = await rows_of(town, done["who"], done)
    id, today = row["cooperative_id"], clock.today().isoformat()
    assert (await detail(town, id))["commune_code"] is None
    name = f"Jappoo {a_name()}"
    await changed(town, _HELPER, "CHANGE_OF_NAME", id, {"name": name, "decided_on": today})
    found = await detail(town, id)
    assert (found["name"], found["commune_code"], found["members_count"]) == (name, None, 40)
    seat = {"seat": {"commune_code": "SN-SE-SD3-1"}, "decided_on": today}
    made = await changed(town, _HELPER, "CHANGE_OF_SEAT", id, seat)
    assert made["verification_code"], "now it can be certified"
    admitted = {"decided_on": today, "admissions": [a_member(1)]}
    await changed(town, _HELPER, "CHANGE_OF_MEMBERSHIP", id, admitted)
    found = await detail(town, id)
    assert found["commune_code"] == "SN-SE-SD3-1"
    assert (found["members_count"], found["women_count"]) == (40, 10)
    assert (found["stated_form"], found["origin"]) == (None, "LEGACY_IMPORT")
    _, early = await filed(
        town, _HELPER, "CHANGE_OF_OBJECT", id,
        {"object": "Maraîchage", "decided_on": (clock.today() - timedelta(days=3)).isoformat()},
    )  # fmt: skip
    assert early.status_code in (201, 422), early.text
    async with town.client("registry") as client:
        before = (clock.today() - timedelta(days=2)).isoformat()
        answer = await client.get(f"/v1/cooperatives/{id}?as_of={before}")
    assert answer.status_code == 404
    await town.deliver()
    known = await town.apps["training"].state.reads.fetch(
        "select commune_code from known_group where id = $1", UUID(id)
    )
    assert [one["commune_code"] for one in known] == ["SN-SE-SD3-1"]
