"""Where the chains stood, signed, and kept where who holds the database cannot reach."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asyncpg import Connection, Record
from jose import jws
from structlog.testing import capture_logs

from chassis import clock
from chassis.checkpoints import Checkpoint, Outside, signed
from chassis.jose import Signer, construct
from chassis.keys import KeyFile, ensure_keys
from chassis.rotation import Rotation
from services.registry.stream.repository import CHAINS
from services.registry.stream.service import sign_checkpoints
from services.registry.verify_ledger import Against, Report, kept_in, report
from tests.registry.people import a_filer, expect, link_everything, sign_everything, submitted
from tests.town import Town


class Undo(Exception):
    """Ends a transaction that tampered, so that nothing of it remains."""


@asynccontextmanager
async def in_vain(town: Town) -> AsyncIterator["Connection[Record]"]:
    """A connection with every right, past the triggers; whatever it does is undone."""
    async with town.owner("registry") as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("set local session_replication_role = replica")
            for patience in ("statement_timeout", "idle_in_transaction_session_timeout"):
                await connection.execute(f"set local {patience} = 0")  # some read all there is
            yield connection
        finally:
            await transaction.rollback()


def keys(town: Town) -> Mapping[str, Mapping[str, Any]]:
    return {key["kid"]: key for key in town.apps["registry"].state.keys.public()}


async def judged(
    town: Town, connection: "Connection[Record]", chain: str = "ledger", folder: Path | None = None
) -> Report:
    against = Against(keys(town), kept_in(folder or town.checkpoints))
    return await report(connection, CHAINS[chain], against)


async def sealed(town: Town) -> int:
    """Bring a line into the ledger and sign; the sequence that was signed."""
    await submitted(town, a_filer())
    await sign_everything(town)
    last = Outside(town.checkpoints / "ledger.jsonl").last()
    assert last is not None
    return last.sequence


async def test_a_checkpoint_stands_inside_and_outside_and_anyone_can_check_it(town: Town) -> None:
    sequence = await sealed(town)
    async with town.client("registry") as anyone:
        page = expect(await anyone.get("/v1/events/checkpoints?chain=ledger"), 200)
        shown = page["items"][0]
        key = expect(await anyone.get(f"/v1/signing-keys/{shown['kid']}"), 200)
    outside = Outside(town.checkpoints / "ledger.jsonl").last()
    assert outside is not None
    assert shown == {**outside.said, "kid": outside.kid, "jws": outside.jws}
    assert outside.sequence == sequence
    assert b'"sequence":%d' % sequence in jws.verify(shown["jws"], construct(key), ["ES256"])
    async with town.owner("registry") as connection:
        found = await judged(town, connection)
    assert found.faults == []
    assert found.checkpoints >= 1


async def test_all_checkpoints_are_listed_newest_first(town: Town) -> None:
    for _ in range(3):
        await sealed(town)
    seen: list[dict[str, Any]] = []
    path: str | None = "/v1/events/checkpoints?limit=2"
    async with town.client("registry") as anyone:
        while path:
            page = expect(await anyone.get(path), 200)
            seen += page["items"]
            path = page["next"] and page["next"].removeprefix("http://gateway")
    assert {each["chain"] for each in seen} <= set(CHAINS)
    ledger = [each["sequence"] for each in seen if each["chain"] == "ledger"]
    assert ledger == sorted(set(ledger), reverse=True)
    assert len(ledger) >= 3


async def test_nothing_is_signed_before_its_time_or_without_news(town: Town) -> None:
    await sealed(town)
    app = town.apps["registry"]
    with clock.shifted(timedelta(days=1)):
        assert await sign_checkpoints(app) == 0
    await submitted(town, a_filer())
    await link_everything(town)
    assert await sign_checkpoints(app) == 0, "the last one is too young"


async def test_a_cut_end_shows_against_what_is_kept_outside(town: Town) -> None:
    await sealed(town)
    sequence = await sealed(town)
    cut = (
        "delete from ledger where id in"
        f" (select ref from chain_link where chain = 'ledger' and sequence >= {sequence})",
        f"delete from chain_link where chain = 'ledger' and sequence >= {sequence}",
        f"delete from chain_checkpoint where chain = 'ledger' and sequence >= {sequence}",
        "update chain_head h set (sequence, hash) = (select sequence, hash from chain_link"
        " where chain = 'ledger' order by sequence desc limit 1) where chain = 'ledger'",
    )
    async with in_vain(town) as connection:
        for statement in cut:
            await connection.execute(statement)
        found = await judged(town, connection)
    assert sequence in {fault.sequence for fault in found.faults}
    assert "the end was cut off" in str(found.faults[-1])


async def test_a_chain_that_was_computed_anew_shows_and_is_never_signed(town: Town) -> None:
    from tests.registry.tampering import recompute

    await sealed(town)
    sequence = await sealed(town)
    async with in_vain(town) as connection:
        await connection.execute(
            "update ledger set subject = 'Autre' where id ="
            f" (select ref from chain_link where chain = 'ledger' and sequence = {sequence})"
        )
        await recompute(connection, CHAINS["ledger"], sequence)
        found = await judged(town, connection)
        assert [fault.sequence for fault in found.faults] == [sequence]
        assert "all was rewritten" in found.lines()[1]
        before = Outside(town.checkpoints / "ledger.jsonl").read()
        with capture_logs() as said, clock.shifted(timedelta(days=1)):
            assert await sign_over(town, connection) == 0
        assert [line["event"] for line in said] == ["checkpoint_refused"]
    assert Outside(town.checkpoints / "ledger.jsonl").read() == before


async def sign_over(town: Town, connection: "Connection[Record]") -> int:
    from chassis.sealing import Seal, seal_checkpoint

    seal = Seal(town.apps["registry"].state.signer, keys(town), town.checkpoints)
    return await seal_checkpoint(connection, CHAINS["ledger"], seal)


async def test_who_holds_the_database_alone_cannot_sign(town: Town, tmp_path: Path) -> None:
    sequence = await sealed(town)
    ensure_keys(tmp_path / "theirs.json", "reg")
    theirs = Signer(KeyFile(tmp_path / "theirs.json").current)
    forged = signed(theirs, "ledger", sequence + 1, "0" * 64)
    as_ours = replace(forged, kid=next(iter(keys(town))))
    for one in (forged, as_ours):
        async with in_vain(town) as connection:
            row = (one.chain, one.sequence, one.hash, clock.now(), one.kid, one.jws)
            await connection.execute(
                "insert into chain_checkpoint (chain, sequence, hash, at, kid, jws)"
                " values ($1, $2, $3, $4, $5, $6)",
                *row,
            )
            found = await judged(town, connection)
        assert "no key of ours signed" in str(found.faults)


async def test_an_edited_checkpoint_is_not_what_was_signed(town: Town) -> None:
    for _ in range(2):
        await sealed(town)
    async with in_vain(town) as connection:
        await connection.execute("update chain_checkpoint set at = at + interval '1 day'")
        assert "no key of ours signed" in str((await judged(town, connection)).faults)
        await connection.execute("delete from chain_checkpoint where chain = 'ledger'")
        found = await judged(town, connection)
    assert "the database has lost its checkpoint" in str(found.faults)


async def test_a_lost_folder_shows_and_is_begun_again(town: Town, tmp_path: Path) -> None:
    sequence = await sealed(town)
    elsewhere = tmp_path / "moved"
    async with town.owner("registry") as connection:
        lost = await judged(town, connection, folder=elsewhere)
    assert "outside the database there is no checkpoint" in str(lost.faults)
    file = town.checkpoints / "ledger.jsonl"
    shutil.move(file, tmp_path / "ledger.jsonl")
    await submitted(town, a_filer())
    await sign_everything(town)
    kept = [one.sequence for one in Outside(file).read()]
    shutil.move(tmp_path / "ledger.jsonl", file)
    assert kept[0] == sequence
    assert len(kept) == 2


async def test_a_key_that_retired_still_vouches_for_what_it_signed(
    town: Town, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    ensure_keys(path, "reg")
    old = signed(Signer(KeyFile(path).current), "ledger", 1, "0" * 64)
    Rotation(path, None).rotate(now=True)
    new = signed(Signer(KeyFile(path).current), "ledger", 2, "1" * 64)
    published = {key["kid"]: key for key in KeyFile(path).public()}
    assert old.kid != new.kid
    assert old.is_signed(published)
    assert new.is_signed(published)
    assert not replace(old, jws=new.jws).is_signed(published)
    assert not replace(old, kid=new.kid).is_signed(published)


def test_a_line_that_could_not_be_finished_spoils_no_other(tmp_path: Path) -> None:
    file, one = Outside(tmp_path / "made" / "x.jsonl"), Checkpoint("x", 1, "h", "t", "k", "j")
    file.add(one)
    with file.path.open("a") as torn:
        torn.write('{"chain":"x","sequ')
    file.add(replace(one, sequence=2))
    assert [each.sequence for each in file.read()] == [1, 2]
    assert file.last() == replace(one, sequence=2)
    assert Outside(tmp_path / "none.jsonl").last() is None


@pytest.mark.parametrize("field", ["chain", "sequence", "hash", "at"])
def test_no_field_of_a_checkpoint_can_be_exchanged(tmp_path: Path, field: str) -> None:
    ensure_keys(tmp_path / "keys.json", "reg")
    file = KeyFile(tmp_path / "keys.json")
    one = signed(Signer(file.current), "ledger", 7, "0" * 64)
    published = {key["kid"]: key for key in file.public()}
    assert one.is_signed(published)
    changed: Any = {field: 8 if field == "sequence" else "x"}
    assert not replace(one, **changed).is_signed(published)
