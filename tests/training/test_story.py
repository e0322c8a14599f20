"""The story, thin and real: seven people of a real commune take Start.COOP together."""

from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey

from tests.town import Identity, Town
from tests.training.makers import COMMUNE, START_COOP, Desk, a_late_plan, members
from tests.training.stage import Stage


async def test_seven_people_take_start_coop_and_anyone_verifies_their_certificate(
    town: Town, stage: Stage
) -> None:
    cast = stage.cast
    manager, trainer, group = await stage.manager(), await stage.trainer(), await stage.group()
    initiative = await _start_initiative(town, cast.cooperative)

    plan = a_late_plan(cast.trainer, capacity=20, reserved_women=5)
    session = await manager.make("/v1/training-sessions", plan)
    assert session["status"] == "DRAFT"
    assert session["recorded_late"] == plan["recorded_late"]
    thing = f"/v1/training-sessions/{session['id']}"
    await stage.take(thing, "submissions", "approvals", "openings")

    delegation = await group.make(
        "/v1/delegations",
        {
            "training_session_id": session["id"],
            "initiative_id": initiative["id"],
            "mode": "ALL_OR_NOTHING",
            "members": members(7, women=6),
        },
    )
    assert (delegation["members_count"], delegation["seats_held"]) == (7, 7)

    await stage.take(thing, "registration-closures", "starts")
    results = await stage.send(thing, await stage.sheet(thing, delegation))
    assert {result["status"] for result in results} == {201}
    await stage.assessed(delegation)
    await stage.take(thing, "deliveries")

    decision = await manager.make("/v1/completion-decisions", {"delegation_id": delegation["id"]})
    assert decision["outcome"] == "ACHIEVED"
    assert (decision["members_trained"], decision["women_trained"]) == (7, 6)
    await stage.take(thing, "result-validations")

    certificate = await manager.make(
        "/v1/training-certificates", {"completion_decision_id": decision["id"]}
    )
    await stage.take(thing, "closures")
    assert (await trainer.get(thing))["status"] == "CLOSED"
    await _anyone_verifies(await stage.desk(None), certificate["verification_code"])
    facts = await _told_by(town, f"delegation/{delegation['id']}")
    assert [fact["type"] for fact in facts] == ["sn.mboolo.training.delegation.completed.v1"]
    assert facts[0]["data"]["initiative_id"] == initiative["id"]
    assert "Diatta" not in str(facts)


async def _start_initiative(town: Town, owner: Identity) -> dict[str, Any]:
    """The registry makes the group known, and training hears of it."""
    filer = Identity(scope="filings:write", org=owner.org)
    wish = {
        "name": "Femmes de Diendé",
        "commune_code": COMMUNE,
        "activity": "Transformation de la noix de cajou",
        "members_count": 7,
        "women_count": 6,
    }
    async with town.client("registry", filer) as registry:
        made = await registry.post("/v1/initiatives", json=wish)
    assert made.status_code == 201, made.text
    await town.deliver()
    return dict(made.json())


async def _anyone_verifies(nobody: Desk, code: str) -> None:
    seen = await nobody.get(f"/v1/verifications/{code}")
    assert (seen["kind"], seen["status"]) == ("TRAINING", "VALID")
    assert seen["facts"]["holder_name"] == "Femmes de Diendé"
    key = await nobody.get(f"/v1/signing-keys/{seen['kid']}")
    signed = jws.deserialize_compact(seen["credential"], ECKey.import_key(key))
    assert signed.headers()["kid"].endswith(f"/v1/signing-keys/{seen['kid']}")


async def _told_by(town: Town, aggregate: str) -> list[dict[str, Any]]:
    rows = await town.apps["training"].state.reads.fetch(
        "select type, data from event_log where aggregate = $1 order by seq", aggregate
    )
    return [dict(row) for row in rows]


async def test_the_programme_of_the_story_is_in_the_catalogue(stage: Stage) -> None:
    page = await (await stage.group()).get("/v1/programme-versions?programme_code=START_COOP")
    [version] = page["items"]
    assert (version["id"], version["status"]) == (START_COOP, "PUBLISHED")
    assert [module["expected_output"] for module in version["modules"]] == list(
        version["completion_rule"]["deliverables"]
    )
    assert "modules.minutes" in version["unconfirmed"]
