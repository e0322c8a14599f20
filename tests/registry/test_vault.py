"""Keys of the vault change while people work, and an old one goes when nothing needs it."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag

from chassis import clock, vault_file
from chassis.ids import new_id
from chassis.vault import Vault
from chassis.vault_file import VaultRefused
from services.registry.messages.models import Message, Side
from services.registry.tables import metadata
from services.registry.vault import repository
from services.registry.vault.repository import Closed
from services.registry.vault.service import Keeper
from tests.makers import a_filing, a_member
from tests.registry.importing import a_list, a_name, a_registrar, upload
from tests.registry.people import a_filer, an_instructor, drafted, expect, registered, submitted
from tests.registry.privacy import NOTED, a_member_of, asked, linked, members_of
from tests.registry.test_links import given
from tests.registry.test_messages import read, write
from tests.registry.test_remarks import OBJECT, send_back, submit
from tests.town import Identity, Town

WHY = {"Purpose-Of-Use": "CONTROL"}


def keeper(town: Town) -> Keeper:
    return Keeper(town.apps["registry"].state.database, town.folder / "registry.vault.json")


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes notice within a second; nobody waits a minute here."""
    monkeypatch.setattr(vault_file, "SETTLED_AFTER", timedelta(seconds=2))


async def whole(town: Town, made: dict[str, Any]) -> list[Any]:
    """Every number of a cooperative, as an agent reads them in the register and in the filing."""
    async with town.client("registry", an_instructor()) as client:
        path = f"/v1/cooperatives/{made['cooperative_id']}/members"
        rows = expect(await client.get(path, headers=WHY), 200)["items"]
        filing = expect(await client.get(f"/v1/filings/{made['filing_id']}", headers=WHY), 200)
    return [[row["revealed"] for row in rows], filing["payload"]["members"]]


async def work(town: Town, done: asyncio.Event, turns: list[int], me: int) -> None:
    """Draft, change and read until told to stop; every answer must be a good one."""
    filer = a_filer()
    async with town.client("registry", filer) as client:
        while not done.is_set():
            people = [a_member(k, birth_date="1990-01-01") for k in range(3)]
            body = a_filing(members=people)
            made = expect(await client.post("/v1/filings", json=body), 201)
            path, other = f"/v1/filings/{made['id']}", [*people[:2], a_member(7)]
            change = {"payload": {"members": other}}
            expect(await client.patch(path, json=change, headers={"If-Match": '"1"'}), 200)
            read = expect(await client.get(path), 200)
            assert read["payload"]["members"] == other
            turns[me] += 1


async def until_each_began_anew(turns: list[int]) -> None:
    """Until nobody is at work any more on what was begun before."""
    before = [*turns]
    for _ in range(3_000):
        if all(now >= then + 2 for now, then in zip(turns, before, strict=True)):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("somebody stands still")


@pytest.mark.usefixtures("settled")
async def test_keys_change_while_everybody_works(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "BATCH", 20)
    made = await registered(town, a_filer())
    await linked(town, await a_member_of(town, owner := a_filer()), Identity(scope=""), giver=owner)
    before, keys = await whole(town, made), keeper(town)
    old, done, turns = keys.vault.current, asyncio.Event(), [0] * 3
    async with asyncio.TaskGroup() as workers:
        for me in range(len(turns)):
            workers.create_task(work(town, done, turns, me))
        await until_each_began_anew(turns)
        await keys.do(["rotate"])
        with monkeypatch.context() as patch, pytest.raises(VaultRefused, match="less than"):
            patch.setattr(vault_file, "SETTLED_AFTER", timedelta(hours=1))
            await keys.do(["drop", old])
        await asyncio.gather(keys.do(["rewrap"]), keeper(town).do(["rewrap"]))  # two at once, too
        await asyncio.sleep(2.1)
        await until_each_began_anew(turns)  # with the new key, which all have noticed by now
        await keys.do(["rewrap"])  # what was written before the processes noticed
        assert await keys.do(["drop", old]) == [f"{old} is destroyed"]
        await asyncio.sleep(1.1)
        await until_each_began_anew(turns)
        done.set()
    assert await whole(town, made) == before
    assert old not in json.loads((town.folder / "registry.vault.json").read_text())["keys"]


@pytest.mark.usefixtures("settled")
async def test_a_key_that_something_needs_is_not_dropped(town: Town) -> None:
    keys = keeper(town)
    old = keys.vault.current
    await registered(town, a_filer())
    await keys.do(["rotate"])
    await asyncio.sleep(2.1)
    with pytest.raises(VaultRefused, match=f"rows still need {old}"):
        await keys.do(["drop", old])
    with pytest.raises(VaultRefused, match="in use"):
        await keys.do(["drop", keys.file.kids[-1]])
    with pytest.raises(VaultRefused, match="no key"):
        await keys.do(["drop", "ffffff"])


async def test_what_was_left_half_way_is_gone_on_with(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await registered(town, a_filer())
    before, keys = await whole(town, made), keeper(town)
    await keys.do(["rotate"])
    await asyncio.sleep(1.1)
    calls, batch = 0, repository.Closed.rewrap

    async def dies(self: Any, after: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise ConnectionError("the operator's terminal closed")
        return await batch(self, after)

    with monkeypatch.context() as patch:
        patch.setattr(repository, "BATCH", 2)
        patch.setattr(repository.Closed, "rewrap", dies)
        with pytest.raises(ConnectionError):
            await keys.do(["rewrap"])
    assert await whole(town, made) == before
    await keys.do(["rewrap"])
    async with keys.database.transaction() as session:
        closed = Closed(session, keys.vault)
        left = [await closed.uses(kid) for kid in keys.file.kids[:-1]]
    assert {table for uses in left for table in uses} <= {"message"}  # is never rewritten
    assert await whole(town, made) == before


async def test_a_stolen_copy_of_the_keys_opens_nothing_without_the_file(
    town: Town, tmp_path: Path
) -> None:
    filing = await drafted(town, a_filer())
    reads = town.apps["registry"].state.reads
    row = await reads.fetchrow(
        "select id, kek, wrapped from person_key where filing_id = $1::text::uuid", filing["id"]
    )
    content = json.loads((town.folder / "registry.vault.json").read_text())
    content["keys"] = {row["kek"]: "00" * 32}
    content["current"] = row["kek"]
    forged = tmp_path / "vault.json"
    forged.write_text(json.dumps(content))
    with pytest.raises(InvalidTag):
        Vault(forged).unwrap(row["id"], row["kek"], row["wrapped"])


async def test_members_from_before_persons_had_keys_are_given_theirs(town: Town) -> None:
    owner = a_filer()
    made = await registered(town, owner)
    before = await whole(town, made)
    app = town.apps["registry"]
    [member, *_] = await members_of(town, owner, made["cooperative_id"])
    nin = before[0][0]["nin"]
    sealed = app.state.vault.seal(nin, f"member/{member['id']}/nin")
    await app.state.reads.fetch(
        f"update member set nin_sealed = $1 where id = $2::text::uuid{NOTED}", sealed, member["id"]
    )
    [person, *_] = before[1]
    place = f"filing/{made['filing_id']}/{person['id']}/nin"
    declared = "select payload from filing where id = $1::text::uuid"
    [filed] = await app.state.reads.fetch(declared, made["filing_id"])
    await app.state.reads.fetch(
        "update filing set payload = jsonb_set(payload, '{members,0,nin}', to_jsonb($1::text))"
        f" where id = $2::text::uuid{NOTED}",
        app.state.vault.seal(person["nin"], place),
        made["filing_id"],
    )
    assert await whole(town, made) == before
    [said] = await keeper(town).do(["rewrap"])
    left = await app.state.reads.fetch(
        "select nin_sealed as it from member where nin_sealed like 'v1.%'"
        " union all select payload::text from filing where payload::text like '%\"v1.%'"
    )
    assert (said.endswith("1 members and 1 filings given keys"), left) == (True, [])
    assert await whole(town, made) == before
    # its steps say that it was sealed as it was filed
    await app.state.reads.fetch(
        f"update filing set payload = $1 where id = $2::text::uuid{NOTED}",
        *filed,
        made["filing_id"],
    )


@pytest.mark.usefixtures("settled")
async def test_the_key_of_the_index_changes_and_equals_are_still_found(town: Town) -> None:
    owner, keys = a_filer(), keeper(town)
    made = await registered(town, owner)
    reads = town.apps["registry"].state.reads
    old = keys.file.index_kids[-1]
    blinds = "select nin_blind from member where cooperative_id = $1::text::uuid order by id"
    before = [row["nin_blind"] for row in await reads.fetch(blinds, made["cooperative_id"])]
    await keys.do(["rotate-index"])
    new = keys.file.index_kids[-1]
    nin = (await whole(town, made))[0][0]["nin"]
    keys.vault._looked_at = float("-inf")
    both = keys.vault.blinds(nin)
    assert (both[0].startswith(f"{new}."), before[0] in both) == (True, True)
    await asyncio.sleep(2.1)
    # codes that other tests left open would need the key until they expire
    await reads.fetch(f"update member_link set ended_at = now() where sub is null{NOTED}")
    with pytest.raises(VaultRefused, match="still need"):
        await keys.do(["drop-index", old or "first"])
    await keys.do(["reindex"])
    after = [row["nin_blind"] for row in await reads.fetch(blinds, made["cooperative_id"])]
    assert {blind.partition(".")[0] for blind in after} == {new}
    assert await keys.do(["drop-index", old or "first"])
    assert town.apps["registry"].state.vault.blind(nin) == after[0]


async def written(town: Town, filing: dict[str, Any], filer: Identity) -> list[Any]:
    """What an agent and a filer said to each other about a file, in all the places."""
    path = f"/v1/filings/{filing['id']}"
    async with town.client("registry", an_instructor()) as client:
        [review] = expect(await client.get(f"{path}/reviews"), 200)["items"]
        changes = expect(await client.get(f"{path}/changes-since-review"), 200)
    said = [one["text"] for one in await read(town, filer, filing["id"])]
    return [*said, review["answers"][0]["message"], changes["remarks"][0]["answer"]]


async def a_talk(town: Town, filer: Identity) -> dict[str, Any]:
    """A file with a message and an answered remark."""
    filing = await submitted(town, filer)
    expect(await write(town, filer, filing["id"], "Awa Diop arrive demain."), 201)
    expect(await send_back(town, filing, OBJECT), 201)
    expect(await submit(town, filer, filing, {"remark": 1, "message": "Voir Awa."}), 201)
    return filing


@pytest.mark.usefixtures("settled")
async def test_what_was_written_about_a_file_outlives_the_key_of_its_day(town: Town) -> None:
    """personal-data.md: a key is refused while a row needs it, and rewrap leaves it unneeded."""
    filer, keys = a_filer(), keeper(town)
    filing = await a_talk(town, filer)
    before, old = await written(town, filing, filer), keys.vault.current
    await keys.do(["rotate"])
    await asyncio.sleep(2.1)
    await keys.do(["rewrap"])
    assert await keys.do(["drop", old]) == [f"{old} is destroyed"]
    await asyncio.sleep(1.1)
    said = "Awa Diop arrive demain."
    assert await written(town, filing, filer) == before == [said, "Voir Awa.", "Voir Awa."]
    expect(await write(town, filer, filing["id"], "Merci."), 201)
    assert [one["text"] for one in await read(town, filer, filing["id"])] == [said, "Merci."]


async def test_an_older_message_keeps_the_key_that_sealed_it(town: Town) -> None:
    filing, app = await submitted(town, a_filer()), town.apps["registry"]
    kid = keeper(town).vault.current
    async with app.state.database.transaction() as session:
        before = await Closed(session, app.state.vault).uses(kid)
        place = f"message/{(id := new_id())}"
        session.add(
            Message(id=id, filing_id=filing["id"], side=Side.FILERS, by_sub="u-1", at=clock.now(),
                    text=app.state.vault.seal("Awa Diop", place))
        )  # fmt: skip
        await session.flush()
        after = await Closed(session, app.state.vault).uses(kid)
        assert after["message"] == before["message"] + 1
        await session.rollback()


_SEALED = r'(^|")v[12]\.[0-9a-f]{6,32}\.[A-Za-z0-9_=-]{40,}'


async def test_whatever_is_sealed_stands_in_a_column_that_says_so(town: Town) -> None:
    owner, person = a_filer(), Identity(scope="")
    people = [a_member(n, birth_date="1990-01-01", birth_year=1990) for n in range(7)]
    made = await registered(town, owner, members=people)
    member = await a_member_of(town, owner, made["cooperative_id"])
    await linked(town, member, person, giver=owner)
    said: dict[str, Any] = {"changes": {"phone": "+221771234567"}, "statement": "Faux."}
    await asked(town, person, member, "RECTIFICATION", **said)
    await a_talk(town, owner)
    expect(await upload(town, a_registrar(), a_list((a_name(), "Diendé"))), 202)
    found = set()
    async with town.owner("registry") as owner:
        await owner.execute("set statement_timeout = 0")  # it reads all that others wrote, too
        for table in metadata.tables.values():
            for column in table.columns:
                name = f'"{column.name}"'
                text = f"encode({name}, 'escape')" if column.name == "body" else name
                query = f'select 1 from "{table.name}" where {text}::text ~ $1 limit 1'
                if await owner.fetch(query, _SEALED):
                    found.add(column)
    declared = set(repository.columns("is_sealed"))
    assert (found - declared, declared - found) == (set(), set())


@pytest.mark.usefixtures("settled")
async def test_a_code_that_was_handed_over_keeps_the_key_that_finds_it(town: Town) -> None:
    owner, keys, reads = a_filer(), keeper(town), town.apps["registry"].state.reads
    await reads.fetch(f"update member_link set ended_at = now() where sub is null{NOTED}")
    code = await given(town, await a_member_of(town, owner), owner)
    old = keys.file.index_kids[-1] or "first"
    await keys.do(["rotate-index"])
    await asyncio.sleep(2.1)
    await keys.do(["reindex"])
    with pytest.raises(VaultRefused, match=r"\(1 of member_link: until used or expired\)$"):
        await keys.do(["drop-index", old])
    async with town.client("registry", Identity(scope="")) as client:
        expect(await client.post("/v1/me/member-links", json={"code": code}), 201)
    assert await keys.do(["drop-index", old]) == [f"{old} is destroyed"]


@pytest.mark.usefixtures("settled")
async def test_a_refusal_names_no_act_that_cannot_help(town: Town) -> None:
    """personal-data.md: an older message is never rewritten and keeps its key."""
    keys, app = keeper(town), town.apps["registry"]
    filing, old = await submitted(town, a_filer()), keys.vault.current
    text = app.state.vault.seal("Awa Diop", f"message/{(id := new_id())}")
    async with app.state.database.transaction() as session:
        session.add(
            Message(id=id, filing_id=filing["id"], side=Side.FILERS, by_sub="u-1", at=clock.now(),
                    text=text)
        )  # fmt: skip
    await keys.do(["rotate"])
    await asyncio.sleep(2.1)
    with pytest.raises(VaultRefused, match="of person_key: vault rewrap"):
        await keys.do(["drop", old])
    await keys.do(["rewrap"])
    with pytest.raises(VaultRefused, match=r"1 of message: never rewritten, keep the key\)$"):
        await keys.do(["drop", old])
