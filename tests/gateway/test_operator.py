"""The operator's commands: the first administrator, and one who was locked out."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from gateway.accounts import codes
from gateway.accounts.models import CodePurpose
from gateway.accounts.operator import commands
from tests.gateway.bureau import Bureau, Who, bureau_at, code_of
from tests.town import Town

WORDS = ["awa.diatta", "awa@mmess.example.sn", "Awa Diatta", "Cellule informatique"]
CODE = re.compile(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}")


@pytest.fixture
async def empty(town: Town, worker: str) -> AsyncIterator[Bureau]:
    """An installation in which nobody is yet."""
    async with bureau_at(town, f"t_{worker}_empty") as found:
        yield found


async def run(bureau: Bureau, name: str, *words: str) -> None:
    act = commands(bureau.app.state.settings)[name]
    await act(None, words)  # it opens its own connection


async def redeemed(bureau: Bureau, code: str, purpose: CodePurpose) -> str | None:
    async with bureau.app.state.database.transaction() as session:
        found = await codes.redeem(session, code, [purpose])
    return found.account_id if found else None


async def test_an_empty_installation_gets_its_first_administrator(
    empty: Bureau, capsys: pytest.CaptureFixture[str]
) -> None:
    await run(empty, "admin", *WORDS)
    said = capsys.readouterr().out
    [code] = CODE.findall(said)
    assert "http://gateway/oauth2/password/new" in said
    [row] = await empty.rows("select * from account")
    assert (row["username"], row["status"], row["roles"]) == (WORDS[0], "INVITED", ["admin"])
    assert row["territory"] == ["SN"]
    assert WORDS[1] not in str(row)
    assert await redeemed(empty, code, CodePurpose.INVITATION) == row["id"]
    assert await empty.acts(row["id"]) == ["USER_INVITED"]
    [unit] = (await empty.got("/organisations"))["items"]
    assert (unit["kind"], unit["name"]) == ("MINISTRY_UNIT", WORDS[3])


async def test_a_lost_code_is_replaced_and_one_administrator_is_enough(
    empty: Bureau, capsys: pytest.CaptureFixture[str]
) -> None:
    await run(empty, "admin", *WORDS)
    [first] = CODE.findall(capsys.readouterr().out)
    await run(empty, "admin", *WORDS)
    [second] = CODE.findall(capsys.readouterr().out)
    assert await redeemed(empty, first, CodePurpose.INVITATION) is None
    id = await redeemed(empty, second, CodePurpose.INVITATION)
    assert id is not None
    await empty.set_status(id, "ACTIVE")
    with pytest.raises(SystemExit, match="There is an administrator already"):
        await run(empty, "admin", "other", "other@example.sn", "Khady Baldé", "Autre")
    assert len(await empty.rows("select 1 from account")) == 1


async def test_two_operators_at_once_make_one_of_each_name(empty: Bureau) -> None:
    runs = (run(empty, "admin", *WORDS) for _ in range(3))
    await asyncio.gather(*runs)
    assert len(await empty.rows("select 1 from account")) == 1
    assert len(await empty.rows("select 1 from organisation")) == 1
    live = await empty.rows("select 1 from one_time_code where used_at is null")
    assert len(live) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "python -m gateway admin USERNAME"),
        (WORDS[:3], "python -m gateway admin USERNAME"),
        (["Awa", *WORDS[1:]], "Not acceptable: username"),
        ([WORDS[0], "nowhere", *WORDS[2:]], "Not acceptable: email"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_made(
    empty: Bureau, words: list[str], why: str
) -> None:
    with pytest.raises(SystemExit, match=why):
        await run(empty, "admin", *words)
    assert await empty.rows("select 1 from account") == []
    assert await empty.rows("select 1 from organisation") == []


async def test_an_administrator_who_was_locked_out_comes_in_by_a_code(
    empty: Bureau, capsys: pytest.CaptureFixture[str]
) -> None:
    unit = await empty.organisation("MINISTRY_UNIT")
    admin = await empty.active(unit, "admin")
    await empty.write("update account set totp_sealed = 'x' where id = $1", admin["id"])
    who = Who(org=unit["id"], sub=admin["id"])
    headers = {"Authorization": f"Bearer {empty.token(who)}"}
    assert (await empty.raw("GET", "/me", headers)).status_code == 200
    await run(empty, "admin-reset", admin["username"])
    [code] = CODE.findall(capsys.readouterr().out)
    assert await redeemed(empty, code, CodePurpose.PASSWORD_RESET) == admin["id"]
    assert not (await empty.got(f"/users/{admin['id']}"))["has_second_factor"]
    assert (await empty.acts(admin["id"]))[-1] == "USER_RESET_BY_OPERATOR"
    await empty.app.state.cutoffs.listen(empty.app.state.reads)
    assert code_of(await empty.raw("GET", "/me", headers))[0] == 401


async def test_the_operator_resets_administrators_alone(empty: Bureau) -> None:
    user = await empty.active(await empty.organisation(), "cooperative")
    for name in (user["username"], "nobody"):
        with pytest.raises(SystemExit, match="No active administrator"):
            await run(empty, "admin-reset", name)
