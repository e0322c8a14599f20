"""Members who are persons with an account, and who protects their data, in the tests."""

from typing import Any

from tests.registry.people import a_filer, expect, registered
from tests.town import Identity, Town

# The end of an update in the service's place: it is noted as the service's own (ADR 44), so that it
# is no alteration to whoever verifies the register afterwards.
NOTED = " and set_config('mboolo.writes', 'on', true) = 'on'"
LEFT = f"update member set left_on = current_date where id = $1::text::uuid{NOTED}"


def a_protector(territory: str = "SN-SE", **changes: Any) -> Identity:
    return Identity(
        scope="privacy:manage cooperatives.members:read",
        roles=["data_protection"],
        territory=[territory],
        **changes,
    )


async def members_of(town: Town, owner: Identity, cooperative: str) -> list[dict[str, Any]]:
    """The members as their cooperative sees them, in the order in which they were declared."""
    async with town.client("registry", owner) as client:
        path = f"/v1/cooperatives/{cooperative}/members"
        return list(expect(await client.get(path), 200)["items"])


async def a_member_of(
    town: Town, owner: Identity | None = None, cooperative: str | None = None
) -> str:
    """A member without any office."""
    owner = owner or a_filer()
    if cooperative is None:
        cooperative = (await registered(town, owner))["cooperative_id"]
    return str((await members_of(town, owner, cooperative))[-1]["id"])


async def linked(town: Town, member: str, person: Identity, *, giver: Identity) -> None:
    """The account of `person` becomes the member's, by a code of `giver`."""
    path, body = f"/v1/members/{member}/link-codes", {"ground": "KNOWN_IN_COOPERATIVE"}
    async with town.client("registry", giver) as client:
        code = expect(await client.post(path, json=body), 201)["code"]
    async with town.client("registry", person) as client:
        expect(await client.post("/v1/me/member-links", json={"code": code}), 201)


async def asked(
    town: Town, person: Identity, member: str, kind: str = "ACCESS", **more: Any
) -> dict[str, Any]:
    """A request of that kind."""
    body = {"kind": kind, "member_id": member} | more
    async with town.client("registry", person) as client:
        return expect(await client.post("/v1/data-requests", json=body), 201)
