import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from chassis.db import Database, create_engine
from chassis.sql import run
from gateway.accounts import create
from gateway.accounts import demo as demo_accounts
from gateway.accounts.create import command, make_accounts
from gateway.accounts.passwords import Passwords
from gateway.issuer.clients import secret_sha256
from gateway.roles import DEMO, FRONTEND, ROLES
from gateway.settings import GatewaySettings
from tests.gateway.world import Gateway
from tests.town import create_database, role_for

LENDERS = {
    "bank_a": "0198a000-0000-7000-8000-00000000000a",
    "bank_b": "0198a000-0000-7000-8000-00000000000b",
    "sfd": "0198a000-0000-7000-8000-00000000000c",
}
MINISTRY = {
    "data_protection",
    *("instructor", "validator", "dual_agent", "registrar", "training_manager"),
    *("financing_officer", "financing_validator", "statistician", "admin"),
}
COMMON = {"client_id", "scope", "sub", "organisation_id", "territory"}


@pytest.fixture
async def own(settings: GatewaySettings, worker: str) -> GatewaySettings:
    """A database of one's own, for tests that make accounts anew."""
    from chassis.serve import prepare
    from gateway.app import define

    url = await create_database(f"t_{worker}_gateway_accounts")
    made = settings.model_copy(update={"database_url": await role_for(url), "owner_url": url})
    import asyncio

    await asyncio.to_thread(prepare, define(made))
    return made


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_the_file_has_the_pinned_shape(gateway: Gateway, demo: dict[str, Any]) -> None:
    assert demo.keys() == {"base_url", "clients", "users"}
    assert demo["base_url"] == gateway.url
    assert demo["clients"].keys() == {*DEMO, "frontend"}
    assert demo["users"].keys() == set(DEMO) - {"third_party"}
    assert all(user.keys() == {"username", "password"} for user in demo["users"].values())


@pytest.mark.parametrize("role", [role for role in DEMO if role not in LENDERS])
def test_a_machine_has_a_secret_of_256_bits(gateway: Gateway, role: str) -> None:
    entry = gateway.entry(role)
    assert entry.keys() == COMMON | {"client_secret"}
    assert len(entry["client_secret"]) == 43
    assert entry["scope"].split() == list(ROLES[role])


@pytest.mark.parametrize("role", LENDERS)
def test_a_lender_has_a_key_and_no_secret(gateway: Gateway, role: str) -> None:
    entry = gateway.entry(role)
    assert entry.keys() == COMMON | {"private_key_jwk", "lender_id"}
    key = entry["private_key_jwk"]
    assert (key["kty"], key["crv"]) == ("EC", "P-256")
    assert key["kid"].startswith(role)
    assert key["d"]
    assert entry["lender_id"] == LENDERS[role]
    assert entry["scope"] == "lender:read lender:decide lender:report"


def test_the_frontend_has_neither(gateway: Gateway) -> None:
    entry = gateway.entry("frontend")
    assert entry.keys() == COMMON | {"redirect_uri"}
    assert entry["redirect_uri"] == "http://127.0.0.1:5173/callback"
    assert entry["scope"].split() == list(FRONTEND)


def test_the_ministry_is_one_organisation_and_everybody_else_their_own(gateway: Gateway) -> None:
    organisations = {role: gateway.entry(role)["organisation_id"] for role in (*DEMO, "frontend")}
    assert len({organisations[role] for role in MINISTRY}) == 1
    assert len(set(organisations.values())) == len(organisations) - len(MINISTRY) + 1
    assert all(re.fullmatch(r"org-[0-9a-f]{20}", id) for id in organisations.values())


def test_agents_and_volunteers_work_all_over_the_country(gateway: Gateway) -> None:
    territories = {role: gateway.entry(role)["territory"] for role in DEMO}
    national = {role for role, territory in territories.items() if territory == "SN"}
    assert national == MINISTRY | {"volunteer", "trainer"}
    assert {territories[role] for role in set(DEMO) - national} == {None}


@pytest.mark.parametrize("role", LENDERS)
def test_financing_knows_the_same_lenders(role: str) -> None:
    id, category = demo_accounts.LENDERS[role]
    seed = Path(__file__).resolve().parents[2] / "services" / "financing" / "seed.py"
    [line] = [line for line in seed.read_text().splitlines() if f'"{id}"' in line]
    assert line.rstrip(" ,)").endswith(f'"{category}"')


async def test_a_person_and_a_machine_of_one_role_are_the_same_subject(
    gateway: Gateway, demo: dict[str, Any]
) -> None:
    reads = gateway.app.state.reads
    rows = await reads.fetch("select username, id, roles, password_hash from account")
    accounts = {row["username"]: row for row in rows}
    for role, user in demo["users"].items():
        row = accounts[user["username"]]
        assert row["id"] == gateway.entry(role)["sub"]
        assert row["roles"] == [role]
        assert row["password_hash"].startswith("$argon2id$v=19$m=19456,t=4,p=1$")
    stored = accounts[demo["users"]["validator"]["username"]]["password_hash"]
    assert await Passwords().holds(demo["users"]["validator"]["password"], stored)
    assert not await Passwords().holds(demo["users"]["registrar"]["password"], stored)
    assert not await Passwords().holds("nobody has this password", None)


async def test_neither_secrets_nor_private_keys_are_stored(gateway: Gateway) -> None:
    reads = gateway.app.state.reads
    tables = ("client", "client_secret", "client_key", "account")
    rows = [row for t in tables for row in await reads.fetch(f"select * from {t}")]
    stored = json.dumps([dict(row) for row in rows], default=str)
    for role in DEMO:
        entry = gateway.entry(role)
        hidden = entry.get("client_secret") or entry["private_key_jwk"]["d"]
        assert hidden not in stored
    assert secret_sha256(gateway.entry("admin")["client_secret"]) in stored
    assert gateway.entry("sfd")["private_key_jwk"]["x"] in stored


async def test_making_accounts_twice_keeps_them(own: GatewaySettings, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "demo.json"
    assert await make_accounts(own, path) is True
    first = path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    assert await make_accounts(own, path) is False
    assert path.read_bytes() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_another_port_changes_the_address_and_nothing_else(
    own: GatewaySettings, tmp_path: Path
) -> None:
    path = tmp_path / "demo.json"
    await make_accounts(own, path)
    first = read(path)
    moved = own.model_copy(update={"public_url": "http://127.0.0.1:9"})
    assert await make_accounts(moved, path) is False
    assert read(path) == {**first, "base_url": "http://127.0.0.1:9"}


async def test_accounts_of_an_earlier_version_get_what_their_roles_hold_now(
    own: GatewaySettings, tmp_path: Path
) -> None:
    path = tmp_path / "demo.json"
    await make_accounts(own, path)
    now = read(path)
    old = read(path)
    database = Database(create_engine(own))
    ids = [old["clients"][role]["client_id"] for role in ("cooperative", "frontend")]
    for role in ("cooperative", "frontend"):
        old["clients"][role]["scope"] = "events:read"
    statement = text("update client set scopes = '{events:read}' where id = any(:ids)")
    async with database.transaction() as session:
        await run(session, statement, {"ids": ids})
    path.write_text(json.dumps(old))
    assert await make_accounts(own, path) is False
    assert read(path) == now
    async with database.transaction() as session:
        found = await run(
            session, text("select id, scopes from client where id = any(:ids)"), {"ids": ids}
        )
        held = {row.id: row.scopes for row in found}
    await database.engine.dispose()
    assert held == dict(zip(ids, (list(ROLES["cooperative"]), list(FRONTEND)), strict=True))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_text("not JSON"),
        lambda path: path.write_text("[]"),
        lambda path: path.write_text(json.dumps(_without(read(path), "sfd"))),
        lambda path: path.write_text(json.dumps(_with_another_secret(read(path)))),
        lambda path: path.write_text(json.dumps(_with_another_key(read(path)))),
    ],
    ids=["absent", "unreadable", "of another shape", "a role less", "secret", "key"],
)
async def test_accounts_that_do_not_hold_are_made_anew(
    own: GatewaySettings, tmp_path: Path, spoil: Any
) -> None:
    path = tmp_path / "demo.json"
    await make_accounts(own, path)
    before = read(path)
    spoil(path)
    assert await make_accounts(own, path) is True
    assert await _is_known(own, read(path))
    assert not await _is_known(own, before)


async def test_nothing_waits_in_a_transaction_while_passwords_are_hashed(
    own: GatewaySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, waiting = tmp_path / "demo.json", []
    await make_accounts(own, path)
    path.write_text(json.dumps(_with_another_secret(read(path))))
    database, make = Database(create_engine(own)), create._new_users

    async def looked_at() -> create.Users:
        async with database.transaction() as session:
            waiting.append((await run(session, text(_IN_TRANSACTION), {})).scalar_one())
        return await make()

    monkeypatch.setattr(create, "_new_users", looked_at)
    assert await make_accounts(own, path) is True
    await database.engine.dispose()
    assert waiting == [0]


_IN_TRANSACTION = """
select count(*) from pg_stat_activity where datname = current_database()
  and usename = current_user and pid <> pg_backend_pid() and xact_start is not null
"""


async def test_demo_accounts_leave_with_all_that_was_done_with_them(
    own: GatewaySettings, tmp_path: Path
) -> None:
    path = tmp_path / "demo.json"
    await make_accounts(own, path)
    entry = read(path)["clients"]["cooperative"]
    database = Database(create_engine(own))
    async with database.transaction() as session:
        await run(session, text(_LEFT_BEHIND), {"demo": entry["organisation_id"]})
    await database.engine.dispose()
    path.unlink()
    assert await make_accounts(own, path) is True
    assert await _is_known(own, read(path))


# A grant of the demo cooperative to a client that is not of the demonstration.
_LEFT_BEHIND = """
with owner as (insert into organisation (id, kind, name, status, version, is_demo, created_at)
  values ('org-left', 'DEVELOPER', 'L', 'ACTIVE', 1, false, now()) returning id),
client as (insert into client (id, name, sub, organisation_id, auth_method, grant_types,
  redirect_uris, scopes, roles, territory, tier, status, version, is_demo, created_at)
  select 'client-left', 'L', 'client-left', id, 'client_secret_basic', '{client_credentials}',
  '{}', '{filings:write}', '{}', '{}', 'STANDARD', 'ACTIVE', 1, false, now() from owner
  returning id)
insert into access_grant (id, organisation_id, cooperative_id, client_id, scopes, granted_by,
  created_at, ends_at, version) select gen_random_uuid(), :demo, gen_random_uuid(), id,
  '{filings:write}', 'user-1', now(), now() + interval '1 day', 1 from client
"""


def _without(content: dict[str, Any], role: str) -> dict[str, Any]:
    kept = {name: entry for name, entry in content["clients"].items() if name != role}
    return {**content, "clients": kept}


def _with_another_secret(content: dict[str, Any]) -> dict[str, Any]:
    content["clients"]["admin"]["client_secret"] = "changed"
    return content


def _with_another_key(content: dict[str, Any]) -> dict[str, Any]:
    content["clients"]["sfd"]["private_key_jwk"]["x"] = "changed"
    return content


async def _is_known(settings: GatewaySettings, content: dict[str, Any]) -> bool:
    database = Database(create_engine(settings))
    async with database.transaction() as session:
        found = await demo_accounts.is_known(session, content)
    await database.engine.dispose()
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": "production"},
        {"public_url": "https://api.example.sn"},
        {"public_url": "http://10.0.0.1:8000"},
        {"public_url": "https://127.0.0.1.example.sn"},
    ],
)
async def test_demo_accounts_are_refused_where_they_would_be_a_door(
    own: GatewaySettings, tmp_path: Path, changes: dict[str, Any]
) -> None:
    path = tmp_path / "demo.json"
    act = command(own.model_copy(update=changes))
    with pytest.raises(SystemExit) as refusal:
        await act(None, [str(path)])  # it opens its own connection
    assert "No demo accounts" in str(refusal.value)
    assert not path.exists()


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.sn/",
        "http://127.0.0.1:8000",
        "http://localhost:8000",
        "http://[::1]:8000",
    ],
)
def test_tokens_are_issued_where_nobody_can_listen(settings: GatewaySettings, url: str) -> None:
    given = settings.model_dump() | {"environment": "production", "public_url": url}
    assert GatewaySettings(**given).public_url == url.rstrip("/")


@pytest.mark.parametrize(
    "url", ["http://api.example.sn", "http://10.0.0.1", "http://127.0.0.1.example.sn", "ftp://x"]
)
def test_tokens_are_not_issued_where_somebody_can(settings: GatewaySettings, url: str) -> None:
    given = settings.model_dump() | {"environment": "production", "public_url": url}
    with pytest.raises(ValueError, match="public_url must be https"):
        GatewaySettings(**given)
