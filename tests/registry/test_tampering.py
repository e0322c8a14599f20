"""A hundred ways to alter the register quietly, with every right in the database: all are found."""

import os
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from asyncpg import Connection, Record

from chassis.auth import Caller
from chassis.db import AsyncSession
from services.registry.consistency import disagreements
from services.registry.filings.repository import Filings
from services.registry.reviews.schemas import ReviewOutcome, ReviewWrite
from services.registry.reviews.service import review
from services.registry.stream.repository import CHAINS
from services.registry.verify_ledger import Against, kept_in, report
from tests.registry.importing import a_list, a_name, a_registrar, imported
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    expect,
    registered,
    reviewed,
    sign_everything,
    submitted,
)
from tests.registry.tampering import WAYS, Hand
from tests.registry.test_checkpoints import Undo, in_vain, keys
from tests.registry.test_desk import transfer
from tests.town import Identity, Town, a_town

TIMES = int(os.environ.get("MBOOLO_TAMPERINGS", "100"))
_TABLES = {
    "effects": "effect",
    "ledger": "ledger",
    "public": "event_log",
    "log": "event_log",
    "steps": "desk_step",
}
GROUNDS = "are not what was decided"
STEP = "is not what it was at its last step"
BEFORE = "was altered before its step"
HEARD = "heard is not what was said"
REMARK = {"pointer": "/payload/object", "message": "Précisez l'activité."}
RETURNED = {"outcome": "CHANGES_REQUESTED", "remarks": [REMARK]}
EXAMINER = Caller(
    sub="user-altered",
    client_id="client-altered",
    organisation_id="org-altered",
    scopes=frozenset({"filings:review"}),
    roles=frozenset({"instructor"}),
    territories=frozenset({"SN-SE"}),
)
ANSWERED = {"answers": [{"remark": 1, "message": "L'objet est celui des statuts."}]}


@pytest.fixture(scope="module")
async def register(worker: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A register with everything that may befall a filing, sealed to its end; a town of its own, in
    which no other test wrote anything."""
    folder = tmp_path_factory.mktemp("register")
    async with a_town(f"{worker}_{folder.name}", folder) as town:
        await _befallen(town)
        yield town


async def _befallen(town: Town) -> None:
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
    await reviewed(town, a_filer())
    await sent_back(town, a_filer())
    for scope in (["submissions"], ["submissions", "withdrawals"], ["withdrawals"]):
        await sent_back_and(town, a_filer(), scope)
    await imported(town, a_list([a_name(), "Diendé"]))
    await sign_everything(town)


async def sent_back(town: Town, filer: Identity) -> dict[str, Any]:
    """A file that was sent back, and on which its filer writes."""
    filing = await submitted(town, filer)
    async with town.client("registry", an_instructor()) as client:
        expect(await act(client, filing, "reviews", RETURNED), 201)
    path, patch = (
        f"/v1/filings/{filing['id']}",
        {"payload": {"object": "Autre objet, dit autrement"}},
    )
    async with town.client("registry", filer) as client:
        now = expect(await client.get(path), 200)
        return expect(
            await client.patch(path, json=patch, headers={"If-Match": f'"{now["version"]}"'}), 200
        )


async def sent_back_and(town: Town, filer: Identity, acts: Sequence[str]) -> dict[str, Any]:
    """The same, and what its filer did then."""
    filing = await sent_back(town, filer)
    async with town.client("registry", filer) as client:
        for what in acts:
            body = ANSWERED if what == "submissions" else {}
            expect(await act(client, filing, what, body), 201)
    return filing


async def everything_wrong(town: Town, connection: "Connection[Record]") -> list[str]:
    against = Against(keys(town), kept_in(town.checkpoints))
    reports = [await report(connection, chain, against) for chain in CHAINS.values()]
    faults = [f"{each.chain} {fault}" for each in reports for fault in each.faults]
    return faults + await disagreements(connection)


async def test_a_register_that_nobody_altered_holds(register: Town) -> None:
    async with register.owner("registry") as connection, connection.transaction():
        assert await everything_wrong(register, connection) == []


async def test_what_all_other_tests_wrote_before_holds_too(town: Town) -> None:
    async with town.owner("registry") as connection, connection.transaction():
        await connection.execute("set local statement_timeout = 0")  # however many there were
        assert await everything_wrong(town, connection) == []


async def test_a_colleague_may_write_on_a_file_that_was_sent_back(register: Town) -> None:
    filer = a_filer()
    filing = await sent_back(register, filer)
    path, patch = f"/v1/filings/{filing['id']}", {"payload": {"object": "Un objet de plus"}}
    async with register.client("registry", a_filer(org=filer.org)) as client:
        held = {"If-Match": f'"{filing["version"]}"'}
        filing = expect(await client.patch(path, json=patch, headers=held), 200)
    # a step that is not the filer's own, before the file comes back
    expect(await transfer(register, a_registrar(), filing), 201)
    async with register.owner("registry") as connection, connection.transaction():
        assert await disagreements(connection) == []


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


_OPEN = "not exists (select from decision d where d.filing_id = review.filing_id)"
# What a step would say that is taken after somebody altered the file.
_STEP_AFTER = (
    "insert into desk_step (id, filing_id, kind, stage, authority_code, by_sub, at, status, filers,"
    " file_sha256) select gen_random_uuid(), s.filing_id, 'TAKEN', s.stage, s.authority_code,"
    " 'user-x', s.at, s.status, {}, {} from desk_step s where s.kind = 'ARRIVED'"
    " and s.filing_id in (select id from filing where status = 'SUBMITTED')"
)


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
        (f"update review set by_sub = 'user-x' where {_OPEN}", HEARD),
        (f"update review set at = at + interval '1 microsecond' where {_OPEN}", HEARD),
        (f"delete from review where {_OPEN}", HEARD),
        (
            "insert into review (id, filing_id, outcome, remarks, by_sub, at) select"
            " gen_random_uuid(), id, 'COMPLETE', '[]', 'user-x', now() from filing"
            " where status = 'SUBMITTED'",
            "no step says its review",
        ),
        ("update remark_answer set message = message || 'x'", HEARD),
        ("delete from remark_answer", HEARD),
        (
            "insert into remark_answer (id, review_id, remark, message, by_sub, at) select"
            " gen_random_uuid(), id, 199, 'x', 'user-x', at from review"
            " where outcome = 'CHANGES_REQUESTED'",
            HEARD,
        ),
        (
            "insert into remark_answer (id, review_id, remark, message, by_sub, at) select"
            " gen_random_uuid(), id, 199, 'x', 'user-x', at from review where outcome = 'COMPLETE'",
            "no step says what was answered",
        ),
        (
            'update review_snapshot set payload = payload || \'{"acronym": "Y"}\''
            " where filing_id in (select id from filing where status = 'CHANGES_REQUESTED')",
            STEP,
        ),
        ("delete from review_snapshot", STEP),
        (
            'update filing set payload = payload || \'{"acronym": "Y"}\''
            " where status <> 'CHANGES_REQUESTED'",
            STEP,
        ),
        ("update filing set effective_on = '2026-01-02' where status = 'SUBMITTED'", STEP),
        ("update filing set filers = '{user-x}' where status = 'SUBMITTED'", STEP),
        ("update filing set filers = '{}' where status = 'CHANGES_REQUESTED'", STEP),
        ("update filing set status = 'UNDER_REVIEW' where status = 'SUBMITTED'", STEP),
        ("update filing set cooperative_id = id where status = 'SUBMITTED'", STEP),
        ("update filing set created_by = 'user-x' where status = 'UNDER_REVIEW'", STEP),
        ("update filing set withdrawal_reason = 'x' where status = 'WITHDRAWN'", STEP),
        (
            "update filing set path = '{SN,SN-XX}' where status = 'UNDER_REVIEW'",
            "not in its territory",
        ),
        (_STEP_AFTER.format("'{user-x}'", "s.file_sha256"), BEFORE),
        (_STEP_AFTER.format("s.filers", "repeat('a', 64)"), BEFORE),
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


async def test_a_step_of_before_says_nothing_of_its_file(register: Town) -> None:
    """Files that were on their way when steps began to say what they were stay valid."""
    async with in_vain(register) as connection:
        await connection.execute(
            "update desk_step set status = null, filers = null, file_sha256 = null,"
            " review_id = null, review_sha256 = null"
        )
        assert await disagreements(connection) == []


async def test_what_was_altered_before_a_review_stays_found_after_it(register: Town) -> None:
    """What follows is computed over what was altered; the steps before it remember."""
    filing, said = await submitted(register, a_filer()), ReviewWrite(outcome=ReviewOutcome.COMPLETE)
    with suppress(Undo):
        async with register.apps["registry"].state.database.transaction() as session:
            held = await Filings(session).lock(UUID(filing["id"]))
            held.payload = {**held.payload, "acronym": "YY"}
            await session.flush()
            version, codes = held.version, set[str]()
            await review(session, held.id, said, version=version, by=EXAMINER, known_codes=codes)
            await session.flush()
            found = await disagreements(await driver(session))
            raise Undo
    assert found == [sentence for sentence in found if filing["id"] in sentence]
    assert BEFORE in " ".join(found)
    assert STEP not in " ".join(found)


async def driver(session: AsyncSession) -> "Connection[Record]":
    """The connection of a session, as the verifier reads."""
    connection = await (await session.connection()).get_raw_connection()
    return connection.driver_connection


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


async def test_no_step_is_written_without_what_its_file_was(register: Town) -> None:
    columns = "filing_id, kind, stage, authority_code, by_sub, at"
    copied = (
        f"insert into desk_step (id, {columns}) select gen_random_uuid(), {columns} from desk_step"
        " limit 1"
    )
    async with register.owner("registry") as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(copied)
