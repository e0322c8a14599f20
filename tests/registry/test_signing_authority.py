"""May these persons bind this cooperative? Answered from what is published, and signed."""

import base64
import hashlib
import json
from datetime import date, datetime, timedelta
from itertools import combinations, permutations, product
from typing import Any
from uuid import uuid4

import pytest
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis import clock
from services.registry.cooperatives.states import Life
from services.registry.history.rules import State
from services.registry.signing_authority.rules import Verdict, may_bind, misnamed, persons_on
from services.registry.signing_authority.schemas import PersonToSign
from services.registry.signing_authority.states import Binding
from tests.makers import a_registration
from tests.registry.people import a_filer, expect
from tests.registry.test_changes import (
    a_registrar,
    changed,
    cooperative,
    days_ago,
    filed,
    members,
    read,
)
from tests.registry.test_filing_rules import coop_ca
from tests.town import Identity, Town, codes, problem

DAY = date(2026, 6, 1)
A, B, C, D = (str(uuid4()) for _ in range(4))
NAMES = {
    A: {"family_name": "Diatta", "given_names": "Awa"},
    B: {"family_name": "Sané", "given_names": "Fatou"},
    C: {"family_name": "Cissé", "given_names": "Mariama"},
}
TWO_UP_TO_A_MILLION = [
    {"functions": ["PRESIDENT", "TREASURER"], "signatures": 1, "up_to_xof": 100_000},
    {"functions": ["PRESIDENT", "TREASURER"], "signatures": 2, "up_to_xof": 1_000_000},
]


def a_mandate(who: str, function: str, organ: str = "MANAGING", **days: Any) -> dict[str, Any]:
    held = {"member_id": who, "organ": organ, "function": function}
    return held | {"from_on": "2026-01-01", "to_on": None} | days


def a_record(
    mandates: dict[str, dict[str, Any]], rules: Any = TWO_UP_TO_A_MILLION, **fields: Any
) -> State:
    said: dict[str, Any] = {"life": "REGISTERED", "bylaws": {"signing_rules": rules}}
    return State(said | fields, {who: {} for who in (A, B, C, D)}, mandates)


def by(**said: Any) -> PersonToSign:
    return PersonToSign.model_construct(**said)


def asked(state: State, amount: int, *persons: PersonToSign, on: date = DAY) -> Verdict:
    people = persons_on(persons, state, NAMES, on)
    return may_bind(state, persons, people, amount)


def said(verdict: Verdict) -> tuple[Binding, list[str]]:
    return verdict.result, [one.code for one in verdict.reasons]


M1, M2, M3 = (str(uuid4()) for _ in range(3))
OFFICE = {M1: a_mandate(A, "PRESIDENT"), M2: a_mandate(B, "TREASURER")}


def test_the_rules_of_the_statutes_decide_by_amount() -> None:
    # AUSCOOP art. 18: the statutes say what those who manage may do, and the limits of it
    state = a_record(OFFICE)
    one, two = by(member_id=A), by(member_id=B)
    assert said(asked(state, 100_000, one)) == (Binding.MAY_BIND, [])
    assert said(asked(state, 100_001, one)) == (Binding.MAY_NOT_BIND, ["SIGNATURES_MISSING"])
    verdict = asked(state, 1_000_000, one, two)
    assert (verdict.result, verdict.rule) == (Binding.MAY_BIND, 1)
    above = asked(state, 1_000_001, one, two)
    assert said(above) == (Binding.MAY_NOT_BIND, ["SIGNING_AMOUNT_ABOVE_RULES"])
    [reason] = above.reasons
    assert (reason.params["max"], reason.law_ref) == (1_000_000, "AUSCOOP art. 18")


def test_a_rule_without_a_limit_covers_every_amount() -> None:
    rules = [{"functions": ["PRESIDENT"], "signatures": 1}]
    state = a_record(OFFICE, rules)
    assert said(asked(state, 2**53 - 1, by(member_id=A))) == (Binding.MAY_BIND, [])


def test_one_person_with_two_functions_signs_once() -> None:
    state = a_record({M1: a_mandate(A, "PRESIDENT"), M2: a_mandate(A, "TREASURER")})
    verdict = asked(state, 500_000, by(mandate_id=M1), by(mandate_id=M2))
    assert verdict.result == Binding.MAY_NOT_BIND
    assert [one.code for one in verdict.reasons] == ["SIGNATURES_MISSING", "SIGNATORY_NAMED_TWICE"]
    assert verdict.reasons[0].params["actual"] == 1


@pytest.mark.parametrize(
    ("mandate", "code"),
    [
        (a_mandate(B, "TREASURER", to_on="2026-05-31"), "MANDATE_EXPIRED"),
        (a_mandate(B, "TREASURER", from_on="2026-06-02"), "MANDATE_NOT_BEGUN"),
        # art. 257-258: who supervises does not manage
        (a_mandate(B, "TREASURER", "SUPERVISORY"), "MANDATE_SUPERVISES"),
        (None, "SIGNATORY_WITHOUT_MANDATE"),
    ],
)
def test_a_mandate_counts_only_in_force(mandate: dict[str, Any] | None, code: str) -> None:
    state = a_record({M1: a_mandate(A, "PRESIDENT"), **({M2: mandate} if mandate else {})})
    verdict = asked(state, 500_000, by(member_id=A), by(member_id=B))
    assert said(verdict) == (Binding.MAY_NOT_BIND, ["SIGNATURES_MISSING", code])
    assert verdict.reasons[1].pointer == "/persons/1"


def test_a_mandate_counts_on_its_first_and_on_its_last_day() -> None:
    held = a_mandate(A, "PRESIDENT", from_on="2026-05-01", to_on="2026-06-01")
    state = a_record({M1: held})
    for on in (date(2026, 5, 1), DAY):
        assert said(asked(state, 1, by(member_id=A), on=on)) == (Binding.MAY_BIND, [])
    assert asked(state, 1, by(member_id=A), on=date(2026, 6, 2)).result == Binding.MAY_NOT_BIND


def test_whoever_left_no_longer_signs() -> None:
    state = a_record(OFFICE)
    left = State(state.fields, {B: {}}, state.mandates)
    verdict = asked(left, 100_001, by(member_id=A))
    assert said(verdict) == (Binding.MAY_NOT_BIND, ["SIGNATURES_MISSING", "SIGNATORY_LEFT"])


def test_where_the_statutes_say_nothing_nothing_is_invented() -> None:
    rules: list[Any] | None
    for rules in (None, []):
        verdict = asked(a_record(OFFICE, rules), 1, by(member_id=A), by(member_id=B))
        assert said(verdict) == (Binding.NOT_STATED, ["SIGNING_RULES_NOT_STATED"])
    assert asked(a_record(OFFICE, bylaws=None), 1, by(member_id=A)).result == Binding.NOT_STATED


@pytest.mark.parametrize("life", [Life.STRUCK_OFF, Life.ABSORBED])
def test_nobody_binds_a_closed_record(life: Life) -> None:
    verdict = asked(a_record(OFFICE, life=life.value), 1, by(member_id=A), by(member_id=B))
    assert said(verdict) == (Binding.MAY_NOT_BIND, ["SIGNING_RECORD_CLOSED"])


def test_in_liquidation_only_the_liquidator_signs() -> None:
    # AUSCOOP art. 183: from dissolution on, the liquidator's name stands on every document
    told = {"life": "IN_LIQUIDATION", "liquidation": {"liquidator": "Khady Mané"}}
    state = a_record(OFFICE, **told)
    who = by(family_name="MANE", given_names="Khady")
    assert said(asked(state, 9, who)) == (Binding.MAY_BIND, ["SIGNING_LIQUIDATOR_ONLY"])
    officers = asked(state, 9, by(member_id=A), by(member_id=B))
    assert said(officers) == (Binding.MAY_NOT_BIND, ["SIGNING_LIQUIDATOR_ONLY"])
    silent = asked(a_record(OFFICE, life="IN_LIQUIDATION"), 9, by(member_id=A))
    assert said(silent) == (Binding.NOT_STATED, ["SIGNING_LIQUIDATOR_NOT_STATED"])


def test_whom_a_court_put_in_charge_is_not_guessed() -> None:
    ordered = {"measure": "PROVISIONAL_ADMINISTRATION", "court": "TGI"}
    led = a_record(OFFICE, provisional_administration=ordered)
    verdict = asked(led, 1, by(member_id=A), by(member_id=B))
    assert said(verdict) == (Binding.NOT_STATED, ["SIGNING_COURT_ORDER"])
    over = a_record(OFFICE, provisional_administration=None, court_order=ordered)
    assert said(asked(over, 1, by(member_id=A), by(member_id=B)))[0] == Binding.MAY_BIND


def test_names_are_folded_and_must_tell_one_officer() -> None:
    state = a_record(OFFICE)
    found = persons_on([by(family_name="sane", given_names="FATOU")], state, NAMES, DAY)
    assert [one.member_id for one in found] == [B]
    twins = a_record({**OFFICE, M3: a_mandate(C, "SECRETARY")})
    names = NAMES | {C: NAMES[B]}
    [both] = persons_on([by(family_name="Sané", given_names="Fatou")], twins, names, DAY)
    assert (both.member_id, both.doubts) == (None, ("SIGNATORY_AMBIGUOUS",))


PENDA = {"family_name": "Sow", "given_names": "Penda"}
ALI = {"family_name": "Fall", "given_names": "Ali"}


def test_who_sits_for_a_legal_person_signs_for_it_alone_and_in_that_seat() -> None:
    # AUSCOOP art. 296: a legal person who is a director names a permanent representative
    office = {M1: a_mandate(A, "PRESIDENT", representative=PENDA),
              M2: a_mandate(A, "TREASURER", representative=ALI)}  # fmt: skip
    names = NAMES | {A: {"family_name": "GIE Jappoo", "given_names": ""}}
    state, penda, ali = a_record(office), by(**PENDA), by(**ALI)
    one, other = persons_on([penda, ali], state, names, DAY)
    assert [seat.mandate_id for seat in one.seats] == [M1]
    assert [seat.mandate_id for seat in other.seats] == [M2]
    assert one.functions == {"PRESIDENT"}
    assert other.functions == {"TREASURER"}
    for order in ([penda, ali], [ali, penda]):
        people = persons_on(order, state, names, DAY)
        # two humans, neither of them named twice; one member, and one signature, in either seat
        verdict = may_bind(state, order, people, 500_000)
        assert said(verdict) == (
            Binding.MAY_NOT_BIND,
            ["SIGNATURES_MISSING", "SIGNATORY_SAME_MEMBER"],
        )
        assert verdict.reasons[0].params["actual"] == 1
        alone = a_record(office, [{"functions": ["TREASURER"], "signatures": 1}])
        assert may_bind(alone, order, people, 500_000).result == Binding.MAY_BIND
    [whole] = persons_on([by(member_id=A)], state, names, DAY)
    assert whole.functions == {"PRESIDENT", "TREASURER"}
    also = a_record({**office, M3: a_mandate(B, "SECRETARY")})
    [both] = persons_on([penda], also, names | {B: PENDA}, DAY)
    assert (both.member_id, both.doubts) == (None, ("SIGNATORY_AMBIGUOUS",))


AWA = NAMES[A]
TWICE = (Binding.MAY_NOT_BIND, ["SIGNATURES_MISSING", "SIGNATORY_SITS_TWICE"])
TWO: Any = (Binding.MAY_BIND, [])


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (None, AWA, TWICE),
        (AWA, None, TWO),  # B is no Awa
        (None, PENDA, TWO),
        (PENDA, PENDA, TWICE),
        (PENDA, {"family_name": "SOW", "given_names": "penda"}, TWICE),
        (PENDA, ALI, TWO),
    ],
)
def test_who_sits_for_two_signs_once(
    first: dict[str, str] | None, second: dict[str, str] | None, expected: Any
) -> None:
    # AUSCOOP art. 296: the representative acts, and one human is one signature (art. 18)
    seats = {M1: a_mandate(A, "PRESIDENT", representative=first),
             M2: a_mandate(B, "TREASURER", representative=second)}  # fmt: skip
    both = [by(mandate_id=M1), by(mandate_id=M2)]
    for order in (both, both[::-1]):
        verdict = asked(a_record(seats), 1_000_000, *order)
        assert said(verdict) == expected
        assert [one.pointer for one in verdict.reasons[1:]] in ([], ["/persons/1"])
    # either signature is one, in the function that the rule asks for
    alone = a_record(seats, [{"functions": ["TREASURER"], "signatures": 1}])
    assert asked(alone, 1_000_000, *both).result == Binding.MAY_BIND


def test_who_sits_no_longer_takes_no_signature_away() -> None:
    seats = {M1: a_mandate(A, "PRESIDENT", to_on="2026-05-31"),
             M2: a_mandate(B, "TREASURER", representative=AWA)}  # fmt: skip
    verdict = asked(a_record(seats), 100_000, by(mandate_id=M1), by(mandate_id=M2))
    assert said(verdict) == (Binding.MAY_BIND, ["MANDATE_EXPIRED"])


def test_two_members_of_one_name_are_two_signatures() -> None:
    # two persons on record (MEMBER_DUPLICATE); asked by mandate, as SIGNATORY_AMBIGUOUS has it
    office = {M1: a_mandate(A, "PRESIDENT"), M2: a_mandate(B, "TREASURER")}
    both, state = [by(mandate_id=M1), by(mandate_id=M2)], a_record(office)
    people = persons_on(both, state, NAMES | {B: AWA}, DAY)
    assert may_bind(state, both, people, 1_000_000).result == Binding.MAY_BIND


def test_a_mandate_of_a_legal_person_names_who_sits_there() -> None:
    # AUSCOOP art. 296: Ali sits for both, and Penda signs for the first
    office = {M1: a_mandate(A, "PRESIDENT", representative=PENDA),
              M2: a_mandate(A, "COUNSEL", representative=ALI),
              M3: a_mandate(B, "TREASURER", representative=ALI)}  # fmt: skip
    two = [{"functions": ["PRESIDENT", "COUNSEL", "TREASURER"], "signatures": 2}]
    state = a_record(office, two)
    for first in (by(mandate_id=M1), by(**PENDA), by(member_id=A)):
        for order in ([first, by(mandate_id=M3)], [by(mandate_id=M3), first]):
            assert said(asked(state, 5, *order)) == TWO
    assert said(asked(state, 5, by(mandate_id=M2), by(mandate_id=M3))) == TWICE


def test_who_may_sit_in_several_seats_is_counted_where_it_helps() -> None:
    mandates = {
        str(uuid4()): a_mandate(who, "TREASURER", representative=AWA | {"family_name": name})
        for who, sent in ((A, "PQ"), (B, "QR"), (C, "RS"))
        for name in sent
    }
    state = a_record(mandates, [{"functions": ["TREASURER"], "signatures": 3}])
    for order in permutations((A, B, C)):
        assert said(asked(state, 5, *(by(member_id=one) for one in order))) == TWO


@pytest.mark.parametrize("way", [{"mandate_id": M2}, {"member_id": B}])
def test_nobody_known_to_sit_for_a_legal_person_is_told(way: dict[str, str]) -> None:
    # AUSCOOP art. 296: whoever signs for it may be the president; only of a director of a COOP-CA
    # is the name asked (R18), and none was kept before
    state, both = a_record(OFFICE), [by(member_id=A), by(**way)]
    people = persons_on(both, state, NAMES, DAY, legal={B})
    verdict = may_bind(state, both, people, 1_000_000)
    assert said(verdict) == (Binding.NOT_STATED, ["REPRESENTATIVE_UNKNOWN"])
    assert verdict.rule is None
    assert [(one.pointer, one.law_ref) for one in verdict.reasons] == [
        ("/persons/1", "AUSCOOP art. 296")
    ]


@pytest.mark.parametrize(
    ("needed", "who", "result"),
    [
        (1, [B], Binding.MAY_BIND),  # whoever sits for it, somebody signs
        (2, [A, B, C], Binding.MAY_BIND),  # two are known
        (2, [A, B], Binding.NOT_STATED),  # who sits for B may be A
        (3, [A, B, C], Binding.NOT_STATED),
        (3, [A, B], Binding.MAY_NOT_BIND),
    ],
)
def test_a_signature_of_somebody_unknown_is_counted_where_it_cannot_be_anothers(
    needed: int, who: list[str], result: Binding
) -> None:
    # AUSCOOP art. 296: for B, nobody is on record as sitting
    office = {str(uuid4()): a_mandate(one, "TREASURER") for one in (A, B, C)}
    state = a_record(office, [{"functions": ["TREASURER"], "signatures": needed}])
    for order in permutations([by(member_id=one) for one in who]):
        people = persons_on(order, state, CALLED, DAY, legal={B})
        assert may_bind(state, order, people, 5).result == result


WHO = [A, B, C]
CALLED = {who: {"family_name": "X", "given_names": "Y"} for who in WHO[:2]} | {
    C: {"family_name": "Z", "given_names": "Y"}
}
SITTERS = [None, CALLED[A], CALLED[C], PENDA, ALI]
_SEATS = st.lists(
    st.tuples(st.sampled_from(WHO), st.sampled_from(SITTERS), st.sampled_from("PQR")),
    min_size=1, max_size=6,
)  # fmt: skip
_ASKED = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from(["mandate", "member", "name"])),
    min_size=1, max_size=4,
)  # fmt: skip


class Humans:
    """Who signs, counted in the plainest way: every choice of seats is tried."""

    def __init__(self, seats: list[tuple[str, Any, str]], legal: set[str]) -> None:
        self.seats, self.legal = seats, legal | {who for who, sitter, _ in seats if sitter}

    def human(self, n: int) -> tuple[str, str]:
        """Who acts in a seat, and by what they are told from others."""
        who, sitter, _ = self.seats[n]
        if who not in self.legal:
            return "member", who
        return ("name", str(sitter)) if sitter else ("nobody", str(n))

    def name(self, n: int) -> dict[str, str] | None:
        """How who acts in a seat is called."""
        who, sitter, _ = self.seats[n]
        return sitter if who in self.legal else CALLED[who]

    def meant(self, n: int, way: str) -> set[int]:
        """The seats from which who is named signs."""
        alike: list[int] = []
        for k, (who, _, _) in enumerate(self.seats):
            is_holder = who == self.seats[n][0]
            is_meant = is_holder if way == "member" else self.name(n) in (self.name(k), CALLED[who])
            if way == "mandate":
                is_meant = is_holder and self.human(k) == self.human(n)
            alike += [k] if is_meant else []
        return {*alike} if len({self.seats[k][0] for k in alike}) == 1 else set()

    def count(self, meant: list[set[int]], functions: set[str], *, known: bool = False) -> int:
        """How many signatures there are at most; `known`: of those known to sit."""
        there = {k for seats in meant for k in seats if self.seats[k][2] in functions}
        there = {k for k in there if not (known and self.human(k)[0] == "nobody")}
        of = [[None, *(k for k in there if self.seats[k][0] == who)] for who in WHO]
        chosen = ([k for k in some if k is not None] for some in product(*of))
        return max(len(some) for some in chosen if self.are_others(some))

    def are_others(self, some: list[int]) -> bool:
        """Whether nobody among them may be another; two members are two, whatever their names."""
        pairs = [(self.human(k), self.human(j)) for k, j in combinations(some, 2)]
        names = [(self.name(k), self.name(j)) for k, j in combinations(some, 2)]
        return not any(
            "nobody" not in (one[0], other[0]) and {one[0], other[0]} != {"member"} and a == b
            for (one, other), (a, b) in zip(pairs, names, strict=True)
        )


@settings(deadline=None, max_examples=300)
@given(
    seats=_SEATS,
    asks=_ASKED,
    legal=st.sets(st.sampled_from(WHO)),
    functions=st.sets(st.sampled_from("PQR"), min_size=1),
    needed=st.integers(1, 3),
)
def test_no_order_of_the_persons_makes_another_answer(
    seats: list[tuple[str, Any, str]],
    asks: list[tuple[int, str]],
    legal: set[str],
    functions: set[str],
    needed: int,
) -> None:
    humans, ids = Humans(seats, legal), [str(uuid4()) for _ in seats]
    office = {
        id: a_mandate(who, function, **({"representative": sitter} if sitter else {}))
        for id, (who, sitter, function) in zip(ids, seats, strict=True)
    }
    rules = [{"functions": sorted(functions), "signatures": needed}]
    state, named, meant = a_record(office, rules), list[PersonToSign](), list[set[int]]()
    for place, wished in asks:
        called = humans.name(n := place % len(seats))
        way = "mandate" if called is None and wished == "name" else wished
        ways = {"mandate": {"mandate_id": ids[n]}, "member": {"member_id": seats[n][0]}}
        named.append(by(**(ways.get(way) or called or {})))
        meant.append(humans.meant(n, way))
    most = humans.count(meant, functions)
    certain = humans.count(meant, functions, known=True) or min(most, 1)
    expected = Binding.NOT_STATED if most >= needed else Binding.MAY_NOT_BIND
    expected = Binding.MAY_BIND if certain >= needed else expected
    answers = set()
    for order in permutations(named):
        people = persons_on(order, state, CALLED, DAY, legal)
        verdict = may_bind(state, order, people, 5)
        answers.add((verdict.result, tuple(sorted(one.code for one in verdict.reasons))))
    assert len(answers) == 1, answers
    assert answers.pop()[0] == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"mandate_id": M1, "member_id": A},
        {"family_name": "Sané"},
        {"given_names": "Fatou"},
        {"mandate_id": M1, "family_name": "Sané", "given_names": "Fatou"},
    ],
)
def test_a_person_is_named_in_one_way(wrong: dict[str, Any]) -> None:
    assert [one.code for one in misnamed([by(**wrong)])] == ["SIGNATORY_REFERENCE"]


def a_bank() -> Identity:
    return Identity(scope="lender:read", roles=["lender"], lender_id=str(uuid4()))


async def ask(
    town: Town, id: str, amount: int, *persons: dict[str, Any], who: Identity | None = None,
    **more: Any,
) -> Any:  # fmt: skip
    wish = {"persons": list(persons), "amount_xof": amount} | more
    async with town.client("registry", who or a_bank()) as client:
        return await client.post(f"/v1/cooperatives/{id}/signing-authority-checks", json=wish)


def unb64(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


async def verified(town: Town, statement: str) -> dict[str, Any]:
    """What a bank does with nothing of ours: the published key, and the signature."""
    head, body, mac = statement.split(".")
    header = json.loads(unb64(head))
    assert (header["alg"], header["typ"]) == ("ES256", "signing-authority+jwt")
    assert header["kid"].startswith("reg-")
    async with town.client("registry") as anyone:
        jwk = expect(await anyone.get(f"/v1/signing-keys/{header['kid']}"), 200)
    x, y = (int.from_bytes(unb64(jwk[name]), "big") for name in ("x", "y"))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    raw = unb64(mac)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key.verify(utils.encode_dss_signature(r, s), f"{head}.{body}".encode(), ec.ECDSA(SHA256()))
    claims: dict[str, Any] = json.loads(unb64(body))
    return claims


RULES = {"signing_rules": TWO_UP_TO_A_MILLION}


async def test_a_bank_asks_and_verifies_the_answer_by_itself(town: Town) -> None:
    id = await cooperative(town, a_filer(), **RULES)
    officers = (await read(town, id, "/officers"))["items"]
    seats = {one["function"]: one["mandate_id"] for one in officers if one["organ"] == "MANAGING"}
    persons = [{"mandate_id": seats["PRESIDENT"]}, {"mandate_id": seats["TREASURER"]}]
    bank = a_bank()
    answer = expect(await ask(town, id, 900_000, *persons, who=bank), 200)
    assert (answer["result"], answer["rule"]) == ("MAY_BIND", 1)
    claims = await verified(town, answer["statement"])
    facts = ("result", "cooperative", "as_of", "known_at", "revision", "filing_id", "persons",
             "signing_rules", "rule", "amount_xof")  # fmt: skip
    assert {name: claims[name] for name in facts} == {name: answer[name] for name in facts}
    assert (claims["aud"], claims["sub"]) == (f"client-{bank.sub}", f"urn:uuid:{id}")
    question = rfc8785.dumps({"persons": persons, "amount_xof": 900_000})
    assert claims["question_sha256"] == hashlib.sha256(question).hexdigest()
    held = [seat["mandate_id"] for one in answer["persons"] for seat in one["mandates"]]
    assert held == [one["mandate_id"] for one in persons]
    head, _, mac = answer["statement"].split(".")
    claims["amount_xof"] = 9_000_000
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    with pytest.raises(InvalidSignature):
        await verified(town, f"{head}.{forged}.{mac}")


async def test_the_answer_names_who_sits_for_a_legal_person(town: Town) -> None:
    # AUSCOOP art. 296; who sits is published with the officers (art. 70)
    said = coop_ca(name=f"Société coopérative avec conseil d'administration COOP-CA {uuid4()}")
    said["members"][0] |= {"kind": "LEGAL", "family_name": "GIE Jappoo", "given_names": None}
    said["officers"][0] |= {"representative": PENDA}
    alone = [{"functions": ["PRESIDENT"], "signatures": 1}]
    id = await cooperative(town, a_filer(), **said, signing_rules=alone)
    officers = (await read(town, id, "/officers"))["items"]
    [seat] = [one for one in officers if one["function"] == "PRESIDENT"]
    for person in (seat["representative"], {"mandate_id": seat["mandate_id"]}):
        answer = expect(await ask(town, id, 5, person), 200)
        assert (answer["result"], answer["reasons"]) == ("MAY_BIND", [])
        [signatory] = (await verified(town, answer["statement"]))["persons"]
        assert signatory == answer["persons"][0]
        assert signatory["family_name"] == "GIE Jappoo"
        assert signatory["mandates"][0]["representative"] == PENDA


async def test_the_statement_says_that_nobody_is_known_to_sit(town: Town) -> None:
    # AUSCOOP art. 296 is of a board: a SCOOPS may have named nobody
    people = a_registration()["members"]
    people[2] |= {"kind": "LEGAL", "family_name": "GIE Jappoo", "given_names": None}
    id = await cooperative(town, a_filer(), members=people, **RULES)
    officers = (await read(town, id, "/officers"))["items"]
    seats = [one["mandate_id"] for one in officers if one["function"] in ("PRESIDENT", "TREASURER")]
    answer = expect(await ask(town, id, 900_000, *({"mandate_id": one} for one in seats)), 200)
    assert answer["result"] == "NOT_STATED"
    for reasons in (answer["reasons"], (await verified(town, answer["statement"]))["reasons"]):
        assert [one["code"] for one in reasons] == ["REPRESENTATIVE_UNKNOWN"]
        [sits] = [one for one in reasons if one["law_ref"] == "AUSCOOP art. 296"]
        seat = answer["persons"][int(sits["pointer"].removeprefix("/persons/"))]
        assert seat["family_name"] == "GIE Jappoo"


async def test_a_member_without_a_mandate_looks_like_a_stranger(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer, **RULES)
    people = await members(town, filer, id)
    officers = (await read(town, id, "/officers"))["items"]
    named = {(one["family_name"], one["given_names"]) for one in officers}
    last = next(one for one in people if one["birth_year"] == 1991)  # holds no mandate
    assert (last["family_name"], last["given_names"]) in named  # a namesake of an officer
    known = expect(await ask(town, id, 1, {"member_id": last["id"]}), 200)
    absent = expect(await ask(town, id, 1, {"member_id": str(uuid4())}), 200)
    for answer in (known, absent):
        for name in ("statement", "known_at"):
            answer.pop(name)
    assert known == absent
    assert known["reasons"][-1]["code"] == "SIGNATORY_WITHOUT_MANDATE"


async def test_no_personal_data_and_no_word_of_the_caller_is_signed(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer, **RULES)
    word = "Xylophoniste"
    answer = expect(await ask(town, id, 1, {"family_name": word, "given_names": word}), 200)
    claims = await verified(town, answer["statement"])
    assert word not in json.dumps([answer, claims])
    person = {"family_name": "CISSE", "given_names": "mariama"}
    answer = expect(await ask(town, id, 1, person), 200)
    assert answer["result"] == "MAY_BIND"
    [seen] = answer["persons"]
    assert seen["family_name"] == "Cissé"
    shown = json.dumps(await verified(town, answer["statement"]))
    for one in await members(town, filer, id):
        assert one["id"] not in shown
    assert "birth" not in shown


async def test_the_answer_is_of_a_day_as_known_at_an_instant(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer, **RULES)
    [old] = [
        o for o in (await read(town, id, "/officers"))["items"] if o["function"] == "PRESIDENT"
    ]
    newcomer = next(one for one in await members(town, filer, id) if one["birth_year"] == 1991)
    known = (await read(town, id))["known_at"]
    wish = {
        "decided_on": days_ago(3),
        "ends": [{"mandate_id": old["mandate_id"]}],
        "mandates": [
            {"member_id": newcomer["id"], "organ": "MANAGING", "function": "PRESIDENT",
             "from_on": days_ago(3)}
        ],
    }  # fmt: skip
    await changed(town, filer, "CHANGE_OF_OFFICERS", id, wish)
    by_old = {"mandate_id": old["mandate_id"]}
    now = expect(await ask(town, id, 5, by_old), 200)
    assert (now["result"], now["revision"]) == ("MAY_NOT_BIND", 2)
    then = expect(await ask(town, id, 5, by_old, on=days_ago(4)), 200)
    assert (then["result"], then["as_of"], then["revision"]) == ("MAY_BIND", days_ago(4), 2)
    believed = expect(await ask(town, id, 5, by_old, known_at=known), 200)
    assert (believed["result"], believed["revision"]) == ("MAY_BIND", 1)
    new = expect(await ask(town, id, 5, {"member_id": newcomer["id"]}), 200)
    assert new["result"] == "MAY_BIND"


async def test_who_left_signs_no_longer_though_nobody_follows(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer, **RULES)
    officers = (await read(town, id, "/officers"))["items"]
    [old] = [one for one in officers if one["function"] == "PRESIDENT"]
    gone = {"decided_on": days_ago(1), "ends": [{"mandate_id": old["mandate_id"]}]}
    await changed(town, filer, "CHANGE_OF_OFFICERS", id, gone)
    answer = expect(await ask(town, id, 5, {"mandate_id": old["mandate_id"]}), 200)
    assert answer["result"] == "MAY_NOT_BIND"
    assert answer["reasons"][-1]["code"] == "SIGNATORY_WITHOUT_MANDATE"


async def test_what_was_signed_is_answered_again_as_it_was_known_then(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer, **RULES)
    who = {"family_name": "Cissé", "given_names": "Mariama"}
    first = expect(await ask(town, id, 5, who), 200)
    with clock.shifted(timedelta(minutes=-1)):  # approved before, committed after
        rules = [{"functions": ["PRESIDENT"], "signatures": 1}]
        said = {"signing_rules": rules, "decided_on": days_ago(3)}
        await changed(town, filer, "CHANGE_OF_BYLAWS", id, said)
    moment = {"on": first["as_of"], "known_at": first["known_at"]}
    claims = await verified(town, first["statement"])
    again = await verified(town, expect(await ask(town, id, 5, who, **moment), 200)["statement"])
    of_the_answer = {"jti", "iat", "aud", "question_sha256"}
    assert {k: v for k, v in again.items() if k not in of_the_answer} == {
        k: v for k, v in claims.items() if k not in of_the_answer
    }
    assert claims["iat"] >= int(datetime.fromisoformat(claims["known_at"]).timestamp())
    ahead = clock.wire(clock.now() + timedelta(seconds=30))
    now = expect(await ask(town, id, 5, who, known_at=ahead), 200)
    assert (now["result"], now["revision"]) == ("MAY_NOT_BIND", 2)
    assert now["known_at"] < ahead  # nothing is signed about what is still to be known


async def test_a_dissolved_cooperative_is_bound_by_its_liquidator_alone(town: Town) -> None:
    filer = a_filer()
    id = await cooperative(town, filer, **RULES)
    who = {"family_name": "Ndiaye", "given_names": "Awa"}
    wish = {"decided_on": days_ago(1), "reason": "MEMBERS_DECISION", "liquidator": who}
    await changed(town, filer, "DISSOLUTION", id, wish)
    treasurer = {"family_name": "Cissé", "given_names": "Mariama"}
    for person, result in ((who, "MAY_BIND"), (treasurer, "MAY_NOT_BIND")):
        answer = expect(await ask(town, id, 5, person), 200)
        assert (answer["result"], answer["liquidator"]) == (result, "Awa Ndiaye")
        assert answer["cooperative"]["life"] == "IN_LIQUIDATION"
    before = expect(await ask(town, id, 5, treasurer, on=days_ago(2)), 200)
    assert (before["result"], before["liquidator"]) == ("MAY_BIND", None)


async def test_a_liquidator_signs_until_the_closure_is_published(town: Town) -> None:
    # AUSCOOP art. 183-184, whoever closes the record, and however late
    who = {"family_name": "Ndiaye", "given_names": "Awa"}
    wish = {"decided_on": days_ago(6), "reason": "MEMBERS_DECISION", "liquidator": who}
    closure = {"published_in": "Le Soleil, n° 16 402", "published_on": days_ago(4)}
    closing = {"surplus_xof": 0, "decided_on": days_ago(5), "closure": closure}
    strike = {"ground": "LIQUIDATION_CLOSED", "reason": "Clôture", "closure": closure}
    for type, said in (("STRIKE_OFF", strike | {"decided_on": days_ago(1)}),
                       ("LIQUIDATION_CLOSE", closing)):  # fmt: skip
        filer = a_filer()
        by = a_registrar() if type == "STRIKE_OFF" else filer
        id = await cooperative(town, filer, **RULES)
        await changed(town, filer, "DISSOLUTION", id, wish)
        _, late = await filed(town, by, type, id, said, effective_on=days_ago(1))
        assert codes(late) == {"CLOSURE_NOT_PUBLISHED"}
        await changed(town, by, type, id, said)
        for ago, result in ((5, "MAY_BIND"), (4, "MAY_NOT_BIND"), (3, "MAY_NOT_BIND")):
            answer = expect(await ask(town, id, 5, who, on=days_ago(ago)), 200)
            assert (type, ago, answer["result"]) == (type, ago, result)


async def test_an_administration_stays_until_a_court_ends_it(town: Town) -> None:
    id, registrar = await cooperative(town, a_filer(), **RULES), a_registrar()
    orders = (
        (8, "PROVISIONAL_ADMINISTRATION"), (6, "EXPERTISE"), (4, "OTHER"),
        (2, "END_OF_ADMINISTRATION"),
    )  # fmt: skip
    for ago, measure in orders:
        order = {"court": "TGI Sédhiou", "reference": f"{ago}/2026", "measure": measure}
        await changed(town, registrar, "COURT_ORDER", id, order | {"decided_on": days_ago(ago)})
    who = {"family_name": "Cissé", "given_names": "Mariama"}
    for ago, result, reference in (
        (9, "MAY_BIND", None), (7, "NOT_STATED", "8/2026"), (5, "NOT_STATED", "8/2026"),
        (3, "NOT_STATED", "8/2026"), (1, "MAY_BIND", None),
    ):  # fmt: skip
        answer = expect(await ask(town, id, 5, who, on=days_ago(ago)), 200)
        assert (ago, answer["result"]) == (ago, result)
        shown = (await read(town, id, as_of=days_ago(ago)))["provisional_administration"]
        assert (shown or {}).get("reference") == reference
    again = {"court": "TGI", "reference": "1/2026", "measure": "END_OF_ADMINISTRATION"}
    _, answer = await filed(town, registrar, "COURT_ORDER", id, again | {"decided_on": days_ago(1)})
    assert "STATUS_STEP_NOT_OPEN" in codes(answer)


async def test_statutes_without_rules_are_answered_so(town: Town) -> None:
    id = await cooperative(town, a_filer())
    answer = expect(await ask(town, id, 5, {"family_name": "Diatta", "given_names": "Awa"}), 200)
    assert answer["result"] == "NOT_STATED"
    assert (await verified(town, answer["statement"]))["result"] == "NOT_STATED"


async def test_wrong_questions_are_refused_by_name(town: Town) -> None:
    id = await cooperative(town, a_filer(), **RULES)
    who = {"family_name": "Diatta", "given_names": "Awa"}
    ahead = (clock.today() + timedelta(days=1)).isoformat()
    late = clock.wire(clock.now() + timedelta(hours=1))
    wrong = await ask(town, id, 1, who | {"member_id": str(uuid4())}, on=ahead, known_at=late)
    assert codes(wrong) == {"SIGNATORY_REFERENCE", "DATE_IN_FUTURE"}
    assert {one["pointer"] for one in problem(wrong)["errors"]} == {
        "/persons/0",
        "/on",
        "/known_at",
    }
    assert codes(await ask(town, id, 1, who, on="1999-01-01")) == {"NO_RECORD_THAT_DAY"}
    assert codes(await ask(town, id, 2**63, who)) == {"FIELD_INVALID"}
    assert (await ask(town, id, 1)).status_code == 422
    assert (await ask(town, id, 1, *[who] * 21)).status_code == 422
    assert (await ask(town, str(uuid4()), 1, who)).status_code == 404
    path = f"/v1/cooperatives/{id}/signing-authority-checks"
    async with town.client("registry") as nobody:
        answer = await nobody.post(path, json={"persons": [who], "amount_xof": 1})
    assert answer.status_code == 401
