"""A grant, from the cooperative's act to what the registry shows behind the gateway."""

import base64
import json
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis import clock
from gateway.rights import LENDABLE
from tests.gateway.bureau import Bureau, Who, code_of
from tests.gateway.conftest import joined
from tests.gateway.test_access_grants import LENT, a_president, in_days
from tests.gateway.test_clients import token_by
from tests.registry.people import a_filer, registered
from tests.town import Town


class Scene:
    """A cooperative of an organisation that has another one, and a third party with a token."""

    def __init__(self, bureau: Bureau, town: Town) -> None:
        self.bureau = bureau
        self.town = town
        self.own: dict[str, Any] = {}
        self.app: dict[str, Any] = {}
        self.cooperatives: list[str] = []
        self.token = ""
        self.url = ""

    async def set(self) -> "Scene":
        self.own = await self.bureau.organisation()
        filer = a_filer(org=self.own["id"])
        for _ in range(2):
            made = await registered(self.town, filer)
            self.cooperatives.append(made["cooperative_id"])
        await self.town.deliver()
        developer = await self.bureau.organisation("DEVELOPER")
        self.app = await self.bureau.client(developer, scopes=list(LENDABLE))
        answer = await token_by(self.bureau, self.app["id"], self.app["client_secret"])
        self.token = answer.json()["access_token"]
        return self

    async def lent(self, **changes: Any) -> dict[str, Any]:
        wish = {"cooperative_id": self.cooperatives[0], "client_id": self.app["id"]}
        wish |= {"scopes": LENT, "ends_at": in_days(30)}
        who = a_president(self.own)
        return await self.bureau.done("/access-grants", wish | changes, who=who)

    async def members(self, cooperative: int = 0, token: str = "") -> httpx.Response:
        """What the third party gets when it asks for the members."""
        path = f"/v1/cooperatives/{self.cooperatives[cooperative]}/members"
        headers = {"Authorization": f"Bearer {token or self.token}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30) as client:
            return await client.get(path)


@pytest.fixture
async def scene(bureau: Bureau, town: Town) -> AsyncIterator[Scene]:
    town.apps["gateway"] = bureau.app
    found = await Scene(bureau, town).set()
    async with joined(bureau.app, town) as found.url:
        yield found
    del town.apps["gateway"]


async def test_what_is_lent_opens_one_record_until_it_is_taken_back(scene: Scene) -> None:
    assert code_of(await scene.members()) == (404, "NOT_FOUND")
    grant = await scene.lent()
    seen = await scene.members()
    assert seen.status_code == 200, seen.text
    [member, *others] = seen.json()["items"]
    assert len(others) == 6
    assert member["nin"] == member["phone"] == {"is_masked": True}
    assert code_of(await scene.members(cooperative=1)) == (404, "NOT_FOUND")
    who = a_president(scene.own)
    await scene.bureau.done(f"/access-grants/{grant['id']}/revocations", who=who)
    assert code_of(await scene.members()) == (404, "NOT_FOUND")


async def test_what_is_lent_ends_at_its_second(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends, present = clock.now() + timedelta(seconds=60), time.time
    await scene.lent(ends_at=clock.wire(ends))
    assert (await scene.members()).status_code == 200
    later = ends - clock.now() + timedelta(seconds=0.05)
    monkeypatch.setattr(time, "time", lambda: present() + later.total_seconds())
    with clock.shifted(later):
        assert code_of(await scene.members()) == (404, "NOT_FOUND")


async def test_no_internal_token_outlives_a_grant(scene: Scene) -> None:
    office = scene.bureau.app.state.verifier
    ends = clock.now() + timedelta(seconds=40)
    await scene.lent(ends_at=clock.wire(ends))
    await scene.members()
    letter = (await office.passport(scene.token)).letters["registry"]
    payload = letter.token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    subject = scene.cooperatives[0]
    assert claims["grants"] == [{"org": scene.own["id"], "subject": subject, "scopes": LENT}]
    assert claims["exp"] == letter.expires_at == int(ends.timestamp())


async def test_a_person_is_lent_nothing_through_the_client(scene: Scene) -> None:
    await scene.lent()
    person = Who(
        scope=" ".join(LENDABLE),
        org=scene.app["organisation_id"],
        client_id=scene.app["id"],
        roles=[],
        territory=[],
        claims={"sid": "family-1", "auth_time": 1, "amr": ["pwd"]},
    )
    token = scene.bureau.token(person)
    assert code_of(await scene.members(token=token)) == (404, "NOT_FOUND")


async def test_a_scope_that_was_not_lent_opens_nothing(scene: Scene) -> None:
    await scene.lent(scopes=["training:read"])
    assert code_of(await scene.members()) == (404, "NOT_FOUND")


async def test_what_a_suspended_organisation_has_lent_does_not_count(scene: Scene) -> None:
    await scene.lent()
    assert (await scene.members()).status_code == 200
    path = f"/organisations/{scene.own['id']}"
    await scene.bureau.done(f"{path}/suspensions")
    assert code_of(await scene.members()) == (404, "NOT_FOUND")
    await scene.bureau.done(f"{path}/reactivations")
    assert (await scene.members()).status_code == 200


async def test_what_was_lent_on_a_cooperative_that_is_now_anothers_does_not_count(
    scene: Scene,
) -> None:
    await scene.lent()
    other = await scene.bureau.organisation()
    await scene.bureau.write(
        "update known_cooperative set organisation_id = $2 where id = $1",
        scene.cooperatives[0],
        other["id"],
    )
    assert code_of(await scene.members()) == (404, "NOT_FOUND")
