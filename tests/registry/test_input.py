"""Strange, huge and hostile input: refused by name, never a crash, never silently ignored."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis import clock
from chassis.bodies import Incoming, check
from chassis.errors import ValidationFailed
from services.registry.decisions.schemas import DecisionWrite
from services.registry.desk.schemas import AssignmentWrite
from services.registry.filings.schemas import WithdrawalWrite
from services.registry.imports.schemas import ImportDecisionWrite
from services.registry.initiatives.schemas import InitiativeWrite
from services.registry.messages.schemas import MessageWrite
from services.registry.privacy.schemas import DataRequestDecisionWrite
from services.registry.remarks.schemas import AnswerWrite
from services.registry.reviews.schemas import ReviewWrite
from tests.makers import a_filing, a_member, a_registration, an_officer
from tests.registry.people import (
    a_filer,
    a_validator,
    act,
    an_instructor,
    decide,
    drafted,
    expect,
    registered,
    reviewed,
    submitted,
)
from tests.town import Town, codes, problem

KOLDA = "SN-KD-KD1-1"
HIDDEN = "Accep\u202eté\u200b"
AN_INITIATIVE = {
    "name": "Jappoo", "commune_code": KOLDA, "activity": "Anacarde", "members_count": 7
}  # fmt: skip


async def verdict(town: Town, body: dict[str, Any]) -> dict[str, Any]:
    async with town.client("registry", a_filer()) as client:
        answer = await client.post("/v1/filings?validate_only=true", json=body)
    return {finding["code"]: finding for finding in expect(answer, 200)["findings"]}


@pytest.mark.parametrize("name", ["name", "object", "common_bond"])
@pytest.mark.parametrize("value", ["", "   "])
async def test_an_empty_text_is_a_gap(town: Town, name: str, value: str) -> None:
    filing = await drafted(town, a_filer(), **{name: value})
    assert filing["payload"][name] == ""
    found = await verdict(town, a_filing(**{name: value}))
    gap = found.get("FIELD_MISSING") or found["COMMON_BOND_REQUIRED"]
    assert (gap["pointer"], gap["severity"]) == (f"/payload/{name}", "BLOCK")


def day(offset: int) -> str:
    return (clock.today() + timedelta(days=offset)).isoformat()


@pytest.mark.parametrize(
    ("effective_on", "code"),
    [
        (1, "DATE_IN_FUTURE"),
        ("2200-01-01", "DATE_IN_FUTURE"),
        (-11, "EFFECTIVE_BEFORE_ASSEMBLY"),
        ("1900-01-01", "EFFECTIVE_BEFORE_ASSEMBLY"),
    ],
)
async def test_a_registration_takes_effect_between_its_assembly_and_today(
    town: Town, effective_on: str | int, code: str
) -> None:
    on = effective_on if isinstance(effective_on, str) else day(effective_on)
    found = await verdict(town, a_filing() | {"effective_on": on})
    assert found[code]["pointer"] == "/effective_on"
    assert found[code]["severity"] == "BLOCK"


async def test_what_takes_effect_earlier_is_true_from_then_on(town: Town) -> None:
    filer = a_filer()
    async with town.client("registry", filer) as client:
        body = a_filing() | {"effective_on": day(-5)}
        filing = expect(await client.post("/v1/filings", json=body), 201)
        expect(await act(client, filing, "submissions", {}), 201)
    async with town.client("registry", an_instructor()) as client:
        seen = expect(await act(client, filing, "reviews", {"outcome": "COMPLETE"}), 201)
    async with town.client("registry", a_validator()) as client:
        done = seen | {"id": filing["id"]}
        decision = expect(await decide(client, done, {"outcome": "APPROVED"}), 201)
    path = f"/v1/cooperatives/{decision['cooperative_id']}"
    async with town.client("registry") as anyone:
        assert (await anyone.get(f"{path}?as_of={day(-5)}")).status_code == 200
        assert (await anyone.get(f"{path}?as_of={day(-6)}")).status_code == 404


async def test_a_new_cooperative_is_found_by_a_process_whose_clock_is_behind(town: Town) -> None:
    decision = await registered(town, a_filer())
    async with town.client("registry") as anyone:
        with clock.shifted(timedelta(seconds=-20)):
            found = await anyone.get(f"/v1/cooperatives/{decision['cooperative_id']}")
    assert found.status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "as_of=0", "as_of=86400", "as_of=2026-11-24T00:00:00", "as_of=2026-02-30", "as_of=",
        "as_of=%D9%A2%D9%A0%D9%A2%D9%A6-01-01", "known_at=1", "known_at=99999999999999",
        "known_at=2099-01-01", "known_at=2099-01-01T00:00:00", "known_at=2099-13-01T00:00:00Z",
    ],
)  # fmt: skip
async def test_a_moment_is_a_day_or_an_instant_with_its_zone(town: Town, query: str) -> None:
    decision = await registered(town, a_filer())
    async with town.client("registry") as anyone:
        answer = await anyone.get(f"/v1/cooperatives/{decision['cooperative_id']}?{query}")
    assert (answer.status_code, codes(answer)) == (400, {"FIELD_INVALID"})


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-23:59"])
async def test_an_instant_that_no_calendar_holds_is_named(town: Town, instant: str) -> None:
    decision = await registered(town, a_filer())
    path = f"/v1/cooperatives/{decision['cooperative_id']}?known_at={instant}"
    async with town.client("registry") as anyone:
        answer = await anyone.get(path)
    assert (answer.status_code, codes(answer)) == (400, {"DATE_OUT_OF_RANGE"})


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("as_of=0001-01-01", 404),
        ("as_of=9999-12-31", 200),
        ("known_at=0001-01-01T00:00:00Z", 404),
        ("known_at=9999-12-31T23:59:59.999999Z", 200),
        ("known_at=2199-01-01T00:00:00%2B02:00", 200),
    ],
)
async def test_moments_reach_to_the_ends_of_the_calendar(
    town: Town, query: str, status: int
) -> None:
    decision = await registered(town, a_filer())
    async with town.client("registry") as anyone:
        answer = await anyone.get(f"/v1/cooperatives/{decision['cooperative_id']}?{query}")
    assert answer.status_code == status
    assert answer.json().get("known_at", "Z").endswith("Z")


@pytest.mark.parametrize(
    "q", ["''", "&&", ":*", "\\\\", "!!", "<->", "()|", "%%", "__", "\u200b\u200b", "€€"]
)
async def test_a_search_for_nothing_finds_nothing(town: Town, q: str) -> None:
    await registered(town, a_filer())
    async with town.client("registry") as anyone:
        page = expect(await anyone.get("/v1/cooperatives", params={"q": q}), 200)
    assert page == {"items": [], "next_cursor": None, "next": None}


@pytest.mark.parametrize("q", ["{}' & '", "{}:*", "!{}", "\\{}", "{} | nothing", "({})"])
async def test_operators_in_a_search_are_only_spaces(town: Town, q: str) -> None:
    word = f"garab{uuid4().hex[:8]}"
    name = f"SCOOPS société coopérative simplifiée {word}"
    decision = await registered(town, a_filer(), name=name)
    async with town.client("registry") as anyone:
        query = {"q": q.format(word).removesuffix("| nothing")}
        page = expect(await anyone.get("/v1/cooperatives", params=query), 200)
    assert [item["id"] for item in page["items"]] == [decision["cooperative_id"]]


async def test_the_whole_legal_name_is_found_beside_other_filters(town: Town) -> None:
    name = f"Société coopérative simplifiée SCOOPS Garab {uuid4().hex[:8]}"
    decision = await registered(town, a_filer(), name=name)
    async with town.client("registry") as anyone:
        query = {"q": name, "place": "SN-SE", "legal_form": "SCOOPS"}
        page = expect(await anyone.get("/v1/cooperatives", params=query), 200)
    assert [item["id"] for item in page["items"]] == [decision["cooperative_id"]]


async def test_a_registration_names_no_cooperative(town: Town) -> None:
    body = a_filing() | {"cooperative_id": str(uuid4())}
    async with town.client("registry", a_filer()) as client:
        refused = await client.post("/v1/filings", json=body)
        dry = await client.post("/v1/filings?validate_only=true", json=body)
        null = await client.post("/v1/filings", json=body | {"cooperative_id": None})
    assert codes(refused) == codes(dry) == {"COOPERATIVE_NOT_EXPECTED"}
    assert null.status_code == 201


async def test_an_arrived_file_stays_with_its_authority(town: Town) -> None:
    filer = a_filer()
    filing = await submitted(town, filer)
    async with town.client("registry", an_instructor()) as client:
        body = {"outcome": "CHANGES_REQUESTED", "remarks": [{"message": "?"}]}
        back = expect(await act(client, filing, "reviews", body), 201)
    async with town.client("registry", filer) as client:
        path, version = f"/v1/filings/{filing['id']}", {"If-Match": f'"{back["version"]}"'}
        change = {"payload": {"seat": {"commune_code": KOLDA}}}
        expect(await client.patch(path, json=change, headers=version), 200)
        dry = await client.post(f"{path}/submissions?validate_only=true")
        refused = await act(client, filing, "submissions", {})
    [finding] = problem(refused)["errors"]
    assert (finding["code"], finding["law_ref"]) == ("SEAT_LEFT_AUTHORITY", "AUSCOOP art. 70")
    assert finding["pointer"] == "/payload/seat/commune_code"
    assert expect(dry, 200)["findings"][0]["code"] == "SEAT_LEFT_AUTHORITY"


HUGE = {
    "name": "x" * 201,
    "object": "x" * 501,
    "share_value_xof": 2**63,
    "capital_xof": 2**53,
    "sector_codes": ["X"] * 21,
    "assembly_on": "2200-01-02",
    "members": [{"id": f"m{n}"} for n in range(5001)],
    "officers": [{"member_id": "m"}] * 101,
    "seat": {"commune_code": "SN" * 30},
}


@pytest.mark.parametrize("name", list(HUGE))
async def test_what_is_too_large_is_refused_where_it_stands(town: Town, name: str) -> None:
    async with town.client("registry", a_filer()) as client:
        answer = await client.post("/v1/filings", json=a_filing(**{name: HUGE[name]}))
    assert answer.status_code == 422
    assert problem(answer)["errors"][0]["pointer"].startswith(f"/payload/{name}")


@pytest.mark.parametrize(
    "member",
    [
        {"nin": "٢٩٠١٢٣٤٥٦٧٨٩٠"},
        {"nin": "²" * 13},
        {"nin": "290123456789O"},
        {"nin": "2901234567890 1"},
    ],
)
async def test_a_national_number_is_made_of_plain_digits(
    town: Town, member: dict[str, Any]
) -> None:
    people = [a_member(0, **member), *(a_member(n) for n in range(1, 7))]
    found = await verdict(town, a_filing(members=people))
    assert found["NIN_FORMAT"]["pointer"] == "/payload/members/0/nin"


async def test_the_longest_name_is_registered_and_found(town: Town) -> None:
    letters = "".join(chr(0x10400 + n % 80) for n in range(190))  # four bytes each in UTF-8
    decision = await registered(town, a_filer(), name=f"SCOOPS {letters}")
    async with town.client("registry") as anyone:
        page = expect(await anyone.get("/v1/cooperatives", params={"q": letters[:100]}), 200)
    assert decision["cooperative_id"] in {item["id"] for item in page["items"]}


async def test_five_thousand_members_are_registered(town: Town) -> None:
    ids = [str(uuid4()) for _ in range(5000)]
    names = {"family_name": "Diatta-Goudiaby", "given_names": "Marie-Madeleine Adama Nogaye"}
    people = [
        a_member(n % 40, id=id, birth_date=f"{1985 + n % 40}-12-31", **names)
        for n, id in enumerate(ids)
    ]
    president = an_officer(0, "MANAGING", "PRESIDENT") | {"member_id": ids[0]}
    payload = {"members": people, "officers": [president], "capital_xof": 5000 * 25_000}
    filing = await reviewed(town, a_filer(), **payload)
    async with town.client("registry", a_validator()) as client:
        decision = expect(await decide(client, filing, {"outcome": "APPROVED"}), 201)
    async with town.client("registry") as anyone:
        found = expect(await anyone.get(f"/v1/cooperatives/{decision['cooperative_id']}"), 200)
    assert found["members_count"] == 5000


@pytest.mark.parametrize("name", ["family_name", "given_names"])
@pytest.mark.parametrize("hidden", ["\u202e", "\u200b", "\u0007", "\u2066"])
async def test_names_of_persons_hide_nothing(town: Town, name: str, hidden: str) -> None:
    people = [a_member(0, **{name: f"Awa{hidden}"}), *(a_member(n) for n in range(1, 7))]
    found = await verdict(town, a_filing(members=people))
    assert found["TEXT_HIDDEN_CHARACTERS"]["pointer"] == f"/payload/members/0/{name}"


OF_OTHERS: list[tuple[type[Incoming], dict[str, Any], str]] = [
    (MessageWrite, {"text": HIDDEN}, "/text"),
    (ReviewWrite, {"outcome": "COMPLETE", "remarks": [{"message": HIDDEN}]}, "/remarks/0/message"),
    (AnswerWrite, {"remark": 1, "message": HIDDEN}, "/message"),
    (DecisionWrite, {"outcome": "REJECTED", "reason": HIDDEN}, "/reason"),
    (DecisionWrite, {"outcome": "REJECTED", "law_ref": HIDDEN}, "/law_ref"),
    (DecisionWrite, {"outcome": "REJECTED", "law_ref": "art.\n18"}, "/law_ref"),
    (ImportDecisionWrite, {"outcome": "REJECTED", "reason": HIDDEN}, "/reason"),
    (WithdrawalWrite, {"reason": HIDDEN}, "/reason"),
    (AssignmentWrite, {"kind": "RELEASE", "reason": HIDDEN}, "/reason"),
    (DataRequestDecisionWrite, {"outcome": "REFUSED", "reason": HIDDEN}, "/reason"),
    (InitiativeWrite, AN_INITIATIVE | {"name": HIDDEN}, "/name"),
    (InitiativeWrite, AN_INITIATIVE | {"activity": HIDDEN}, "/activity"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "body", "place"), OF_OTHERS)
def test_texts_outside_of_a_payload_hide_nothing_either(
    model: type[Incoming], body: dict[str, Any], place: str
) -> None:
    with pytest.raises(ValidationFailed) as refused:
        check(model, body)
    assert ("TEXT_HIDDEN_CHARACTERS", place) in {
        (f.code, f.pointer) for f in refused.value.findings
    }


def test_a_letter_has_lines_and_pictures() -> None:
    text = "Bonjour,\r\n\tmerci \U0001f469\u200d\U0001f33e"
    assert check(MessageWrite, {"text": text}).text == text


async def test_a_merge_patch_takes_away_what_is_null(town: Town) -> None:
    filer = a_filer()
    filing = await drafted(town, filer)
    path = f"/v1/filings/{filing['id']}"
    async with town.client("registry", filer) as client:

        async def patch(change: Any, version: int) -> Any:
            headers = {"If-Match": f'"{version}"'}
            return await client.patch(path, json=change, headers=headers)

        without = expect(await patch({"payload": {"members": None, "object": None}}, 1), 200)
        nothing = expect(await patch({"payload": None}, 2), 200)
        half = await patch({"payload": {"seat": {"commune_code": None}}}, 3)
        kind = {"If-Match": '"3"', "Content-Type": "application/merge-patch+json"}
        texts = [
            await client.patch(path, content=text, headers=kind)
            for text in (b"null", b'"x"', b"[1]", b"7")
        ]
    assert not {"members", "object"} & without["payload"].keys()
    assert without["payload"]["name"] == filing["payload"]["name"]
    assert nothing["payload"] == {}
    assert problem(half)["errors"][0]["pointer"] == "/payload/seat/commune_code"
    assert {answer.status_code for answer in texts} == {400}


async def test_a_registration_says_only_what_its_people_are(town: Town) -> None:
    payload = a_registration()
    payload["members"][3]["sex"] = "M"
    payload["officers"][3]["function"] = "PRESIDENT"  # of the supervisors
    decision = await registered(town, a_filer(), **payload)
    reads = town.apps["registry"].state.reads
    [row] = await reads.fetch(
        "select data from event_log where aggregate = $1",
        f"cooperative/{decision['cooperative_id']}",
    )
    assert row["data"]["has_woman_president"] is True
