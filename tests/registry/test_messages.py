"""Messages on a file: who sees what, and who has read it."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx

from services.registry.messages.service import MOST
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    drafted,
    expect,
    registered,
    submitted,
)
from tests.registry.privacy import NOTED
from tests.town import Identity, Town, codes, problem


async def write(town: Town, who: Identity, id: str, text: str, **more: Any) -> httpx.Response:
    async with town.client("registry", who) as client:
        return await client.post(f"/v1/filings/{id}/messages", json={"text": text, **more})


async def read(town: Town, who: Identity, id: str) -> list[dict[str, Any]]:
    found, after = [], f"/v1/filings/{id}/messages?limit=2"
    async with town.client("registry", who) as client:
        while after:
            page = expect(await client.get(after.removeprefix("http://gateway")), 200)
            found += page["items"]
            after = page["next"]
    return found


async def test_both_sides_write_and_neither_reads_a_name_of_the_other(town: Town) -> None:
    filer, agent = a_filer(), an_instructor()
    id = (await submitted(town, filer))["id"]
    expect(await write(town, filer, id, "Quand aurai-je une réponse ?"), 201)
    expect(await write(town, agent, id, "Cette semaine."), 201)
    expect(await write(town, agent, id, "Le siège est douteux.", is_internal=True), 201)
    theirs, ours = await read(town, filer, id), await read(town, agent, id)
    assert [m["text"] for m in theirs] == ["Quand aurai-je une réponse ?", "Cette semaine."]
    assert [m["is_internal"] for m in ours] == [False, False, True]
    assert [(m["side"], m["is_mine"]) for m in theirs] == [("FILERS", True), ("AGENTS", False)]
    assert agent.sub not in str(theirs)
    assert filer.sub not in str(ours)
    assert ours[1]["author_id"] == agent.sub


async def test_a_message_hides_nothing(town: Town) -> None:
    filer = a_filer()
    id = (await submitted(town, filer))["id"]
    refused = problem(await write(town, filer, id, "Accepté\u202e"))
    assert [(one["code"], one["pointer"]) for one in refused["errors"]] == [
        ("TEXT_HIDDEN_CHARACTERS", "/text")
    ]


async def test_a_text_is_kept_nowhere_as_it_is(town: Town) -> None:
    filer, word = a_filer(), f"Motif{uuid4().hex}"
    id = (await submitted(town, filer))["id"]
    answer = await write(town, filer, id, f"NIN 2901234567890 {word}")
    assert word not in answer.text
    reads = town.apps["registry"].state.reads
    kept = await reads.fetch("select convert_from(body, 'UTF8') as body from idempotency")
    rows = await reads.fetch("select text from message")
    assert not [row for row in (*kept, *rows) if word in str(row)]
    assert (await read(town, filer, id))[0]["text"].endswith(word)


async def test_a_message_is_read_when_somebody_of_the_other_side_says_so(town: Town) -> None:
    filer, agent = a_filer(), an_instructor()
    id = (await submitted(town, filer))["id"]
    sent = [expect(await write(town, filer, id, f"{n}"), 201)["id"] for n in range(3)]
    async with town.client("registry", agent) as client:
        await read(town, agent, id)  # reading a list says nothing by itself
        before = [m["is_read"] for m in await read(town, filer, id)]
        body = {"message_id": sent[1]}
        marked = expect(await client.post(f"/v1/filings/{id}/read-marks", json=body), 201)
        body = {"message_id": sent[0]}
        again = expect(await client.post(f"/v1/filings/{id}/read-marks", json=body), 201)
    assert before == [False, False, False]
    assert (marked["unread_count"], again["unread_count"]) == (1, 1)
    assert [m["is_read"] for m in await read(town, filer, id)] == [True, True, False]


async def test_an_internal_note_is_for_agents_alone_also_as_a_mark(town: Town) -> None:
    filer, agent = a_filer(), an_instructor()
    id = (await submitted(town, filer))["id"]
    note = expect(await write(town, agent, id, "Interne", is_internal=True), 201)
    forged = await write(town, filer, id, "Interne", is_internal=True)
    async with town.client("registry", filer) as client:
        body = {"message_id": note["id"]}
        guessed = await client.post(f"/v1/filings/{id}/read-marks", json=body)
        unknown = await client.post(
            f"/v1/filings/{id}/read-marks", json={"message_id": str(uuid4())}
        )
    assert codes(forged) == {"INTERNAL_NOTE_NOT_YOURS"}
    assert codes(guessed) == codes(unknown) == {"MESSAGE_UNKNOWN"}
    assert await read(town, filer, id) == []


async def test_an_agent_who_filed_reads_no_internal_note_about_it(town: Town) -> None:
    both = Identity(scope="filings:write filings:review", territory=["SN-SE"])
    id = (await submitted(town, both))["id"]
    expect(await write(town, an_instructor(), id, "Douteux", is_internal=True), 201)
    assert await read(town, both, id) == []


async def test_strangers_find_no_thread_and_drafts_have_none(town: Town) -> None:
    filer = a_filer()
    id, draft = (await submitted(town, filer))["id"], (await drafted(town, filer))["id"]
    for stranger in (a_filer(), an_instructor("SN-DK")):
        assert (await write(town, stranger, id, "?")).status_code == 404
    early = await write(town, filer, draft, "?")
    assert (early.status_code, problem(early)["code"]) == (409, "NOT_YET_SUBMITTED")


async def test_a_closed_file_can_still_be_asked_about(town: Town) -> None:
    filer = a_filer()
    id = (await registered(town, filer))["filing_id"]
    expect(await write(town, filer, id, "Où retirer le certificat ?"), 201)
    assert len(await read(town, a_validator(), id)) == 1


async def test_a_text_has_a_length_and_a_thread_an_end_whoever_writes_at_once(town: Town) -> None:
    filer = a_filer()
    id = (await submitted(town, filer))["id"]
    for text in ("", "   ", "x" * 4001):
        assert (await write(town, filer, id, text)).status_code == 422
    async with town.apps["registry"].state.reads.connection() as connection:
        await connection.execute(
            "insert into message (id, filing_id, side, is_internal, text, by_sub, at)"
            " select gen_random_uuid(), $1, 'FILERS', false, 'v1.x.x', 'x', now()"
            f" from generate_series(1, $2) where true{NOTED}",
            id,
            MOST - 2,
        )
    answers = await asyncio.gather(*(write(town, filer, id, f"{n}") for n in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert problem(lost)["code"] == "TOO_MANY_MESSAGES"


async def test_a_withdrawn_draft_has_no_thread(town: Town) -> None:
    filer = a_filer()
    draft = await drafted(town, filer)
    async with town.client("registry", filer) as client:
        expect(await act(client, draft, "withdrawals", {}), 201)
    assert (await write(town, filer, draft["id"], "?")).status_code == 409
