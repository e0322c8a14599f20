"""What is kept too long goes, and nothing else."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis import clock
from services.registry.privacy.acts import TOMBSTONE
from services.registry.retention.service import Retention, keep_retention
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    drafted,
    expect,
    registered,
    reviewed,
    submitted,
)
from tests.registry.privacy import LEFT, NOTED, members_of
from tests.registry.test_messages import write
from tests.registry.test_remarks import OBJECT, send_back
from tests.town import Identity, Town

YEAR = timedelta(days=366)


def retention(town: Town) -> Retention:
    app = town.apps["registry"]
    return Retention(app.state.database, app.state.vault)


async def keep(town: Town) -> int:
    """Turn the wheel until nothing is left to do."""
    total = 0
    while done := await keep_retention(town.apps["registry"]):
        total += done
    return total


async def read(town: Town, filer: Identity, filing: dict[str, Any]) -> dict[str, Any]:
    async with town.client("registry", filer) as client:
        return expect(await client.get(f"/v1/filings/{filing['id']}"), 200)


LATER = timedelta(days=300)
REJECTION = {"outcome": "REJECTED", "reason_code": "DOUBLE", "reason": "Déjà immatriculée"}
End = Callable[[Town, Identity], Awaitable[dict[str, Any]]]


async def taken_back(town: Town, filer: Identity) -> dict[str, Any]:
    return await _withdrawn(town, filer, await drafted(town, filer))


async def taken_back_once_submitted(town: Town, filer: Identity) -> dict[str, Any]:
    return await _withdrawn(town, filer, await submitted(town, filer))


async def _withdrawn(town: Town, filer: Identity, filing: dict[str, Any]) -> dict[str, Any]:
    with clock.shifted(LATER):
        async with town.client("registry", filer) as client:
            expect(await act(client, filing, "withdrawals", {}), 201)
    return filing


async def turned_down(town: Town, filer: Identity) -> dict[str, Any]:
    filing = await reviewed(town, filer)
    with clock.shifted(LATER):
        async with town.client("registry", a_validator()) as client:
            expect(await decide(client, filing, REJECTION), 201)
    return filing


async def test_a_draft_that_nobody_touched_for_a_year_names_nobody(town: Town) -> None:
    filer = a_filer()
    old, touched = await drafted(town, filer), await drafted(town, filer)
    filed = await submitted(town, filer)
    with clock.shifted(timedelta(days=300)):
        async with town.client("registry", filer) as client:
            change, version = {"payload": {"object": "Autre objet"}}, {"If-Match": '"1"'}
            path = f"/v1/filings/{touched['id']}"
            expect(await client.patch(path, json=change, headers=version), 200)
        await keep(town)
        assert (await read(town, filer, old))["payload"]["members"][0]["nin"].isdigit()
    with clock.shifted(YEAR):
        await keep(town)
    person = (await read(town, filer, old))["payload"]["members"][0]
    for name in ("family_name", "given_names", "nin", "phone", "birth_year"):
        assert person[name] == {"is_erased": True}
    for kept in (touched, filed):
        assert (await read(town, filer, kept))["payload"]["members"][0]["nin"].isdigit()
    async with town.client("registry", filer) as client:
        answer = await client.patch(
            f"/v1/filings/{old['id']}",
            json={"payload": {"object": "Encore"}},
            headers={"If-Match": '"1"'},
        )
    assert answer.status_code == 200  # a draft like any other: its persons are to be said again


async def test_a_returned_file_is_abandoned_only_after_its_return(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    with clock.shifted(timedelta(days=300)):
        async with town.client("registry", an_instructor()) as client:
            body = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": "?"}]}
            expect(await act(client, filing, "reviews", body), 201)
    with clock.shifted(YEAR):
        await keep(town)
        assert (await read(town, filer, filing))["payload"]["members"][0]["nin"].isdigit()
    with clock.shifted(timedelta(days=700)):
        await keep(town)
        assert not isinstance(
            (await read(town, filer, filing))["payload"]["members"][0]["nin"], str
        )


@pytest.mark.parametrize("end", [taken_back, taken_back_once_submitted, turned_down])
async def test_the_persons_of_a_closed_file_are_forgotten_a_year_after_its_end(
    town: Town, end: End
) -> None:
    """Domain T5: a withdrawn dossier is kept, its personal data is on a purge schedule."""
    filer = a_filer()
    filing = await end(town, filer)
    with clock.shifted(timedelta(days=600)):
        await keep(town)
        assert (await read(town, filer, filing))["payload"]["members"][0]["nin"].isdigit()
    with clock.shifted(timedelta(days=670)):
        await keep(town)
    kept = await read(town, filer, filing)
    for name in ("family_name", "given_names", "nin", "phone", "birth_year"):
        assert kept["payload"]["members"][0][name] == {"is_erased": True}
    acts = await town.apps["registry"].state.reads.fetch(
        "select kind, rule from privacy_act where filing_id = $1::text::uuid", filing["id"]
    )
    assert [tuple(one) for one in acts] == [("PURGED", "CLOSED_FILE")]


async def test_a_message_keeps_nobody(town: Town) -> None:
    """Its key is that of the texts, and what it seals stays: the persons' year goes on."""
    filer, agent = a_filer(), an_instructor()
    closed, returned = await turned_down(town, filer), await submitted(town, filer)
    with clock.shifted(LATER):
        expect(await send_back(town, returned, OBJECT), 201)
    with clock.shifted(timedelta(days=600)):
        for filing in (closed, returned):
            expect(await write(town, agent, filing["id"], "Merci"), 201)
    with clock.shifted(timedelta(days=670)):
        await keep(town)
    for filing in (closed, returned):
        kept = await read(town, filer, filing)
        assert kept["payload"]["members"][0]["nin"] == {"is_erased": True}


async def test_a_member_is_pseudonymised_five_years_after_leaving(town: Town) -> None:
    owner = a_filer()
    made = await registered(town, owner)
    rows = await members_of(town, owner, made["cooperative_id"])
    reads = town.apps["registry"].state.reads
    for row in (rows[0], rows[-1]):  # the first one is an officer
        await reads.fetch(LEFT, row["id"])
    with clock.shifted(timedelta(days=1820)):
        await keep(town)
        assert (await members_of(town, owner, made["cooperative_id"]))[-1]["nin"] is not None
    with clock.shifted(timedelta(days=1830)):
        await keep(town)
    officer, *others, left = await members_of(town, owner, made["cooperative_id"])
    assert (left["family_name"], left["nin"], left["phone"]) == (TOMBSTONE, None, None)
    assert (left["sex"], left["birth_year"]) == (rows[-1]["sex"], rows[-1]["birth_year"])
    assert (officer["family_name"], officer["nin"]) == (rows[0]["family_name"], None)
    assert all(row["nin"] is not None for row in others)
    acts = await reads.fetch(
        "select * from privacy_act where member_id = $1::text::uuid", left["id"]
    )
    assert [(one["kind"], one["rule"], one["by_sub"]) for one in acts] == [
        ("PSEUDONYMISED", "MEMBER_AFTER_EXIT", None)
    ]


async def test_records_of_access_go_after_three_years_and_no_others(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    with clock.shifted(timedelta(days=-1100)):
        await read(town, filer, filing)
    with clock.shifted(timedelta(days=-1090)):
        await read(town, filer, filing)
    await keep(town)
    reads = town.apps["registry"].state.reads
    left = await reads.fetch("select at from data_access where sub = $1", filer.sub)
    assert len(left) == 1


async def test_nothing_else_is_deleted(town: Town) -> None:
    made = await registered(town, a_filer())
    tables = (
        "ledger",
        "filing",
        "member",
        "mandate",
        "effect",
        "decision",
        "certificate",
        "event_log",
    )
    reads = town.apps["registry"].state.reads
    counts = " union all ".join(f"select count(*) as n from {name}" for name in tables)
    before = [row["n"] for row in await reads.fetch(counts)]
    with clock.shifted(timedelta(days=4000)):
        await keep(town)
    assert [row["n"] for row in await reads.fetch(counts)] == before
    async with town.client("registry") as anyone:
        seen = expect(await anyone.get(f"/v1/cooperatives/{made['cooperative_id']}"), 200)
    assert len(seen["officers"]) == 6


async def test_a_report_changes_nothing_and_says_what_would_be(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    with clock.shifted(YEAR):
        lines = await retention(town).report()
    [line] = [line for line in lines if line.startswith("ABANDONED_DRAFT")]
    assert "365 days (U, on)" in line
    assert not line.endswith(" 0 past their time")
    assert (await read(town, filer, filing))["payload"]["members"][0]["nin"].isdigit()


async def test_a_period_that_is_off_deletes_nothing(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    reads = town.apps["registry"].state.reads
    switch = "update retention_rule set is_on = $1 where code = 'ABANDONED_DRAFT'"
    await reads.fetch(switch, False)
    try:
        with clock.shifted(YEAR):
            await keep(town)
    finally:
        await reads.fetch(switch, True)
    assert (await read(town, filer, filing))["payload"]["members"][0]["nin"].isdigit()


async def test_who_was_forgotten_is_forgotten_again_after_a_restore(town: Town) -> None:
    owner = a_filer()
    filing, made = await drafted(town, owner), await registered(town, owner)
    member = (await members_of(town, owner, made["cooperative_id"]))[-1]
    reads = town.apps["registry"].state.reads
    ids = [member["id"], filing["id"]]
    mine = "(member_id = any($1::text[]::uuid[]) or filing_id = any($1::text[]::uuid[]))"
    kept = await reads.fetch(f"select * from person_key where {mine}", ids)
    row = await reads.fetchrow("select * from member where id = $1::text::uuid", member["id"])
    await reads.fetch(LEFT, member["id"])
    with clock.shifted(timedelta(days=2000)):
        await keep(town)
    lines = await retention(town).forgotten()
    assert member["family_name"] not in "\n".join(lines)
    for key in kept:  # an older backup brings keys and names back
        await reads.fetch(
            "update person_key set wrapped = $2, kek = $3, erased_at = null where id = $1" + NOTED,
            key["id"], key["wrapped"], key["kek"],
        )  # fmt: skip
    await reads.fetch(
        "update member set family_name = $2, nin_sealed = $3 where id = $1" + NOTED,
        row["id"], row["family_name"], row["nin_sealed"],
    )  # fmt: skip
    await retention(town).forget_again(lines)
    again = (await members_of(town, owner, made["cooperative_id"]))[-1]
    assert (again["family_name"], again["nin"]) == (TOMBSTONE, None)
    assert (await read(town, owner, filing))["payload"]["members"][0]["nin"] == {"is_erased": True}
