"""The audit trail: complete, unchangeable, without persons."""

from typing import Any

import pytest
from asyncpg import PostgresError

from tests.gateway.bureau import Bureau, Who, a_manager, an_invitation, code_of


async def test_it_says_who_did_what_to_whom(bureau: Bureau) -> None:
    own = await bureau.organisation()
    manager = a_manager(own["id"])
    user = await bureau.invited(own, "cooperative", who=manager)
    [entry] = (await bureau.got(f"/audit-entries?target_id={user['id']}"))["items"]
    assert entry["act"] == "USER_INVITED"
    assert (entry["target_kind"], entry["organisation_id"]) == ("USER", own["id"])
    assert (entry["by_sub"], entry["by_organisation_id"]) == (manager.sub, own["id"])
    assert entry["by_client_id"] == manager.client_id
    assert entry["details"] == {"roles": ["cooperative"], "territory": []}
    by_them = await bureau.got(f"/audit-entries?by_sub={manager.sub}")
    assert by_them["items"] == [entry]


async def test_it_is_read_newest_first_page_by_page(bureau: Bureau) -> None:
    own = await bureau.organisation()
    for _ in range(3):
        await bureau.invited(own, "cooperative")
    found: list[dict[str, Any]] = []
    path: str | None = f"/audit-entries?organisation_id={own['id']}&limit=2"
    while path:
        page = await bureau.got(path)
        found += page["items"]
        path = page["next"] and page["next"].partition("/v1")[2]
    acts = [entry["act"] for entry in found]
    assert acts == [*["USER_INVITED"] * 3, "ORGANISATION_CREATED"]


async def test_only_administrators_of_the_platform_read_it(bureau: Bureau) -> None:
    answer = await bureau.ask("GET", "/audit-entries", who=a_manager("org-1"))
    assert code_of(answer) == (403, "INSUFFICIENT_SCOPE")
    everything = Who(scope="filings:decide statistics:read")
    assert code_of(await bureau.ask("GET", "/audit-entries", who=everything))[0] == 403


@pytest.mark.parametrize(
    "sql",
    [
        "update audit_entry set by_sub = 'nobody'",
        "delete from audit_entry",
        "truncate audit_entry",
    ],
)
async def test_nobody_changes_it(bureau: Bureau, sql: str) -> None:
    await bureau.organisation()
    with pytest.raises(PostgresError, match="permission denied for table audit_entry"):
        await bureau.write(sql)


async def test_it_names_no_person(bureau: Bureau) -> None:
    own = await bureau.organisation()
    wish = an_invitation(organisation_id=own["id"], roles=["cooperative"])
    user = await bureau.done("/users", wish)
    change = {"full_name": "Khady Baldé", "email": "khady.balde@example.sn"}
    await bureau.ask("PATCH", f"/users/{user['id']}", change, match="1")
    rows = await bureau.rows("select * from audit_entry where target_id = $1", user["id"])
    assert len(rows) == 2
    for said in ("Awa", "Diatta", wish["email"], *change.values(), wish["username"]):
        assert said not in str(rows)
