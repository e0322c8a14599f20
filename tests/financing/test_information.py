"""Acknowledgements, questions and answers: what happens before a decision."""

from datetime import datetime, timedelta
from typing import Any

from tests.financing.acts import File, decide, get, post, transmitted
from tests.financing.banks import Bank, a_bank, an_offer
from tests.financing.people import expect
from tests.town import Town, problem


async def a_case(town: Town, count: int = 1) -> tuple[File, list[tuple[Bank, dict[str, Any]]]]:
    banks = [await a_bank(town) for _ in range(count)]
    file = await transmitted(town, *banks)
    return file, [(bank, file.assignments[bank.id]) for bank in banks]


async def again(town: Town, bank: Bank, assignment: dict[str, Any]) -> dict[str, Any]:
    """The assignment as the lender reads it now."""
    return await get(town, bank.who, f"/v1/lender/assignments/{assignment['id']}")


def instant_of(told: str) -> datetime:
    return datetime.fromisoformat(told)


async def status_of(town: Town, file: File) -> str:
    return str((await get(town, file.owner, file.address))["status"])


async def test_a_question_stops_the_clock_and_its_answer_changes_the_dossier(town: Town) -> None:
    file, [(bank, assignment), (other, theirs)] = await a_case(town, 2)
    address = f"/v1/lender/assignments/{assignment['id']}"
    acknowledged = expect(await post(town, bank.who, f"{address}/acknowledgements"), 201)
    items = [{"code": "YIELD", "text": "Rendement par hectare ?"}]
    asked = await post(town, bank.who, f"{address}/information-requests", {"items": items})
    question = expect(asked, 201)
    paused = await again(town, bank, assignment)
    assert (acknowledged["status"], paused["status"]) == ("ACKNOWLEDGED", "INFO_REQUESTED")
    assert paused["decision_due_at"] > assignment["decision_due_at"]

    open_ones = await get(town, file.owner, f"{file.address}/information-requests")
    assert [q["id"] for q in open_ones["items"]] == [question["id"]]
    answers = [{"code": "YIELD", "text": "800 kg."}]
    said = {"information_request_id": question["id"], "answers": answers}
    partly = await post(
        town,
        file.owner,
        f"{file.address}/information-answers",
        said | {"answers": [{"code": "X", "text": "?"}]},
    )
    expect(await post(town, file.owner, f"{file.address}/information-answers", said), 201)
    twice = await post(town, file.owner, f"{file.address}/information-answers", said)
    assert problem(partly)["errors"][0]["code"] == "ITEM_UNKNOWN"
    assert problem(twice)["code"] == "INFORMATION_REQUEST_CLOSED"

    now = await again(town, bank, assignment)
    assert now["dossier"]["information"] == [{"items": items, "answers": answers}]
    waited = instant_of(now["decision_due_at"]) - instant_of(assignment["decision_due_at"])
    assert timedelta(0) <= waited < timedelta(hours=1)  # as long as the question stood
    unread = await decide(town, bank, now, an_offer(assignment))
    assert (unread.status_code, problem(unread)["code"]) == (412, "DOSSIER_CHANGED")
    expect(await decide(town, bank, now, an_offer(now)), 201)
    assert (await again(town, other, theirs))["dossier_sha256"] == theirs["dossier_sha256"]


async def test_a_lender_asks_twice_at_most(town: Town) -> None:
    file, [(bank, assignment)] = await a_case(town)
    address = f"/v1/lender/assignments/{assignment['id']}"
    items = {"items": [{"code": "YIELD", "text": "Rendement ?"}]}
    too_early = await post(town, bank.who, f"{address}/information-requests", items)
    expect(await post(town, bank.who, f"{address}/acknowledgements"), 201)
    for _ in range(2):
        asked = await post(town, bank.who, f"{address}/information-requests", items)
        id = expect(asked, 201)["id"]
        said = {"information_request_id": id, "answers": [{"code": "YIELD", "text": "800."}]}
        expect(await post(town, file.owner, f"{file.address}/information-answers", said), 201)
    third = await post(town, bank.who, f"{address}/information-requests", items)
    assert problem(too_early)["code"] == "ILLEGAL_TRANSITION"
    assert problem(third)["code"] == "INFORMATION_REQUESTS_EXHAUSTED"


async def test_a_question_about_another_file_is_not_answered_here(town: Town) -> None:
    _, [(bank, assignment)] = await a_case(town)
    address = f"/v1/lender/assignments/{assignment['id']}"
    expect(await post(town, bank.who, f"{address}/acknowledgements"), 201)
    items = {"items": [{"code": "YIELD", "text": "Rendement ?"}]}
    asked = expect(await post(town, bank.who, f"{address}/information-requests", items), 201)
    other, _ = await a_case(town)
    said = {"information_request_id": asked["id"], "answers": [{"code": "YIELD", "text": "1"}]}
    answer = await post(town, other.owner, f"{other.address}/information-answers", said)
    assert answer.status_code == 404


async def test_a_lender_may_hand_a_file_back(town: Town) -> None:
    file, [(bank, assignment)] = await a_case(town)
    address = f"/v1/lender/assignments/{assignment['id']}"
    said = {"outcome": "DECLINED", "reason_code": "CONFLICT_OF_INTEREST"}
    declined = expect(await post(town, bank.who, f"{address}/acknowledgements", said), 201)
    late = await decide(
        town, bank, assignment | {"version": declined["version"]}, an_offer(assignment)
    )
    assert declined["status"] == "DECLINED"
    assert problem(late)["code"] == "ASSIGNMENT_DECLINED"
    assert await status_of(town, file) == "UNPLACED"
