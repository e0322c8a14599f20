"""Decisions that were recorded before each kept its key receive it when the database moves on."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest
from alembic import command

from chassis.ids import new_id
from chassis.jose import Signer, holds
from chassis.keys import new_private_jwk, public_jwk
from chassis.migrations import config
from chassis.reads import connect
from tests.house.services import defined
from tests.town import create_database

_DECISION = """
insert into lender_decision (id, assignment_id, application_id, lender_id, lender_decision_ref,
  type, reason_codes, prepared_by, approved_by, dossier_sha256, decided_at, received_at, payload,
  payload_sha256, fingerprint, jws, kid, receipt, answer)
values ($1, $1, $1, $2, 'R-1', 'REJECT', '{}', '{}', '{}', '', now(), now(), $3, '', '', $4, $5,
  '', '')
"""
_KEY = "insert into lender_key (lender_id, kid, jwk, valid_from) values ($1, $2, $3, now())"


async def test_an_old_decision_finds_the_key_that_signed_it(worker: str) -> None:
    folder: Path = defined("financing").folder / "migrations"
    url = await create_database(f"t_{worker}_key_migration")
    made = config(folder, url)
    await asyncio.to_thread(command.upgrade, made, "0001")
    id, lender, key = new_id(), new_id(), new_private_jwk("bank-old")
    body = json.dumps({"type": "REJECT"}).encode()
    signature = Signer(key).detached(body, {"iat": 1_700_000_000})
    connection = await connect(url)
    await connection.execute("set session_replication_role = replica")  # nothing else is there
    await connection.execute(_KEY, lender, "bank-old", public_jwk(dict(key)))
    await connection.execute(_DECISION, id, lender, body, signature, "bank-old")
    await connection.execute("reset session_replication_role")
    await asyncio.to_thread(command.upgrade, made, "head")
    row = await connection.fetchrow("select payload, jws, jwk from lender_decision")
    with pytest.raises(asyncpg.RestrictViolationError):  # and it is as unchangeable as before
        await connection.execute("update lender_decision set jwk = '{}'")
    await connection.close()
    assert holds(row["jws"], row["payload"], row["jwk"])
    await asyncio.to_thread(command.downgrade, made, "0001")
