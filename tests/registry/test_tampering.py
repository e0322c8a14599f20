"""A hundred ways to alter the register quietly, with every right in the database: all are found."""

import os
import random
import secrets
from typing import Any

import asyncpg
import pytest
from asyncpg import Connection, Record

from services.registry.consistency import disagreements
from services.registry.stream.repository import CHAINS
from services.registry.verify_ledger import Against, kept_in, report
from tests.registry.importing import a_list, a_name, a_registrar, imported
from tests.registry.people import (
    a_filer,
    a_validator,
    decide,
    expect,
    registered,
    reviewed,
    sign_everything,
    submitted,
)
from tests.registry.tampering import WAYS, Hand
from tests.registry.test_checkpoints import in_vain, keys
from tests.registry.test_desk import transfer
from tests.town import Town

TIMES = int(os.environ.get("MBOOLO_TAMPERINGS", "100"))
_TABLES = {"effects": "effect", "ledger": "ledger", "public": "event_log", "log": "event_log"}


GROUNDS = "are not what was decided"


@pytest.fixture(scope="module")
async def register(town: Town) -> Town:
    """A register with everything that may befall a filing, sealed to its end."""
    for _ in range(3):
        await registered(town, a_filer())
    filer = a_filer()
    taken_back = await submitted(town, filer)
    async with town.client("registry", filer) as client:
        expect(await client.post(f"/v1/filings/{taken_back['id']}/withdrawals", json={}), 201)
    rejected = await reviewed(town, a_filer())
    async with town.client("registry", a_validator()) as client:
        said = {"outcome": "REJECTED", "reason_code": "DOUBLE", "reason": "Incomplet"}
        expect(await decide(client, rejected, said), 201)
    await transfer(town, a_registrar(), await submitted(town, a_filer()))
    await imported(town, a_list([a_name(), "Diendé"]))
    await sign_everything(town)
    return town


async def everything_wrong(town: Town, connection: "Connection[Record]") -> list[str]:
    against = Against(keys(town), kept_in(town.checkpoints))
    reports = [await report(connection, chain, against) for chain in CHAINS.values()]
    faults = [f"{each.chain} {fault}" for each in reports for fault in each.faults]
    return faults + await disagreements(connection)


async def test_a_register_that_nobody_altered_holds(register: Town) -> None:
    async with register.owner("registry") as connection, connection.transaction():
        assert await everything_wrong(register, connection) == []


async def test_every_random_tampering_is_found(register: Town) -> None:
    seed = int(os.environ.get("MBOOLO_SEED", secrets.randbelow(10**9)))
    dice, found = random.Random(seed), 0
    missed: list[Any] = []
    while found + len(missed) < TIMES:
        name = dice.choice(sorted(_TABLES))
        async with in_vain(register) as connection:
            key = "filing_id" if name == "effects" else "id"
            hand = Hand(connection, CHAINS[name], _TABLES[name], dice, key)
            try:
                way = await dice.choice(WAYS)(hand)
            except asyncpg.IntegrityConstraintViolationError:
                continue  # the table itself refuses it
            wrong = await everything_wrong(register, connection)
        found += bool(wrong)
        missed += [] if wrong else [(name, way, hand.done)]
    assert missed == [], f"MBOOLO_SEED={seed}"


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("update counter set value = value + 1 where name like 'arrival/%'", "counter at"),
        ("delete from counter", "counter at nothing"),
        ("update filing set arrival_number = arrival_number || '0'", "says"),
        ("update filing set type = 'DISSOLUTION'", "its filing"),
        ("update decision set outcome = 'APPROVED'", "decided as"),
        ("delete from decision", "decided as nothing"),
        ("update decision set reason = reason || 'x' where reason is not null", GROUNDS),
        ("update decision set by_sub = 'user-x'", GROUNDS),
        ("update decision set at = at + interval '1 microsecond'", GROUNDS),
        ("update decision set appeal_days = 3", GROUNDS),
        ("update review set by_sub = 'user-x'", GROUNDS),
        ('update review set remarks = \'[{"text": "x"}]\'', GROUNDS),
        ("delete from review", GROUNDS),
        (
            "insert into review (id, filing_id, outcome, remarks, by_sub, at) select"
            " gen_random_uuid(), filing_id, 'COMPLETE', '[]', 'user-x', at from decision",
            GROUNDS,
        ),
        ("update certificate set credential = 'x'", GROUNDS),
        ("update certificate set verification_code = verification_code || 'x'", GROUNDS),
        ("delete from certificate", GROUNDS),
        (
            "update ledger set grounds_sha256 = null where pos = (select max(pos) from ledger"
            " where kind = 'APPROVAL')",
            "does not say on what",
        ),
        (
            "update filing set status = 'APPROVED', cooperative_id = id"
            " where arrival_number is not null",
            "is APPROVED",
        ),
        ("delete from filing", "its filing"),
        ("update cooperative set name = name || 'x'", "name is not what its effects say"),
        ("update cooperative set life = 'STRUCK_OFF'", "life is not what"),
        ("update cooperative set members_count = 99", "members_count is not what"),
        ("update cooperative set version = 7", "version 7, with 1 effects"),
        ("delete from cooperative", "which is in no register"),
        ("delete from effect", "with 0 effects"),
        (
            'update cooperative_version set public = public || \'{"name": "x"}\'',
            "cooperative_version is",
        ),
        ("delete from cooperative_version", "cooperative_version is not what"),
        ("update membership set shares = shares + 1", "membership is not what"),
        ("delete from mandate", "mandate is not what"),
        ("update mandate set function = 'PRESIDENT_X'", "mandate is not what"),
    ],
)
async def test_what_disagrees_with_the_ledger_is_named(register: Town, sql: str, said: str) -> None:
    async with in_vain(register) as connection:
        await connection.execute(sql)
        assert said in " ".join(await disagreements(connection))


async def test_the_first_bad_sequence_comes_first(register: Town) -> None:
    async with in_vain(register) as connection:
        for sequence in (5, 3):
            await connection.execute(
                "update chain_link set hash = repeat('0', 64) where chain = 'ledger'"
                f" and sequence = {sequence}"
            )
        against: Any = Against(keys(register), kept_in(register.checkpoints))
        found = await report(connection, CHAINS["ledger"], against)
    assert found.lines()[0].startswith("ledger: BROKEN; 2 links hold")
    assert found.lines()[1].startswith("  sequence 3: ")


async def test_a_line_of_before_says_nothing_of_its_grounds(register: Town) -> None:
    """Lines from before digests were kept stay valid; what follows the first with one has one."""
    async with in_vain(register) as connection:
        await connection.execute(
            "update ledger set grounds_sha256 = null where pos ="
            " (select min(pos) from ledger where grounds_sha256 is not null)"
        )
        assert await disagreements(connection) == []


async def test_no_decision_is_written_without_its_grounds(register: Town) -> None:
    columns = (
        "authority_code, path, year, kind, filing_id, arrival_number, formality, declarant,"
        " subject, recorded_at"
    )
    copied = (
        f"insert into ledger (id, {columns}) select gen_random_uuid(), {columns} from ledger"
        " where kind = 'APPROVAL' limit 1"
    )
    async with register.owner("registry") as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(copied)
