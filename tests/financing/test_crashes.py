"""A process that dies in the middle leaves everything or nothing."""

from typing import Any
from uuid import uuid4

import pytest

from chassis import db
from chassis.idempotency import Once
from tests.financing.acts import accept, decide, get, offered, transmitted
from tests.financing.banks import a_bank, an_offer
from tests.financing.people import expect
from tests.town import Town


class Killed(RuntimeError):
    """The process is gone."""


async def die(*_: Any, **__: Any) -> Any:
    raise Killed


async def count(town: Town, sql: str, *args: Any) -> int:
    return int((await town.apps["financing"].state.reads.fetch(sql, *args))[0][0])


# before the answer is kept; after it is kept, before the events are; both before the commit
MOMENTS = [(Once, "answer"), (db, "flush_events")]


@pytest.mark.parametrize(("place", "name"), MOMENTS, ids=["answer", "events"])
async def test_a_decision_cut_short_leaves_nothing_and_its_retry_everything(
    town: Town, monkeypatch: pytest.MonkeyPatch, place: Any, name: str
) -> None:
    bank = await a_bank(town)
    file = await transmitted(town, bank)
    assignment, key = file.assignments[bank.id], uuid4().hex
    body = an_offer(assignment)
    with monkeypatch.context() as patched:
        patched.setattr(place, name, die)
        cut = await decide(town, bank, assignment, body, key=key)
    sql = "select count(*) from lender_decision where assignment_id = $1"
    assert (cut.status_code, await count(town, sql, assignment["id"])) == (500, 0)
    assert await count(town, "select count(*) from idempotency where key = $1", key) == 0
    assert (await get(town, file.owner, "/v1/offers"))["items"] == []
    retried = await decide(town, bank, assignment, body, key=key)
    again = await decide(town, bank, assignment, body, key=key)
    assert (retried.status_code, again.content) == (201, retried.content)
    assert await count(town, sql, assignment["id"]) == 1


@pytest.mark.parametrize(("place", "name"), MOMENTS, ids=["answer", "events"])
async def test_an_acceptance_cut_short_leaves_the_offer_live(
    town: Town, monkeypatch: pytest.MonkeyPatch, place: Any, name: str
) -> None:
    bank = await a_bank(town)
    file, [offer] = await offered(town, bank)
    with monkeypatch.context() as patched:
        patched.setattr(place, name, die)
        cut = await accept(town, file, offer)
    assert cut.status_code == 500
    assert await get(town, file.owner, f"/v1/offers/{offer['id']}") == offer
    assert (await get(town, file.owner, "/v1/financings"))["items"] == []
    expect(await accept(town, file, offer), 201)
