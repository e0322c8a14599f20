"""Law changes: a filing is held against the rules of the day on which it arrived."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from uuid import uuid4

import pytest

from chassis import clock
from chassis.imprints import WRITING
from services.registry.law.repository import law_on
from services.registry.seed import seed
from tests.makers import a_filing
from tests.registry.people import a_filer, a_validator, act, an_instructor, decide, expect
from tests.registry.test_filing_types import refused
from tests.town import Town, problem

ANSWERED = {"answers": [{"remark": 1, "message": "Voilà."}]}
_ENACT = """
insert into law_rule (rule, code, legal_form, value, severity, law_ref, confidence, is_on,
  valid_from, valid_to, note)
values ('T3', 'MEMBERS_BELOW_PROGRAMME_MINIMUM', 'AER', '50', 'BLOCK', 'test', 'B', true, $1, $2,
  'a rule of a test')
"""


def in_days(n: int) -> date:
    return clock.today() + timedelta(days=n)


@asynccontextmanager
async def enacted(town: Town, since: date, until: date | None = None) -> AsyncIterator[None]:
    """From `since` to `until`, an association has fifty members."""
    async with town.owner("registry") as owner:
        await owner.execute(_ENACT, since, until)
        try:
            yield
        finally:
            await owner.execute("delete from law_rule where rule = 'T3'")


def an_association() -> dict[str, object]:
    return {
        "legal_form": "AER",
        "name": f"Association {uuid4().hex}",
        "share_value_xof": None,
        "capital_xof": None,
    }


async def test_a_rule_dated_tomorrow_does_not_bind_today(town: Town) -> None:
    filer, said = a_filer(), a_filing(**an_association())["payload"]
    async with enacted(town, in_days(1)):
        assert await refused(town, filer, "REGISTRATION", None, said) == set()
        with clock.shifted(timedelta(days=1)):
            late = await refused(town, a_filer(), "REGISTRATION", None, said)
    assert late == {("MEMBERS_BELOW_PROGRAMME_MINIMUM", "/payload/members")}


async def test_a_rule_that_ended_binds_no_more(town: Town) -> None:
    said = a_filing(**an_association())["payload"]
    async with enacted(town, in_days(-9), in_days(0)):
        assert await refused(town, a_filer(), "REGISTRATION", None, said) == set()
    async with enacted(town, in_days(-9), in_days(1)):
        assert await refused(town, a_filer(), "REGISTRATION", None, said) != set()


@pytest.mark.parametrize("comes_back", [False, True])
async def test_what_arrived_yesterday_is_held_against_the_law_of_yesterday(
    town: Town, comes_back: bool
) -> None:
    filer = a_filer()
    async with town.client("registry", filer) as client:
        filing = expect(await client.post("/v1/filings", json=a_filing(**an_association())), 201)
        draft = expect(await client.post("/v1/filings", json=a_filing(**an_association())), 201)
        expect(await client.post(f"/v1/filings/{filing['id']}/submissions"), 201)
    async with enacted(town, in_days(1)):
        with clock.shifted(timedelta(days=1)):
            if comes_back:
                await _sent_back_and_again(town, filer, filing)
            async with town.client("registry", an_instructor()) as client:
                expect(await act(client, filing, "reviews", {"outcome": "COMPLETE"}), 201)
            async with town.client("registry", filer) as client:
                late = await client.post(f"/v1/filings/{draft['id']}/submissions")
                filing = expect(await client.get(f"/v1/filings/{filing['id']}"), 200)
            async with town.client("registry", a_validator()) as client:
                expect(await decide(client, filing, {"outcome": "APPROVED"}), 201)
    assert late.status_code == 422
    codes = [error["code"] for error in problem(late)["errors"] if error["severity"] == "BLOCK"]
    assert codes == ["MEMBERS_BELOW_PROGRAMME_MINIMUM"]


async def _sent_back_and_again(town: Town, filer: object, filing: dict[str, object]) -> None:
    remark = {"pointer": "/payload/object", "message": "Précisez l'activité."}
    async with town.client("registry", an_instructor()) as client:
        body = {"outcome": "CHANGES_REQUESTED", "remarks": [remark]}
        expect(await act(client, filing, "reviews", body), 201)
    async with town.client("registry", filer) as client:  # type: ignore[arg-type]
        expect(await act(client, filing, "submissions", ANSWERED), 201)


async def test_a_file_does_not_become_late_on_a_desk(town: Town) -> None:
    filer = a_filer()
    async with town.client("registry", filer) as client:
        filing = expect(await client.post("/v1/filings", json=a_filing()), 201)
        sent = expect(await client.post(f"/v1/filings/{filing['id']}/submissions"), 201)
    assert [one["code"] for one in sent["warnings"]] == []
    with clock.shifted(timedelta(days=60)):
        async with town.client("registry", an_instructor()) as client:
            remark = {"pointer": "/payload/object", "message": "Précisez."}
            body = {"outcome": "CHANGES_REQUESTED", "remarks": [remark]}
            expect(await act(client, filing, "reviews", body), 201)
        async with town.client("registry", filer) as client:
            again = expect(await act(client, filing, "submissions", ANSWERED), 201)
    assert "LATE_REGISTRATION" not in [one["code"] for one in again["warnings"]]


async def test_the_table_is_read_for_a_day(town: Town) -> None:
    async with town.apps["registry"].state.database.transaction() as session:
        before = await law_on(session, date(2011, 5, 14), "SCOOPS")
        since = await law_on(session, date(2011, 5, 15), "SCOOPS")
    assert before.norm("MEMBERS_BELOW_MINIMUM") is None
    norm = since.norm("MEMBERS_BELOW_MINIMUM")
    assert norm is not None
    assert norm.numbers == [5]
    other = since.of("COOP_CA").norm("MEMBERS_BELOW_MINIMUM")
    assert other is not None
    assert other.numbers == [15]


async def test_a_rule_that_is_gone_from_the_file_binds_nobody(town: Town) -> None:
    """Where a list says less than before, a database that stood already must not say more."""
    rules = "select * from law_rule order by rule, legal_form, valid_from"
    async with town.owner("registry") as owner:
        known = await owner.fetch(rules)
        async with owner.transaction():
            await owner.execute(WRITING)
            await owner.execute(_ENACT, in_days(-1), None)
        await seed(owner)
        assert await owner.fetch(rules) == known
