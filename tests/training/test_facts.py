"""What the registry tells: heard once, whatever the network does."""

from typing import Any

from chassis.ids import new_id
from tests.town import Town, problem
from tests.training.makers import COMMUNE, a_group, initiative_fact, somebody, tell
from tests.training.stage import Stage


async def known(town: Town, id: Any) -> list[tuple[Any, ...]]:
    rows = await town.apps["training"].state.reads.fetch(
        "select kind, name, path, organisation_id from known_group where id = $1", id
    )
    return [tuple(row) for row in rows]


async def test_a_fact_heard_three_times_is_known_once(town: Town) -> None:
    id = new_id()
    data = {
        "initiative_id": str(id),
        "organisation_id": "org-a",
        "name": "Femmes de Diendé",
        "commune_code": COMMUNE,
        "members_count": 7,
    }
    fact = initiative_fact(id, data)
    for _ in range(3):
        assert await tell(town, fact) == {f"initiative/{id}": 1}
    path = ["SN-SE-SD3-1", "SN-SE-SD3", "SN-SE-SD", "SN-SE", "SN"]
    assert await known(town, id) == [("INITIATIVE", "Femmes de Diendé", path, "org-a")]


async def test_the_last_word_of_the_registry_counts_and_new_words_do_no_harm(town: Town) -> None:
    id = new_id()
    data = {
        "initiative_id": str(id),
        "organisation_id": "org-a",
        "name": "Ancien nom",
        "commune_code": "SN-UNKNOWN",
        "said_by_a_newer_registry": True,
    }
    first = initiative_fact(id, data)
    second = initiative_fact(id, data | {"name": "Nouveau nom"}, seq=2)
    assert await tell(town, second) == {f"initiative/{id}": 0}
    assert await known(town, id) == []
    await tell(town, second, first)
    assert await known(town, id) == [("INITIATIVE", "Nouveau nom", ["SN-UNKNOWN", "SN"], "org-a")]


async def test_a_fact_that_cannot_be_read_stops_only_its_own_group(town: Town) -> None:
    broken, sound = new_id(), new_id()
    good = {
        "initiative_id": str(sound),
        "organisation_id": "org-a",
        "name": "Groupe",
        "commune_code": COMMUNE,
    }
    applied = await tell(town, initiative_fact(broken, {}), initiative_fact(sound, good))
    assert applied == {f"initiative/{broken}": 0, f"initiative/{sound}": 1}


async def test_a_group_can_enrol_as_soon_as_we_are_told_of_it(stage: Stage) -> None:
    wish = await stage.wish(await stage.opened())
    group = await stage.group()
    stranger = somebody("cooperative")
    foreign = await a_group(stage.town, stranger)
    answer = await group.post("/v1/delegations", wish | {"initiative_id": foreign})
    assert (answer.status_code, problem(answer)["code"]) == (404, "NOT_FOUND")
    assert (await group.post("/v1/delegations", wish)).status_code == 201
