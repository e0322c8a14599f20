"""What a caller may file about a cooperative: the same as what happens when they try."""

from typing import Any
from uuid import uuid4

import pytest

from services.registry.allowed_actions.rules import Situation, blockers
from services.registry.cooperatives.states import Life
from services.registry.fields import FilingType
from services.registry.formalities import FORMALITIES
from services.registry.scopes import CORRECT, FILE
from tests.makers import a_client
from tests.registry.people import a_filer, a_validator, an_instructor, expect
from tests.registry.test_changes import a_registrar, cooperative, days_ago
from tests.town import Identity, Town, problem

BOTH = (FILE, CORRECT)


def found(type: FilingType, life: Life = Life.REGISTERED, **changes: Any) -> list[tuple[str, str]]:
    now: dict[str, Any] = {"scopes": BOTH, "within_reach": BOTH, "life": life, "open_files": {}}
    situation = Situation(**now | changes)
    return [(one.code, one.severity) for one in blockers(type, FORMALITIES[type], situation)]


def test_nothing_stands_in_the_way_of_who_may_file_about_a_living_record() -> None:
    open_to_all = set(FilingType) - {FilingType.REGISTRATION, FilingType.LIQUIDATION_CLOSE}
    assert {type for type in FORMALITIES if not found(type)} == open_to_all


@pytest.mark.parametrize("life", [Life.STRUCK_OFF, Life.ABSORBED])
def test_a_closed_record_takes_corrections_and_notes_only(life: Life) -> None:
    # R48: read-only; what was wrong may still be said rightly
    free = {type for type in FORMALITIES if not found(type, life)}
    assert {FilingType.CORRECTION, FilingType.REGISTRAR_NOTE} <= free
    assert not free & {FilingType.CHANGE_OF_NAME, FilingType.DISSOLUTION, FilingType.ANNUAL_RETURN}
    assert found(FilingType.CHANGE_OF_NAME, life) == [("RECORD_CLOSED", "BLOCK")]


def test_a_record_in_liquidation_is_wound_up() -> None:
    # AUSCOOP art. 183: its personality lasts for the needs of the liquidation
    assert found(FilingType.LIQUIDATION_CLOSE, Life.IN_LIQUIDATION) == []
    assert found(FilingType.CHANGE_OF_NAME, Life.IN_LIQUIDATION) == [("LIFE_FORBIDS", "BLOCK")]
    assert found(FilingType.LIQUIDATION_CLOSE) == [("LIFE_FORBIDS", "BLOCK")]
    assert found(FilingType.CPS_RECOGNITION, Life.IN_LIQUIDATION) == [("LIFE_FORBIDS", "BLOCK")]
    for type in (FilingType.ANNUAL_RETURN, FilingType.CPS_WITHDRAWAL, FilingType.HANDOVER):
        assert found(type, Life.IN_LIQUIDATION) == []


def test_scope_and_reach_are_asked_of_each_type() -> None:
    assert found(FilingType.CHANGE_OF_NAME, scopes=(CORRECT,)) == [("INSUFFICIENT_SCOPE", "BLOCK")]
    away = found(FilingType.CORRECTION, within_reach=(FILE,))
    assert away == [("COOPERATIVE_NOT_WITHIN_REACH", "BLOCK")]
    assert found(FilingType.REGISTRATION) == [("COOPERATIVE_NOT_EXPECTED", "BLOCK")]


def test_an_open_file_is_told_and_forbids_nothing() -> None:
    files = {FilingType.CHANGE_OF_NAME: uuid4()}
    told = found(FilingType.CHANGE_OF_NAME, open_files=files)
    assert told == [("FILING_OPEN_ALREADY", "WARN")]
    assert found(FilingType.CHANGE_OF_OBJECT, open_files=files) == []


async def actions(town: Town, id: str, who: Identity) -> dict[str, dict[str, Any]]:
    async with town.client("registry", who) as client:
        answer = await client.get(f"/v1/cooperatives/{id}/allowed-actions")
    return {one["action"]: one for one in expect(answer, 200)["actions"]}


async def test_what_is_said_is_what_happens(town: Town) -> None:
    owner = a_filer()
    id = await cooperative(town, owner)
    lent = a_client(owner, id, "filings:write")
    callers = [
        owner, lent, a_filer(), a_filer(territory=["SN-SE"]), a_filer(territory=["SN-DK"]),
        an_instructor(), a_validator(), a_registrar(),
        Identity(scope="filings:correct", territory=["SN-DK"]), Identity(scope="lender:read"),
    ]  # fmt: skip
    seen = set()
    for who in callers:
        said = await actions(town, id, who)
        assert set(said) == {type.value for type in FORMALITIES}
        for type in ("CHANGE_OF_OBJECT", "REGISTRAR_NOTE", "LIQUIDATION_CLOSE", "REGISTRATION"):
            async with town.client("registry", who) as client:
                wish = {"type": type, "cooperative_id": id}
                answer = await client.post("/v1/filings", json=wish)
            is_made = answer.status_code == 201
            seen.add((type, is_made))
            assert said[type]["is_allowed"] == is_made, (who, type, said[type], answer.text)
    assert {("CHANGE_OF_OBJECT", True), ("CHANGE_OF_OBJECT", False), ("REGISTRAR_NOTE", True),
            ("REGISTRAR_NOTE", False), ("LIQUIDATION_CLOSE", False)} <= seen  # fmt: skip


async def test_each_blocker_says_why_and_what_to_do_in_two_languages(town: Town) -> None:
    owner = a_filer()
    id = await cooperative(town, owner)
    path = f"/v1/cooperatives/{id}/allowed-actions"
    said = {}
    for language in ("fr", "en"):
        async with town.client("registry", owner) as client:
            answer = await client.get(path, headers={"Accept-Language": language})
        rows = {one["action"]: one for one in expect(answer, 200)["actions"]}
        [blocker] = rows["LIQUIDATION_CLOSE"]["blockers"]
        assert blocker["message"]
        assert blocker["remedy"]
        assert "…" not in blocker["message"]
        said[language] = blocker["message"]
    assert said["fr"] != said["en"]


async def test_open_files_are_named_to_those_who_may_file(town: Town) -> None:
    owner = a_filer()
    id = await cooperative(town, owner)
    draft = {"type": "CHANGE_OF_OBJECT", "cooperative_id": id,
             "payload": {"decided_on": days_ago(1), "object": "Pêche"}}  # fmt: skip
    async with town.client("registry", owner) as client:
        made = expect(await client.post("/v1/filings", json=draft), 201)
    mine = (await actions(town, id, owner))["CHANGE_OF_OBJECT"]
    assert (mine["is_allowed"], mine["blockers"][0]["code"]) == (True, "FILING_OPEN_ALREADY")
    assert mine["blockers"][0]["params"] == {"filing_id": made["id"]}
    for stranger in (a_filer(), an_instructor("SN-DK"), Identity(scope="lender:read")):
        assert made["id"] not in str(await actions(town, id, stranger))


async def test_a_token_is_asked_for_and_an_absent_one_is_absent(town: Town) -> None:
    async with town.client("registry") as nobody:
        answer = await nobody.get(f"/v1/cooperatives/{uuid4()}/allowed-actions")
    assert (answer.status_code, problem(answer)["code"]) == (401, "UNAUTHENTICATED")
    async with town.client("registry", a_filer()) as client:
        answer = await client.get(f"/v1/cooperatives/{uuid4()}/allowed-actions")
    assert answer.status_code == 404
