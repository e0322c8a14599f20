"""What the law asks of every filing about a cooperative that exists, quoting its source."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from chassis import clock
from services.registry.acts import Case, as_registration
from services.registry.endings.schemas import StrikeOff
from services.registry.fields import FilingType, LegalForm
from services.registry.formalities import FORMALITIES
from services.registry.history.rules import Change, Happening, Part, State, changes_of, state_on
from services.registry.law.models import LawRule
from services.registry.law.rules import Facts, Law, Peer
from services.registry.organs.rules import organs_are_held
from services.registry.public_view import public_view
from services.registry.standing import administration_of
from tests.makers import DIENDE, a_member, a_registration, an_officer
from tests.registry.test_rules import ON, ROWS

TODAY = clock.today()
BEGAN = TODAY - timedelta(days=200)
A, B, C, D = (str(uuid4()) for _ in range(4))
SCOOPS = Peer("SCOOPS", "REGISTERED", ("FIL-ANACARDE",))
UNION = Peer("UNION", "REGISTERED", ("FIL-ANACARDE",))


@pytest.fixture(autouse=True)
def the_day_of_the_table() -> Iterator[None]:
    """What a test makes is of the day of what stands here, also after a midnight between."""
    with clock.shifted(TODAY - clock.today()):
        yield


def day(ago: int) -> str:
    return (TODAY - timedelta(days=ago)).isoformat()


def record(fields: Mapping[str, Any] | None = None, **changes: Any) -> Facts:
    """What the register knows of a cooperative that was registered like that, and of the day on
    which the next filing takes effect."""
    model = FORMALITIES[FilingType.REGISTRATION]
    said = model.payload.model_validate_json(json.dumps(a_registration(**changes)))
    begun = Case(State(), day=BEGAN.isoformat(), place={"commune_code": DIENDE})
    changed = model.changes(said, begun)
    changed += [Change(Part.FIELD, name, it) for name, it in (fields or {}).items()]
    return Facts(
        today=TODAY,
        effective_on=TODAY,
        known_sectors=frozenset({"FIL-ANACARDE"}),
        state=State().after(changed),
        happenings=(Happening(uuid4(), 1, BEGAN, changed),),
    )


def coop_ca(members: int = 15, **changes: Any) -> dict[str, Any]:
    return {
        "legal_form": "COOP_CA",
        "name": "Société coopérative avec conseil d'administration COOP-CA Jappoo",
        "members": [a_member(n) for n in range(members)],
        "capital_xof": members * 25_000,
        "officers": [
            an_officer(n, "MANAGING", "PRESIDENT" if n == 0 else "MEMBER") for n in range(3)
        ],
    } | changes


def found(
    type: str, payload: Mapping[str, Any], facts: Facts, rows: list[LawRule] = ON
) -> list[tuple[str, str, str, str | None]]:
    """Every finding: its weight, its code, its place, its source."""
    formality = FORMALITIES[FilingType(type)]
    said = formality.payload.model_validate_json(json.dumps(payload))
    form = facts.state.fields.get("legal_form") or getattr(said, "legal_form", None)
    law = Law(rows, str(form) if form else None)
    return [
        (one.severity, one.code, one.pointer or "", one.law_ref)
        for rule in formality.asked
        for one in rule(said, law, facts)
    ]


def blocks(findings: list[tuple[str, str, str, str | None]]) -> set[tuple[str, str]]:
    return {(code, at) for severity, code, at, _ in findings if severity == "BLOCK"}


def changes(type: str, payload: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    formality = FORMALITIES[FilingType(type)]
    said = formality.payload.model_validate_json(json.dumps(payload))
    made = formality.changes(said, Case(facts.state, day=TODAY.isoformat()))
    return {change.key: change.value for change in made if change.part == Part.FIELD}


def a_return(**accounts: Any) -> dict[str, Any]:
    figures = {
        "turnover_xof": 12_000_000,
        "equity_xof": 900_000,
        "balance_sheet_xof": 3_000_000,
        "net_surplus_xof": 100_000,
        "to_general_reserve_xof": 20_000,
        "to_training_reserve_xof": 20_000,
    }
    ended = date(TODAY.year - 1, 12, 31)
    met = min(TODAY, date(TODAY.year, 4, 10))
    return {
        "year_end_on": ended.isoformat(),
        "assembly_on": met.isoformat(),
        "accounts": figures | accounts,
    }


def a_transformation(**changes: Any) -> dict[str, Any]:
    return {
        "decided_on": day(5),
        "to_form": "COOP_CA",
        "name": "Société coopérative avec conseil d'administration COOP-CA Jappoo",
        "equity_xof": 900_000,
        "approved_balance_sheets": [day(400), day(800)],
        "report_by": "EXPERT",
    } | changes


AN_RSC = {"number": "7", "authority": "Préfecture", "issued_on": day(3), "document_id": "d1"}


def big_scoops(**changes: Any) -> dict[str, Any]:
    """A SCOOPS that may become a COOP-CA."""
    name = "Société coopérative simplifiée SCOOPS Jappoo"
    return coop_ca() | {"legal_form": "SCOOPS", "name": name} | changes


def succession(**changes: Any) -> dict[str, Any]:
    """An association becomes a SCOOPS."""
    name = "Société coopérative simplifiée SCOOPS Jappoo"
    return a_transformation(to_form="SCOOPS", name=name, rsc=AN_RSC) | changes


def association(fields: Mapping[str, Any] | None = None, **changes: Any) -> Facts:
    return record(fields, legal_form="AER", name="Association Jappoo", **changes)


def seat_for(n: int, organ: str, **changes: Any) -> list[dict[str, Any]]:
    one = {"member_id": f"m{n}", "organ": organ, "function": "MEMBER", "from_on": day(5)}
    return [one | changes]


def seat_of(n: int, facts: Facts) -> str:
    return next(id for id, one in facts.state.mandates.items() if one["member_id"] == f"m{n}")


def managers(n: int, **term: str) -> list[dict[str, Any]]:
    """A president and others who manage, and nobody who supervises."""
    seats = (an_officer(k, "MANAGING", "MEMBER" if k else "PRESIDENT") for k in range(n))
    return [seat | term for seat in seats]


def an_apex(
    form: str = "UNION", founders: tuple[str, ...] = (A, B), each: int = 3
) -> dict[str, Any]:
    people = [
        a_member(n * each + i, delegate_of=id, shares=None)
        for n, id in enumerate(founders)
        for i in range(each)
    ]
    return a_registration(
        legal_form=form,
        name=f"{form.title()} Jappoo",
        founders=[{"cooperative_id": id, "shares": 10} for id in founders],
        members=people,
        officers=[an_officer(0, "MANAGING", "PRESIDENT"), an_officer(1, "MANAGING", "MEMBER")],
        share_value_xof=None,
        capital_xof=None,
    )


def knowing(**peers: Peer) -> Facts:
    known = {A: SCOOPS, B: SCOOPS, C: UNION, D: UNION} | peers
    return Facts(today=TODAY, known_sectors=frozenset({"FIL-ANACARDE"}), peers=known)


JUDGMENT = {"court": "TGI Sédhiou", "reference": "12/2026", "given_on": day(9)}
SEATED = record()
[SEAT, *_] = SEATED.state.mandates
# in office for a hundred days before the record began
SEATED_BEFORE = record(officers=[{**one, "from_on": day(300)}
                                 for one in a_registration()["officers"]])  # fmt: skip
[OLD_SEAT, *_] = SEATED_BEFORE.state.mandates
A_BOARD = record(**big_scoops())
DISSOLVED = record({"life": "IN_LIQUIDATION", "liquidation.since": day(8)})
PUBLISHED = TODAY - timedelta(days=2)
FIVE_AGO = TODAY - timedelta(days=5)
ENDING = association({"life": "IN_LIQUIDATION", "liquidation.since": day(8)})


LAWFUL: list[tuple[str, dict[str, Any], Facts]] = [
    ("ANNUAL_RETURN", a_return(), record()),
    ("CPS_RECOGNITION", {"decided_on": day(3), "cps_tags": ["MIXTE"]}, record()),
    (
        "CPS_SUSPENSION",
        {"decided_on": day(3), "reason": "Comptes non présentés"},
        record({"cps_status": "RECOGNISED"}),
    ),
    (
        "CPS_WITHDRAWAL",
        {"decided_on": day(3), "reason": "Sortie du programme"},
        record({"cps_status": "SUSPENDED"}),
    ),
    (
        "ESS_AGREEMENT",
        {"decided_on": day(3), "action": "GRANT", "number": "ESS-17", "authority": "MMESS"},
        record(),
    ),
    (
        "RSC_ATTESTATION",
        {
            "number": "RSC 12/2026",
            "authority": "Préfecture",
            "issued_on": day(3),
            "document_id": "d1",
        },
        record(),
    ),
    ("TRANSFORMATION", a_transformation(), record(**big_scoops())),
    (
        "DISSOLUTION",
        {
            "decided_on": day(3),
            "reason": "MEMBERS_DECISION",
            "liquidator": {"family_name": "Ndiaye", "given_names": "Awa"},
        },
        record(),
    ),
    (
        "LIQUIDATION_CLOSE",
        {
            "decided_on": day(3),
            "surplus_xof": 50_000,
            "beneficiary": "COOPERATIVE",
            "beneficiary_name": "Union des productrices",
            "closure": {"published_in": "Le Soleil, n° 16 402", "published_on": day(2)},
        },
        replace(record({"life": "IN_LIQUIDATION"}), effective_on=TODAY - timedelta(days=2)),
    ),
    (
        "STRIKE_OFF",
        {
            "decided_on": day(3),
            "ground": "COURT_DECISION",
            "reason": "Jugement",
            "judgment": JUDGMENT,
        },
        record(),
    ),
    (
        "COURT_ORDER",
        {
            "decided_on": day(3),
            "court": "TGI Sédhiou",
            "reference": "12/2026",
            "measure": "PROVISIONAL_ADMINISTRATION",
        },
        record(),
    ),
    (
        "HANDOVER",
        {
            "decided_on": day(3),
            "organisation_id": "org-jappoo",
            "ground": "MINUTES",
            "reason": "Procès-verbal du 12 mai",
        },
        record(),
    ),
    ("REGISTRATION", an_apex(), knowing()),
    ("REGISTRATION", an_apex("FEDERATION", (C, D)), knowing()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("type", "payload", "facts"), LAWFUL, ids=[f"{n}-{case[0]}" for n, case in enumerate(LAWFUL)]
)
def test_a_lawful_filing_has_no_finding(type: str, payload: dict[str, Any], facts: Facts) -> None:
    assert found(type, payload, facts) == []


def without(type: str, **changed: Any) -> dict[str, Any]:
    payload = next(it for t, it, _ in LAWFUL if t == type)
    return {name: it for name, it in {**payload, **changed}.items() if it is not None}


def about(type: str) -> Facts:
    return next(facts for t, _, facts in LAWFUL if t == type)


def closed(**published: Any) -> dict[str, Any]:
    """A record is struck off because the closure of its liquidation was published, and later."""
    closure = {"published_in": "Le Soleil, n° 16 402", "published_on": day(2)} | published
    said = {"ground": "LIQUIDATION_CLOSED", "judgment": None, "closure": closure}
    return without("STRIKE_OFF", **said, decided_on=day(1))


TOMORROW = (TODAY + timedelta(days=1)).isoformat()
LATER = {"scheme": "NINEA", "number": "3067221", "issued_on": TOMORROW}
RCCM = {"identifiers": [{"scheme": "RCCM", "number": "SN-DKR-2020-B-1"}]}
NINEA = {"identifiers": [{"scheme": "NINEA", "number": "12"}]}
BIG = [a_member(n, birth_year=None) for n in range(1001)]
BLOCKED: list[tuple[str, str, dict[str, Any], Facts, str, str, str | None]] = [
    ("art. 133: a union has two cooperatives at least", "REGISTRATION", an_apex(founders=(A,)),
     knowing(), "APEX_MEMBERS_BELOW_MINIMUM", "/payload/founders", "AUSCOOP art. 133"),
    ("art. 133: of the same object", "REGISTRATION", an_apex(),
     knowing(**{B: Peer("SCOOPS", "REGISTERED", ("FIL-MIEL",))}), "APEX_OBJECT_MISMATCH",
     "/payload/founders", "AUSCOOP art. 133"),
    ("art. 133: the members of a union are cooperatives", "REGISTRATION", an_apex(),
     knowing(**{B: Peer("AER", "REGISTERED", ("FIL-ANACARDE",))}), "APEX_MEMBER_FORM",
     "/payload/founders/1/cooperative_id", "AUSCOOP art. 133"),
    ("art. 134: three delegates of each founder", "REGISTRATION", an_apex(each=2), knowing(),
     "DELEGATES_BELOW_MINIMUM", "/payload/founders/0/cooperative_id", "AUSCOOP art. 134"),
    ("art. 141: a federation has two unions at least", "REGISTRATION",
     an_apex("FEDERATION", (A, C)), knowing(), "APEX_MEMBERS_BELOW_MINIMUM", "/payload/founders",
     "AUSCOOP art. 141"),
    ("art. 141: unions or cooperatives", "REGISTRATION", an_apex("FEDERATION", (C, D)),
     knowing(**{D: Peer("AER", "REGISTERED")}), "APEX_MEMBER_FORM",
     "/payload/founders/1/cooperative_id", "AUSCOOP art. 141"),
    ("art. 141: three delegates of each union", "REGISTRATION",
     an_apex("FEDERATION", (C, D), each=1), knowing(), "DELEGATES_BELOW_MINIMUM",
     "/payload/founders/1/cooperative_id", "AUSCOOP art. 141"),
    ("art. 133 ff.: one union of the same vocation", "REGISTRATION", an_apex(),
     knowing(**{A: replace(SCOOPS, affiliated_to="MB-SE-2026-00009-11")}), "ALREADY_AFFILIATED",
     "/payload/founders/0/cooperative_id", "AUSCOOP art. 133"),
    ("a founder is in this register", "REGISTRATION", an_apex(),
     replace(knowing(), peers={A: SCOOPS}), "APEX_MEMBER_UNKNOWN",
     "/payload/founders/1/cooperative_id", None),
    ("a founder lives", "REGISTRATION", an_apex(),
     knowing(**{B: replace(SCOOPS, life="STRUCK_OFF")}), "APEX_MEMBER_CLOSED",
     "/payload/founders/1/cooperative_id", None),
    ("a founder is named once", "REGISTRATION", an_apex(founders=(A, A)), knowing(),
     "MEMBER_NAMED_TWICE", "/payload/founders/1/cooperative_id", None),
    ("a SCOOPS is founded by persons", "REGISTRATION",
     a_registration(founders=[{"cooperative_id": A}]), knowing(), "FOUNDERS_NOT_EXPECTED",
     "/payload/founders", None),
    ("a delegate is sent by a founder", "REGISTRATION",
     {**an_apex(), "members": [*an_apex()["members"], a_member(77)]}, knowing(),
     "DELEGATE_OF_NOBODY", "/payload/members/6/delegate_of", None),
    ("art. 258: supervisors are natural persons", "REGISTRATION",
     a_registration(members=[*(a_member(n) for n in range(6)), a_member(6, kind="LEGAL")],
                    officers=[*a_registration()["officers"][:5],
                              an_officer(6, "SUPERVISORY", "MEMBER")]),
     knowing(), "SUPERVISOR_NOT_NATURAL", "/payload/officers/5/member_id", "AUSCOOP art. 258"),
    ("art. 258-259: no linked person supervises", "REGISTRATION",
     a_registration(officers=[*a_registration()["officers"][:5],
                              an_officer(5, "SUPERVISORY", "MEMBER") | {"is_linked": True}]),
     knowing(), "MANDATE_LINKED_PERSON", "/payload/officers/5/is_linked", "AUSCOOP art. 258-259"),
    ("art. 258-259: nor is one elected later", "CHANGE_OF_OFFICERS",
     {"decided_on": day(3), "mandates": [{"member_id": "m6", "organ": "SUPERVISORY",
                                          "function": "MEMBER", "from_on": day(3),
                                          "is_linked": True}]},
     record(), "MANDATE_LINKED_PERSON", "/payload/mandates/0/is_linked", "AUSCOOP art. 258-259"),
    ("art. 296: a legal person names its representative", "REGISTRATION",
     a_registration(**coop_ca(members=15) | {"members": [a_member(0), a_member(1, kind="LEGAL"),
                                                         *(a_member(n) for n in range(2, 15))]}),
     knowing(), "REPRESENTATIVE_REQUIRED", "/payload/officers/1/representative",
     "AUSCOOP art. 296"),
    ("art. 296: nobody but a legal person sits through another", "CHANGE_OF_OFFICERS",
     {"decided_on": day(3), "mandates": [{"member_id": "m6", "organ": "MANAGING",
                                          "function": "MEMBER", "from_on": day(3),
                                          "representative": {"family_name": "Sow"}}]},
     record(), "REPRESENTATIVE_NOT_EXPECTED", "/payload/mandates/0/representative", None),
    ("a mandate ends until the filing takes effect", "CHANGE_OF_OFFICERS",
     {"decided_on": day(3), "ends": [{"mandate_id": SEAT, "ended_on": "2199-01-01"}]},
     SEATED, "MANDATE_ENDS_LATER", "/payload/ends/0/ended_on", None),
    ("art. 18: a mandate ends after it begins", "CHANGE_OF_OFFICERS",
     {"decided_on": day(3), "ends": [{"mandate_id": SEAT, "ended_on": day(11)}]},
     SEATED, "MANDATE_DATES", "/payload/ends/0/ended_on", "AUSCOOP art. 18"),
    ("and is held on record before it ends there", "CHANGE_OF_OFFICERS",
     {"decided_on": day(3), "ends": [{"mandate_id": OLD_SEAT, "ended_on": day(250)}]},
     SEATED_BEFORE, "MANDATE_ENDS_BEFORE_RECORD", "/payload/ends/0/ended_on", None),
    ("art. 296: also when elected later", "CHANGE_OF_OFFICERS",
     {"decided_on": day(3), "mandates": [{"member_id": "m6", "organ": "MANAGING",
                                          "function": "MEMBER", "from_on": day(3)}]},
     replace(record(**coop_ca()), legal_members=frozenset({"m6"})), "REPRESENTATIVE_REQUIRED",
     "/payload/mandates/0/representative", "AUSCOOP art. 296"),
    ("art. 18-9: a mandate lasts as long as the statutes say", "REGISTRATION",
     a_registration(mandate_years=3, officers=[
         a_registration()["officers"][0] | {"to_on": (TODAY + timedelta(days=1200)).isoformat()}]),
     knowing(), "MANDATE_DATES", "/payload/officers/0/to_on", "AUSCOOP art. 18"),
    ("art. 18: the items of the statutes", "REGISTRATION",
     a_registration(statutes_items=[n for n in range(1, 13) if n != 11]), knowing(),
     "STATUTES_ITEM_MISSING", "/payload/statutes_items", "AUSCOOP art. 18"),
    ("art. 18-10: the cap of the statutes", "REGISTRATION", a_registration(share_cap_percent=14),
     knowing(), "SHARE_CAP_EXCEEDED", "/payload/members/0/shares", "AUSCOOP art. 18"),
    ("art. 18-10: also when shares move", "CHANGE_OF_CAPITAL",
     {"decided_on": day(3), "holdings": [{"member_id": "m0", "shares": 35}],
      "capital_xof": 65 * 5000},
     record({"bylaws": {"share_cap_percent": 20}}), "SHARE_CAP_EXCEEDED", "/payload/holdings",
     "AUSCOOP art. 18"),
    ("art. 18-10: also when the cap moves", "CHANGE_OF_BYLAWS",
     {"decided_on": day(3), "share_cap_percent": 10}, record(), "SHARE_CAP_EXCEEDED",
     "/payload/share_cap_percent", "AUSCOOP art. 18"),
    ("art. 269: the capital of a COOP-CA is subscribed", "REGISTRATION",
     a_registration(**coop_ca(capital_xof=16 * 25_000)), knowing(), "CAPITAL_NOT_SUBSCRIBED",
     "/payload/capital_xof", "AUSCOOP art. 269"),
    ("art. 270: a quarter is paid", "REGISTRATION",
     a_registration(**coop_ca(members=15) | {"members": [
         a_member(n, paid_xof=6250 if n else 6249) for n in range(15)]}),
     knowing(), "CAPITAL_UNDERPAID", "/payload/members/0/paid_xof", "AUSCOOP art. 270"),
    ("art. 74, 77: on one register only", "REGISTRATION", a_registration(**RCCM), knowing(),
     "RCCM_NOT_ALLOWED", "/payload/identifiers/0/number", "AUSCOOP art. 74; art. 77"),
    ("a NINEA has seven digits", "REGISTRATION", a_registration(**NINEA), knowing(),
     "NINEA_FORMAT", "/payload/identifiers/0/number", None),
    ("art. 77: an RSC number is one cooperative's", "RSC_ATTESTATION", without("RSC_ATTESTATION"),
     replace(record(), rsc_taken_by="MB-SE-2026-00001-11"), "RSC_NUMBER_TAKEN", "/payload/number",
     "AUSCOOP art. 77"),
    ("art. 77: an RSC number has a proof", "RSC_ATTESTATION",
     without("RSC_ATTESTATION", document_id=None), record(), "RSC_PROOF_REQUIRED",
     "/payload/document_id", "AUSCOOP art. 77"),
    ("an association is not in the RSC", "RSC_ATTESTATION", without("RSC_ATTESTATION"),
     record(legal_form="AER", name="Association Jappoo"), "RSC_NOT_FOR_FORM", "/payload/number",
     None),
    ("art. 10: an admission takes effect within three months", "CHANGE_OF_MEMBERSHIP",
     {"decided_on": day(0), "capital_xof": 8 * 25_000,
      "admissions": [a_member(8) | {"requested_on": day(93)}]}, record(),
     "ADMISSION_EFFECT_DATE", "/payload/admissions/0/requested_on", "AUSCOOP art. 10"),
    ("art. 10: three months, and not their ninety-two days", "CHANGE_OF_MEMBERSHIP",
     {"decided_on": "2026-05-02", "admissions": [a_member(8) | {"requested_on": "2026-02-01"}]},
     replace(record(), effective_on=date(2026, 5, 2)), "ADMISSION_EFFECT_DATE",
     "/payload/admissions/0/requested_on", "AUSCOOP art. 10"),
    ("art. 10: a signature or a fingerprint", "REGISTRATION",
     a_registration(members=[a_member(0, signed=None), *(a_member(n) for n in range(1, 7))]),
     knowing(), "SIGNATURE_REQUIRED", "/payload/members/0/signed", "AUSCOOP art. 10; art. 18"),
    ("art. 10: of whoever is admitted, too", "CHANGE_OF_MEMBERSHIP",
     {"decided_on": day(0), "capital_xof": 9 * 25_000,
      "admissions": [a_member(8), a_member(9, signed=None)]}, record(), "SIGNATURE_REQUIRED",
     "/payload/admissions/1/signed", "AUSCOOP art. 10; art. 18"),
    ("art. 114: a fifth to the general reserve", "ANNUAL_RETURN",
     a_return(to_general_reserve_xof=19_999), record(), "RESERVE_BELOW_MINIMUM",
     "/payload/accounts/to_general_reserve_xof", "AUSCOOP art. 114"),
    ("art. 114: a fifth to the reserve for training", "ANNUAL_RETURN",
     a_return(to_training_reserve_xof=None), record(), "RESERVE_BELOW_MINIMUM",
     "/payload/accounts/to_training_reserve_xof", "AUSCOOP art. 114"),
    ("art. 115: optional reserves take a fifth at most", "ANNUAL_RETURN",
     a_return(to_optional_reserve_xof=20_001), record(), "OPTIONAL_RESERVE_ABOVE_MAXIMUM",
     "/payload/accounts/to_optional_reserve_xof", "AUSCOOP art. 115"),
    ("art. 209: no interest without a surplus", "ANNUAL_RETURN",
     a_return(net_surplus_xof=-1, to_general_reserve_xof=None, to_training_reserve_xof=None,
              share_interest_xof=1), record(), "SHARE_INTEREST_LIMIT",
     "/payload/accounts/share_interest_xof", "AUSCOOP art. 209"),
    ("art. 209: no interest on unpaid shares", "ANNUAL_RETURN",
     a_return(paid_up_capital_xof=0, share_interest_xof=1), record(), "SHARE_INTEREST_LIMIT",
     "/payload/accounts/share_interest_xof", "AUSCOOP art. 209"),
    ("no more is shared than there is", "ANNUAL_RETURN",
     a_return(to_general_reserve_xof=90_000), record(), "ALLOCATION_ABOVE_SURPLUS",
     "/payload/accounts", None),
    ("art. 121: an auditor above all three thresholds", "ANNUAL_RETURN",
     a_return(turnover_xof=100_000_001, balance_sheet_xof=5_000_001),
     record(**coop_ca(members=15) | {"members": BIG}), "AUDITOR_REQUIRED", "/payload/auditor",
     "AUSCOOP art. 121"),
    ("art. 107: the figures", "ANNUAL_RETURN", a_return(turnover_xof=None), record(),
     "FIELD_MISSING", "/payload/accounts/turnover_xof", None),
    ("an assembly comes after its year", "ANNUAL_RETURN",
     a_return() | {"assembly_on": f"{TODAY.year - 1}-12-31"}, record(),
     "ASSEMBLY_BEFORE_YEAR_END", "/payload/assembly_on", None),
    ("a year is returned once", "ANNUAL_RETURN", a_return(),
     record({f"returns.{TODAY.year - 1}": a_return()}), "RETURN_ALREADY_FILED",
     "/payload/year_end_on", None),
    ("a year is returned once, also before returns were entries", "ANNUAL_RETURN", a_return(),
     record({f"return/{TODAY.year - 1}": a_return()}), "RETURN_ALREADY_FILED",
     "/payload/year_end_on", None),
    ("art. 167: fifteen members to become a COOP-CA", "TRANSFORMATION", a_transformation(),
     record(), "TRANSFORMATION_CONDITIONS", "/payload/to_form", "AUSCOOP art. 167"),
    ("art. 292: a board, then", "TRANSFORMATION",
     a_transformation(), record(**coop_ca(officers=[an_officer(0, "MANAGING", "PRESIDENT")])
                                | {"legal_form": "SCOOPS"}),
     "BOARD_SIZE", "/payload/mandates", "AUSCOOP art. 292"),
    ("art. 268: the name follows the form", "TRANSFORMATION", a_transformation(name="Jappoo"),
     record(), "NAME_FORM_SUFFIX_MISSING", "/payload/name", "AUSCOOP art. 268"),
    ("a SCOOPS has equity of its capital to be transformed", "TRANSFORMATION",
     a_transformation(equity_xof=174_999), record(), "TRANSFORMATION_CONDITIONS",
     "/payload/equity_xof", "AUSCOOP art. 167"),
    ("and two approved balance sheets", "TRANSFORMATION",
     a_transformation(approved_balance_sheets=[day(400), day(400)]), record(),
     "TRANSFORMATION_CONDITIONS", "/payload/approved_balance_sheets", "AUSCOOP art. 167"),
    ("and a report", "TRANSFORMATION", a_transformation(report_by=None), record(),
     "TRANSFORMATION_CONDITIONS", "/payload/report_by", "AUSCOOP art. 167"),
    ("art. 18: whom a transformation takes out of an organ sat there first", "TRANSFORMATION",
     a_transformation(ends=[{"mandate_id": seat_of(2, A_BOARD), "ended_on": day(11)}]), A_BOARD,
     "MANDATE_DATES", "/payload/ends/0/ended_on", "AUSCOOP art. 18"),
    ("and has left it when it takes effect", "TRANSFORMATION",
     a_transformation(ends=[{"mandate_id": seat_of(2, A_BOARD), "ended_on": "2199-01-01"}]),
     A_BOARD, "MANDATE_ENDS_LATER", "/payload/ends/0/ended_on", None),
    ("art. 168: no continuity out of AUSCOOP", "TRANSFORMATION", a_transformation(to_form="AER"),
     record(), "PASSAGE_NOT_OPEN", "/payload/to_form", None),
    ("an association becomes a cooperative in the RSC", "TRANSFORMATION",
     a_transformation(to_form="SCOOPS"),
     record(legal_form="AER", name="Association Jappoo"), "RSC_PROOF_REQUIRED",
     "/payload/rsc/number", "AUSCOOP art. 77"),
    ("art. 204: with the members of the new form", "TRANSFORMATION",
     a_transformation(to_form="SCOOPS"),
     record(legal_form="AER", name="Association Jappoo", members=[a_member(n) for n in range(4)],
            officers=[]), "MEMBERS_BELOW_MINIMUM", "/payload/to_form", "AUSCOOP art. 204"),
    ("a balance sheet was approved", "TRANSFORMATION",
     a_transformation(approved_balance_sheets=[day(400), TOMORROW]), record(**big_scoops()),
     "TRANSFORMATION_CONDITIONS", "/payload/approved_balance_sheets", "AUSCOOP art. 167"),
    ("art. 18-10: the cap holds in another form", "TRANSFORMATION",
     a_transformation(holdings=[{"member_id": "m0", "shares": 100}], capital_xof=170 * 5000),
     record(**big_scoops(share_cap_percent=20)), "SHARE_CAP_EXCEEDED", "/payload/holdings",
     "AUSCOOP art. 18"),
    ("art. 296: a legal person names its representative in a board", "TRANSFORMATION",
     a_transformation(mandates=seat_for(3, "MANAGING")),
     replace(record(**big_scoops()), legal_members=frozenset({"m3"})), "REPRESENTATIVE_REQUIRED",
     "/payload/mandates/0/representative", "AUSCOOP art. 296"),
    ("art. 296: also one who managed before", "TRANSFORMATION", a_transformation(),
     replace(record(**big_scoops()), legal_members=frozenset({"m0"})), "REPRESENTATIVE_REQUIRED",
     "/payload/mandates", "AUSCOOP art. 296"),
    ("art. 258-259: no linked person supervises what an association became", "TRANSFORMATION",
     succession(mandates=seat_for(6, "SUPERVISORY", is_linked=True)), association(),
     "MANDATE_LINKED_PERSON", "/payload/mandates/0/is_linked", "AUSCOOP art. 258-259"),
    ("art. 258: nor does a legal person", "TRANSFORMATION",
     succession(mandates=seat_for(6, "SUPERVISORY")),
     replace(association(), legal_members=frozenset({"m6"})), "SUPERVISOR_NOT_NATURAL",
     "/payload/mandates/0/member_id", "AUSCOOP art. 258"),
    ("art. 258: nor one that supervised before", "TRANSFORMATION", succession(),
     replace(association(), legal_members=frozenset({"m3"})), "SUPERVISOR_NOT_NATURAL",
     "/payload/mandates", "AUSCOOP art. 258"),
    ("art. 8, 18: a list may have named no bond", "TRANSFORMATION", succession(),
     association({"common_bond": None}), "COMMON_BOND_REQUIRED", "/payload/to_form",
     "AUSCOOP art. 8; art. 18"),
    ("art. 70: nor a seat", "TRANSFORMATION", succession(), association({"commune_code": None}),
     "COMMUNE_UNKNOWN", "/payload/to_form", "AUSCOOP art. 70"),
    ("art. 223: nor anybody who presides", "TRANSFORMATION", succession(),
     association(officers=[]), "PRESIDENT_REQUIRED", "/payload/mandates", "AUSCOOP art. 223"),
    ("art. 74, 77: an association that leaves the RCCM says so", "TRANSFORMATION", succession(),
     association({}, **RCCM), "RCCM_NOT_ALLOWED", "/payload/ended_identifiers",
     "AUSCOOP art. 74; art. 77"),
    ("a list may have named no object", "TRANSFORMATION", succession(),
     association({"object": None}), "FIELD_MISSING", "/payload/object", None),
    ("nor an activity", "TRANSFORMATION", succession(), association({"sector_codes": []}),
     "FIELD_MISSING", "/payload/sector_codes", None),
    ("nor does a cooperative lose its object", "TRANSFORMATION", succession(object=""),
     association(), "FIELD_MISSING", "/payload/object", None),
    ("nor one of the table", "TRANSFORMATION", succession(sector_codes=["NO-SUCH"]),
     association(), "ACTIVITY_UNKNOWN", "/payload/sector_codes/0", None),
    ("law 2025-04: nor does a bank become a cooperative here", "TRANSFORMATION", succession(),
     association({"object": "Épargne et crédit"}), "REGULATED_ACTIVITY", "/payload/object",
     "loi 2025-04 du 19 février 2025"),
    ("art. 182-185: a liquidation has a reason", "DISSOLUTION", without("DISSOLUTION", reason=None),
     record(), "LIQUIDATION_INCOMPLETE", "/payload/reason", "AUSCOOP art. 182-185"),
    ("art. 182-185: and a liquidator", "DISSOLUTION", without("DISSOLUTION", liquidator=None),
     record(), "LIQUIDATION_INCOMPLETE", "/payload/liquidator", "AUSCOOP art. 182-185"),
    ("art. 178-179: a court's dissolution names its judgment", "DISSOLUTION",
     without("DISSOLUTION", reason="COURT_DECISION"), record(), "LIQUIDATION_INCOMPLETE",
     "/payload/judgment_reference", "AUSCOOP art. 182-185"),
    ("art. 182: what is left is not for the members", "LIQUIDATION_CLOSE",
     without("LIQUIDATION_CLOSE", beneficiary="MEMBERS"), about("LIQUIDATION_CLOSE"),
     "LIQUIDATION_INCOMPLETE", "/payload/beneficiary", "AUSCOOP art. 182-185"),
    ("art. 183-184: personality survives to the publication of the closure", "LIQUIDATION_CLOSE",
     without("LIQUIDATION_CLOSE", closure=None), about("LIQUIDATION_CLOSE"),
     "CLOSURE_NOT_PUBLISHED", "/payload/closure/published_on", "AUSCOOP art. 183-184"),
    ("art. 183-184: which is somewhere", "LIQUIDATION_CLOSE",
     without("LIQUIDATION_CLOSE", closure={"published_on": day(2)}), about("LIQUIDATION_CLOSE"),
     "CLOSURE_NOT_PUBLISHED", "/payload/closure/published_in", "AUSCOOP art. 183-184"),
    ("art. 183-184: and lasts until then", "LIQUIDATION_CLOSE",
     without("LIQUIDATION_CLOSE", decided_on=day(5)), replace(DISSOLVED, effective_on=FIVE_AGO),
     "CLOSURE_NOT_PUBLISHED", "/payload/closure/published_on", "AUSCOOP art. 183-184"),
    ("art. 183-184: and no longer", "LIQUIDATION_CLOSE", without("LIQUIDATION_CLOSE"),
     replace(DISSOLVED, effective_on=TODAY), "CLOSURE_NOT_PUBLISHED",
     "/payload/closure/published_on", "AUSCOOP art. 183-184"),
    ("art. 183-184: whoever closes the record", "STRIKE_OFF", closed(),
     replace(DISSOLVED, effective_on=TODAY), "CLOSURE_NOT_PUBLISHED",
     "/payload/closure/published_on", "AUSCOOP art. 183-184"),
    ("art. 178-179: only a court ends what members did not", "STRIKE_OFF",
     without("STRIKE_OFF", ground="LIQUIDATION_CLOSED"), record(), "STRIKE_OFF_GROUND",
     "/payload/ground", "AUSCOOP art. 178-179"),
    ("art. 178-179: by a judgment", "STRIKE_OFF", without("STRIKE_OFF", judgment=None), record(),
     "STRIKE_OFF_GROUND", "/payload/judgment/reference", "AUSCOOP art. 178-179"),
    ("art. 183-184: a liquidation is not closed before that is published", "STRIKE_OFF",
     without("STRIKE_OFF", ground="LIQUIDATION_CLOSED"), about("LIQUIDATION_CLOSE"),
     "CLOSURE_NOT_PUBLISHED", "/payload/closure/published_on", "AUSCOOP art. 183-184"),
    ("art. 183-184: nor when nobody knows where", "STRIKE_OFF",
     closed(published_in=""), about("LIQUIDATION_CLOSE"),
     "CLOSURE_NOT_PUBLISHED", "/payload/closure/published_in", "AUSCOOP art. 183-184"),
    ("art. 183-184: nor while it lives on until that", "STRIKE_OFF", closed(published_on=day(4)),
     replace(DISSOLVED, effective_on=FIVE_AGO), "CLOSURE_NOT_PUBLISHED",
     "/payload/closure/published_on", "AUSCOOP art. 183-184"),
    ("art. 178-179: a judgment ends nothing before it is given", "STRIKE_OFF",
     without("STRIKE_OFF", judgment=JUDGMENT | {"given_on": day(4)}),
     replace(record(), effective_on=FIVE_AGO), "STRIKE_OFF_GROUND", "/payload/judgment/given_on",
     "AUSCOOP art. 178-179"),
    ("art. 183-184: nor decided before that", "STRIKE_OFF", closed() | {"decided_on": day(8)},
     about("LIQUIDATION_CLOSE"), "CLOSURE_NOT_PUBLISHED", "/payload/decided_on",
     "AUSCOOP art. 183-184"),
    # no text asks an association for a publication; one that it states ends it as any other
    ("an association ends on the day of its publication, and not before", "STRIKE_OFF", closed(),
     replace(ENDING, effective_on=FIVE_AGO), "CLOSURE_NOT_PUBLISHED",
     "/payload/closure/published_on", None),
    ("nor after", "LIQUIDATION_CLOSE", without("LIQUIDATION_CLOSE"),
     replace(ENDING, effective_on=TODAY), "CLOSURE_NOT_PUBLISHED",
     "/payload/closure/published_on", None),
    ("nor is it struck off before", "STRIKE_OFF", closed() | {"decided_on": day(8)},
     replace(ENDING, effective_on=PUBLISHED), "CLOSURE_NOT_PUBLISHED", "/payload/decided_on", None),
    ("a publication of an association has a day", "LIQUIDATION_CLOSE",
     without("LIQUIDATION_CLOSE", closure={"published_in": "Le Soleil"}), ENDING,
     "CLOSURE_NOT_PUBLISHED", "/payload/closure/published_on", None),
    ("and a place", "STRIKE_OFF", closed(published_in=""),
     replace(ENDING, effective_on=PUBLISHED), "CLOSURE_NOT_PUBLISHED",
     "/payload/closure/published_in", None),
    ("a closure was published", "STRIKE_OFF", closed(published_on=TOMORROW),
     about("LIQUIDATION_CLOSE"), "DATE_IN_FUTURE", "/payload/closure/published_on", None),
    ("art. 178-179: a judgment is of a court", "STRIKE_OFF",
     without("STRIKE_OFF", judgment=JUDGMENT | {"court": ""}), record(),
     "STRIKE_OFF_GROUND", "/payload/judgment/court", "AUSCOOP art. 178-179"),
    ("art. 178-179: and has a reference", "STRIKE_OFF",
     without("STRIKE_OFF", judgment=JUDGMENT | {"reference": " "}), record(),
     "STRIKE_OFF_GROUND", "/payload/judgment/reference", "AUSCOOP art. 178-179"),
    ("a judgment was given", "STRIKE_OFF",
     without("STRIKE_OFF", judgment=JUDGMENT | {"given_on": TOMORROW}), record(),
     "DATE_IN_FUTURE", "/payload/judgment/given_on", None),
    ("a number of another register was given", "REGISTRATION",
     a_registration(identifiers=[LATER]), knowing(),
     "DATE_IN_FUTURE", "/payload/identifiers/0/issued_on", None),
    ("also when it is attested", "RSC_ATTESTATION",
     without("RSC_ATTESTATION", identifiers=[LATER]), record(),
     "DATE_IN_FUTURE", "/payload/identifiers/0/issued_on", None),
    ("also when it is put right", "CORRECTION", {"identifiers": [LATER]}, record(),
     "DATE_IN_FUTURE", "/payload/identifiers/0/issued_on", None),
    ("an RSC number was given, whatever brings it", "TRANSFORMATION",
     a_transformation(rsc=AN_RSC | {"issued_on": TOMORROW}), record(),
     "DATE_IN_FUTURE", "/payload/rsc/issued_on", None),
    ("art. 77: and has a proof", "TRANSFORMATION", a_transformation(rsc={"number": "7"}), record(),
     "RSC_PROOF_REQUIRED", "/payload/rsc/authority", "AUSCOOP art. 77"),
    ("art. 77: and is one cooperative's", "TRANSFORMATION", a_transformation(rsc=AN_RSC),
     replace(record(), rsc_taken_by="MB-SE-2026-00001-11"), "RSC_NUMBER_TAKEN",
     "/payload/rsc/number", "AUSCOOP art. 77"),
    ("a court's dissolution has a liquidator", "COURT_ORDER",
     without("COURT_ORDER", measure="DISSOLUTION"), record(), "LIQUIDATION_INCOMPLETE",
     "/payload/liquidator", "AUSCOOP art. 182-185"),
    ("what was struck off is not dissolved", "COURT_ORDER",
     without("COURT_ORDER", measure="DISSOLUTION"), record({"life": "STRUCK_OFF"}),
     "STATUS_STEP_NOT_OPEN", "/payload/measure", None),
    ("only an administration that was ordered ends", "COURT_ORDER",
     without("COURT_ORDER", measure="END_OF_ADMINISTRATION"), record(), "STATUS_STEP_NOT_OPEN",
     "/payload/measure", None),
    ("only the recognised are suspended", "CPS_SUSPENSION", without("CPS_SUSPENSION"), record(),
     "STATUS_STEP_NOT_OPEN", "/type", None),
    ("only who is in the programme leaves it", "CPS_WITHDRAWAL", without("CPS_WITHDRAWAL"),
     record(), "STATUS_STEP_NOT_OPEN", "/type", None),
    ("the recognised are not candidates", "CPS_RECOGNITION",
     without("CPS_RECOGNITION", action="ACCEPT"), record({"cps_status": "RECOGNISED"}),
     "STATUS_STEP_NOT_OPEN", "/payload/action", None),
    ("to suspend is another filing", "CPS_RECOGNITION",
     without("CPS_RECOGNITION", action="SUSPEND"),
     record({"cps_status": "RECOGNISED"}), "ACTION_OF_ANOTHER_FILING", "/payload/action", None),
    ("only a granted agrément is withdrawn", "ESS_AGREEMENT",
     without("ESS_AGREEMENT", action="WITHDRAW", reason="Non"), record(), "STATUS_STEP_NOT_OPEN",
     "/payload/action", None),
    ("a granted agrément has a number", "ESS_AGREEMENT", without("ESS_AGREEMENT", number=None),
     record(), "FIELD_MISSING", "/payload/number", None),
    ("an agrément ends after it begins", "ESS_AGREEMENT",
     without("ESS_AGREEMENT", from_on=day(3), to_on=day(4)), record(), "PERIOD_ENDS_FIRST",
     "/payload/to_on", None),
    ("a decision lies in the past", "CPS_RECOGNITION",
     without("CPS_RECOGNITION", decided_on=(TODAY + timedelta(days=1)).isoformat()), record(),
     "DATE_IN_FUTURE", "/payload/decided_on", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("type", "payload", "facts", "expected"),
    [(*case[1:4], case[4:]) for case in BLOCKED],
    ids=[case[0] for case in BLOCKED],
)
def test_a_broken_rule_blocks_where_it_is_broken(
    type: str, payload: dict[str, Any], facts: Facts, expected: tuple[str, str, str | None]
) -> None:
    assert ("BLOCK", *expected) in found(type, payload, facts)


HIDDEN: list[tuple[str, dict[str, Any], str]] = [
    ("REGISTRATION", {"identifiers": [{"scheme": "NINEA", "number": "30672\u200b21"}]},
     "identifiers/0/number"),
    ("REGISTRATION", {"officers": [{"member_id": "m0", "representative": {
        "family_name": "Di\u2066op"}}]}, "officers/0/representative/family_name"),
    ("CHANGE_OF_MEMBERSHIP", {"admissions": [{"id": "a", "family_name": "Di\u200bop"}]},
     "admissions/0/family_name"),
    ("RSC_ATTESTATION", {"identifiers": [{"scheme": "NINEA", "number": "3067221",
                                          "authority": "AN\u200bSD"}]}, "identifiers/0/authority"),
    ("CORRECTION", {"identifiers": [{"scheme": "NINEA", "number": "30672\u200b21"}]},
     "identifiers/0/number"),
    ("CORRECTION", {"reason": "Er\u202ereur"}, "reason"),
    ("TRANSFORMATION", {"rsc": {"number": "7\u200b", "authority": "Préfecture"}}, "rsc/number"),
    ("TRANSFORMATION", {"rsc": {"number": "7", "authority": "Pré\u202efecture"}}, "rsc/authority"),
    ("DISSOLUTION", {"liquidator": {"family_name": "Di\u202e\u200bop"}}, "liquidator/family_name"),
    ("COURT_ORDER", {"liquidator": {"given_names": "A\u200dwa"}}, "liquidator/given_names"),
    ("STRIKE_OFF", {"judgment": {"court": "TGI\u202e", "reference": "1"}}, "judgment/court"),
    ("STRIKE_OFF", {"judgment": {"court": "TGI", "reference": "1\u2067"}}, "judgment/reference"),
    ("HANDOVER", {"documents": [{"code": "PV", "document_id": "d\ufeff1"}]},
     "documents/0/document_id"),
]  # fmt: skip


@pytest.mark.parametrize(("type", "payload", "place"), HIDDEN)
def test_no_text_hides_anything_wherever_it_stands(
    type: str, payload: dict[str, Any], place: str
) -> None:
    hidden = [at for code, at in blocks(found(type, payload, record()))
              if code == "TEXT_HIDDEN_CHARACTERS"]  # fmt: skip
    assert hidden == [f"/payload/{place}"]


def put_right(n: int, **said: Any) -> list[tuple[str, str, str, str | None]]:
    """What is found when the terms of the mandate of member `n` are put right, where the filing was
    decided ten days ago, mandates last three years, and `m6` is a legal person."""
    facts = record(mandate_years=3, **said.pop("but", {}))
    facts = replace(
        facts,
        corrects=1,
        effective_on=BEGAN,
        wrong_decided_on=TODAY - timedelta(days=10),
        legal_members=frozenset({"m6"}),
    )
    id = next(id for id, one in facts.state.mandates.items() if one["member_id"] == f"m{n}")
    return found("CORRECTION", {"mandates": [{"mandate_id": id} | said]}, facts)


A_LEGAL_DIRECTOR = {**coop_ca(), "officers": [*coop_ca()["officers"],
                                              an_officer(6, "SUPERVISORY", "MEMBER")]}  # fmt: skip
A_LEGAL_MANAGER = {"officers": [an_officer(0, "MANAGING", "PRESIDENT"),
                                an_officer(6, "MANAGING", "MEMBER")]}  # fmt: skip
WRONGLY_RIGHT: list[tuple[str, int, dict[str, Any], str, str, str]] = [
    ("art. 18-9: a mandate ends after it begins", 3, {"from_on": day(3), "to_on": day(4)},
     "MANDATE_DATES", "0/to_on", "AUSCOOP art. 18"),
    ("art. 18-9: and lasts as long as the statutes say", 3, {"to_on": "2099-01-01"},
     "MANDATE_DATES", "0/to_on", "AUSCOOP art. 18"),
    ("art. 294: it was not held before it was given", 3, {"from_on": "1990-01-01"},
     "ELECTION_EVIDENCE_MISSING", "0/from_on", "AUSCOOP art. 294"),
    ("art. 258: three supervisors at least", 3, {"organ": "MANAGING"},
     "SUPERVISION_SIZE", "", "AUSCOOP art. 258"),
    ("art. 258-259: no linked person supervises", 2, {"organ": "SUPERVISORY", "is_linked": True},
     "MANDATE_LINKED_PERSON", "0/is_linked", "AUSCOOP art. 258-259"),
    ("art. 258: nor a legal person", 6, {"organ": "SUPERVISORY", "but": A_LEGAL_MANAGER},
     "SUPERVISOR_NOT_NATURAL", "0/member_id", "AUSCOOP art. 258"),
    ("art. 296: a director who is one is represented", 6,
     {"organ": "MANAGING", "but": A_LEGAL_DIRECTOR}, "REPRESENTATIVE_REQUIRED",
     "0/representative", "AUSCOOP art. 296"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("n", "said", "code", "place", "law"),
    [case[1:] for case in WRONGLY_RIGHT],
    ids=[case[0] for case in WRONGLY_RIGHT],
)
def test_a_mandate_that_is_put_right_is_asked_what_its_declaration_was(
    n: int, said: dict[str, Any], code: str, place: str, law: str
) -> None:
    at = f"/payload/mandates/{place}".rstrip("/")
    assert ("BLOCK", code, at, law) in put_right(n, **said)


def test_what_is_right_about_a_mandate_is_entered_without_what_only_proves_it() -> None:
    named = {"family_name": "Sow", "given_names": "Ali"}
    said = {"organ": "MANAGING", "representative": named, "but": A_LEGAL_DIRECTOR}
    asked = {"FIELD_MISSING"}  # which filing, and the reason: they are not said here
    assert {code for _, code, _, _ in put_right(6, **said)} == asked
    # who was named when the director was entered is not named again for another end
    board = {**coop_ca(), "officers": [*coop_ca()["officers"], an_officer(6, "MANAGING", "MEMBER")]}
    assert {code for _, code, _, _ in put_right(6, to_on=day(0), but=board)} == asked
    facts = record(**A_LEGAL_DIRECTOR)
    [id] = [id for id, one in facts.state.mandates.items() if one["member_id"] == "m6"]
    right = {"mandate_id": id, "organ": "MANAGING", "representative": named, "is_linked": False}
    moved = {**facts.state.mandates[id], "organ": "MANAGING", "representative": named}
    assert right_terms(right, facts) == moved


def right_terms(right: dict[str, Any], facts: Facts) -> Any:
    model = FORMALITIES[FilingType.CORRECTION]
    declared = model.payload.model_validate_json(json.dumps({"mandates": [right]}))
    [made] = model.changes(declared, Case(facts.state))
    return made.value


def test_who_sits_for_a_legal_person_is_put_right_or_stays() -> None:
    # AUSCOOP art. 296: asked of who is named again, and of nobody for another term
    awa, penda = ({"family_name": "Sow", "given_names": name} for name in ("Awa", "Penda"))
    seat = an_officer(6, "MANAGING", "MEMBER") | {"representative": awa}
    board = coop_ca(officers=[*coop_ca()["officers"], seat])
    asked = {"FIELD_MISSING"}  # which filing, and the reason: they are not said here
    for said in ({"function": "TREASURER"}, {"to_on": day(0)}, {"representative": penda}):
        assert {code for _, code, _, _ in put_right(6, **said, but=board)} == asked, said
    who = "/payload/mandates/0/representative"
    for nobody in (None, {"family_name": "Sow"}):
        lacking = put_right(6, representative=nobody, but=board)
        assert ("BLOCK", "REPRESENTATIVE_REQUIRED", who, "AUSCOOP art. 296") in lacking
    natural = put_right(1, representative=penda, but=board)
    assert ("BLOCK", "REPRESENTATIVE_NOT_EXPECTED", who, None) in natural
    facts = record(**board)
    [id] = [id for id, one in facts.state.mandates.items() if one["member_id"] == "m6"]
    held = dict(facts.state.mandates[id])
    right = {"mandate_id": id, "representative": {"family_name": "Sow"}}
    named = held | {"representative": {"family_name": "Sow", "given_names": None}}
    assert right_terms(right, facts) == named
    treasurer = {"mandate_id": id, "function": "TREASURER"}
    assert right_terms(treasurer, facts) == held | {"function": "TREASURER"}
    none = {name: it for name, it in held.items() if name != "representative"}
    assert right_terms({"mandate_id": id, "representative": None}, facts) == none


def after(facts: Facts, type: str, payload: Mapping[str, Any], ago: int) -> Facts:
    """What the register knows once that is approved, with effect that many days ago."""
    formality, then = FORMALITIES[FilingType(type)], on_day(facts, ago)
    said = formality.payload.model_validate_json(json.dumps(payload))
    made = formality.changes(said, Case(then.state, day=day(ago)))
    one = Happening(uuid4(), len(facts.happenings) + 1, TODAY - timedelta(days=ago), made)
    return replace(facts, happenings=(*facts.happenings, one))


def on_day(facts: Facts, ago: int) -> Facts:
    """What the register knows about a filing that takes effect that many days ago."""
    then = TODAY - timedelta(days=ago)
    return replace(facts, effective_on=then, state=state_on(facts.happenings, then))


def replacing(n: int, **seat: Any) -> dict[str, Any]:
    """Member `n` gave up a mandate eight days ago; `m6` was elected in the place four days ago, and
    holds it since: before, nobody had given it (art. 294, R20)."""
    gone = {"mandate_id": seat_of(n, SEATED), "ended_on": day(8)}
    elected = {"member_id": "m6", "from_on": day(4)} | seat
    return {"decided_on": day(4), "ends": [gone], "mandates": [elected]}


A_PRESIDENT = replacing(0, organ="MANAGING", function="PRESIDENT")
A_SUPERVISOR = replacing(3, organ="SUPERVISORY", function="MEMBER")
LACKS_PRESIDENT = after(SEATED, "CHANGE_OF_OFFICERS", A_PRESIDENT, 4)
LACKS_SUPERVISOR = after(SEATED, "CHANGE_OF_OFFICERS", A_SUPERVISOR, 4)
FIRST = {"corrects_filing_id": str(SEATED.happenings[0].filing_id), "reason": "Erreur de saisie"}
KEPT = {"holdings": [{"member_id": "m6", "shares": 5}]}
BESIDE_A_VACANCY: list[tuple[str, dict[str, Any], Facts, int]] = [
    ("CHANGE_OF_OFFICERS", A_PRESIDENT, SEATED, 4),
    ("CHANGE_OF_OFFICERS", A_SUPERVISOR, SEATED, 4),
    ("CORRECTION", FIRST | {"fields": {"name": "Jappo SCOOPS"}}, LACKS_PRESIDENT, 200),
    ("CORRECTION", FIRST | {"mandates": [{"mandate_id": seat_of(4, SEATED), "to_on": day(0)}]},
     LACKS_SUPERVISOR, 200),
    ("CHANGE_OF_MEMBERSHIP", KEPT | {"decided_on": day(6)}, LACKS_PRESIDENT, 6),
    ("CHANGE_OF_MEMBERSHIP", KEPT | {"decided_on": day(9)}, LACKS_PRESIDENT, 9),
    ("CHANGE_OF_OFFICERS", {"decided_on": day(6), "ends": [{"mandate_id": seat_of(1, SEATED)}]},
     LACKS_PRESIDENT, 6),
]  # fmt: skip


@pytest.mark.parametrize(("type", "payload", "facts", "ago"), BESIDE_A_VACANCY)
def test_a_vacancy_is_held_against_no_filing_that_did_not_make_it(
    type: str, payload: dict[str, Any], facts: Facts, ago: int
) -> None:
    facts = replace(on_day(facts, ago), corrects=1 if type == "CORRECTION" else None)
    assert blocks(found(type, payload, facts)) == set()


def leaving(ago: int, *who: int, facts: Facts = SEATED, **said: Any) -> dict[str, Any]:
    """These members give up their mandates."""
    return {"decided_on": day(ago), "ends": [{"mandate_id": seat_of(n, facts)} for n in who]} | said


MAKES_A_VACANCY: list[tuple[str, dict[str, Any], Facts, int, tuple[str, str]]] = [
    ("CORRECTION", FIRST | {"mandates": [{"mandate_id": seat_of(0, SEATED), "function": "MEMBER"}]},
     LACKS_PRESIDENT, 200, ("PRESIDENT_REQUIRED", "/payload")),
    ("CORRECTION", FIRST | {"mandates": [{"mandate_id": seat_of(4, SEATED), "organ": "MANAGING"}]},
     LACKS_SUPERVISOR, 200, ("SUPERVISION_SIZE", "/payload/mandates")),
    ("CHANGE_OF_OFFICERS", leaving(9, 0, mandates=seat_for(6, "MANAGING")),
     LACKS_PRESIDENT, 9, ("PRESIDENT_REQUIRED", "/payload/mandates")),
    ("CHANGE_OF_OFFICERS", leaving(6, 4, 5, mandates=seat_for(6, "SUPERVISORY")),
     LACKS_SUPERVISOR, 6, ("SUPERVISION_SIZE", "/payload/mandates")),
]  # fmt: skip


@pytest.mark.parametrize(("type", "payload", "facts", "ago", "expected"), MAKES_A_VACANCY)
def test_a_vacancy_is_held_against_the_filing_that_makes_it(
    type: str, payload: dict[str, Any], facts: Facts, ago: int, expected: tuple[str, str]
) -> None:
    # AUSCOOP art. 223: exactly one president (R12); art. 258: three supervisors at least (R14)
    facts = replace(on_day(facts, ago), corrects=1 if type == "CORRECTION" else None)
    assert expected in blocks(found(type, payload, facts))


@pytest.mark.parametrize(("ago", "is_lawful"), [(2, False), (7, False), (8, True), (9, True)])
def test_a_mandate_that_has_ended_began_before(ago: int, is_lawful: bool) -> None:
    # AUSCOOP art. 18 (R19): a mandate ends after it begins; this one ended eight days ago
    said = FIRST | {"mandates": [{"mandate_id": seat_of(0, SEATED), "from_on": day(ago)}]}
    refused = blocks(found("CORRECTION", said, replace(on_day(LACKS_PRESIDENT, 200), corrects=1)))
    assert refused == (set() if is_lawful else {("MANDATE_DATES", "/payload/mandates/0/from_on")})


def wrongly_ended(facts: Facts, *who: int, ago: int | None = 8) -> Facts:
    """These members have left, says a filing of two days ago, so many days ago; what is known when
    it is put right."""
    said = leaving(2, *who, facts=facts)
    if ago is not None:
        said["ends"] = [one | {"ended_on": day(ago)} for one in said["ends"]]
    left = after(facts, "CHANGE_OF_OFFICERS", said, 2)
    return replace(on_day(left, 2), corrects=len(left.happenings))


def right_end(facts: Facts, id: str, **said: Any) -> dict[str, Any]:
    wrong = facts.happenings[-1].filing_id
    return FIRST | {"corrects_filing_id": str(wrong), "ends": [{"mandate_id": id, **said}]}


FIVE = record(members=[a_member(n) for n in range(5)], capital_xof=5 * 25_000,
              officers=a_registration()["officers"][:3])  # fmt: skip
A_BIG_BOARD = record(**coop_ca())
LEFT_LATER: list[tuple[str, Facts, tuple[int, ...], int]] = [
    ("a supervisor", SEATED, (3, 4, 5), 4),
    ("a director", A_BIG_BOARD, (0, 1, 2), 1),
    ("the president of a board", A_BIG_BOARD, (0, 1, 2), 0),
    ("the treasurer, where nobody supervises", FIVE, (0, 1, 2), 2),
    ("a manager, who leaves others", SEATED, (1,), 1),
]


@pytest.mark.parametrize(
    "said", [{"ended_on": day(n)} for n in (9, 4, 1, 0)] + [{}, {"is_undone": True}]
)
@pytest.mark.parametrize(
    ("facts", "who", "last"),
    [case[1:] for case in LEFT_LATER],
    ids=[case[0] for case in LEFT_LATER],
)
@pytest.mark.parametrize("ago", [8, None])
def test_who_held_an_office_for_longer_is_never_one_too_few(
    facts: Facts, who: tuple[int, ...], last: int, ago: int | None, said: dict[str, Any]
) -> None:
    # AUSCOOP art. 178-179 gives months to an organ that is empty: told at first, it only warned
    wrong = wrongly_ended(facts, *who, ago=ago)
    right = right_end(wrong, seat_of(last, facts), **said)
    assert blocks(found("CORRECTION", right, wrong)) == set()


@pytest.mark.parametrize(
    ("said", "code"),
    [({"ended_on": TOMORROW}, "DATE_IN_FUTURE"),
     ({"ended_on": day(11)}, "MANDATE_DATES"),
     ({"ended_on": day(3), "is_undone": True}, "END_NOT_EXPECTED")],
)  # fmt: skip
def test_a_right_end_lies_between_the_beginning_and_today_or_nowhere(
    said: dict[str, Any], code: str
) -> None:
    # AUSCOOP art. 18 (R19)
    wrong = wrongly_ended(SEATED, 1)
    refused = blocks(found("CORRECTION", right_end(wrong, seat_of(1, SEATED), **said), wrong))
    assert refused == {(code, "/payload/ends/0/ended_on")}


def of_another_form(facts: Facts, form: str, ago: int, *elected: int) -> Facts:
    """What is known once that became another form, with directors elected besides."""
    seats = {
        str(uuid4()): {"member_id": f"m{n}", "organ": "MANAGING", "function": "MEMBER",
                       "from_on": day(ago), "to_on": None}
        for n in elected
    }  # fmt: skip
    made = [Change(Part.FIELD, "legal_form", form)]
    made += [Change(Part.MANDATE, id, one) for id, one in seats.items()]
    one = Happening(uuid4(), len(facts.happenings) + 1, TODAY - timedelta(days=ago), made)
    return replace(facts, happenings=(*facts.happenings, one))


A_COMMITTEE = record(**coop_ca(legal_form="SCOOPS", name="Jappoo SCOOPS"))
FOUR_DIRECT = record(**coop_ca(officers=[
    an_officer(n, "MANAGING", "PRESIDENT" if n == 0 else "MEMBER") for n in range(4)
]))  # fmt: skip
UNDONE_ACROSS: list[tuple[str, Facts, dict[str, Any], str, tuple[int, ...], set[str]]] = [
    ("four direct a COOP-CA", A_COMMITTEE, {}, "COOP_CA", (5,), set()),
    ("four manage what is a SCOOPS now", FOUR_DIRECT, {}, "SCOOPS", (), {"COMMITTEE_SIZE"}),
    ("four managed what was a SCOOPS", A_COMMITTEE, {"mandates": seat_for(4, "MANAGING")},
     "COOP_CA", (5,), {"COMMITTEE_SIZE"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "said", "form", "elected", "codes"),
    [case[1:] for case in UNDONE_ACROSS],
    ids=[case[0] for case in UNDONE_ACROSS],
)
def test_each_day_is_held_against_the_law_of_its_form(
    facts: Facts, said: dict[str, Any], form: str, elected: tuple[int, ...], codes: set[str]
) -> None:
    # AUSCOOP art. 223: three manage a SCOOPS (R11); art. 292: three to twelve a COOP-CA (R13)
    left = after(facts, "CHANGE_OF_OFFICERS", leaving(9, 1, facts=facts, **said), 9)
    known = replace(on_day(of_another_form(left, form, 5, *elected), 9), corrects=2)
    wrong = str(left.happenings[-1].filing_id)
    right = right_end(left, seat_of(1, facts), is_undone=True) | {"corrects_filing_id": wrong}
    refused = {code for code, at in blocks(found("CORRECTION", right, known)) if "/ends" in at}
    assert refused == codes


@pytest.mark.parametrize("said", [{"ended_on": day(3)}, {"ended_on": day(0)}, {"is_undone": True}])
def test_nobody_presides_beside_who_was_elected_since(said: dict[str, Any]) -> None:
    # AUSCOOP art. 223: exactly one president (R12)
    two = record(officers=[one for n, one in enumerate(a_registration()["officers"]) if n != 1])
    elected = A_PRESIDENT | {"ends": [{"mandate_id": seat_of(0, two), "ended_on": day(8)}]}
    wrong = replace(on_day(after(two, "CHANGE_OF_OFFICERS", elected, 4), 4), corrects=2)
    right = right_end(wrong, seat_of(0, two), **said)
    refused = blocks(found("CORRECTION", right, wrong))
    assert refused == {("PRESIDENT_REQUIRED", "/payload/ends")}
    # unless that is put right, too: who was elected does not preside
    both = right | {"mandates": [{"mandate_id": seat_of(6, wrong), "function": "MEMBER"}]}
    refused = blocks(found("CORRECTION", both, wrong))
    lacking = {("PRESIDENT_REQUIRED", "/payload")}  # once the first has left, after all
    assert refused == (lacking if said.get("ended_on") else set())


@pytest.mark.parametrize("terms", [{}, {"is_linked": True}, {"is_linked": None}])
@pytest.mark.parametrize("more", [{}, {"fields": {"object": "Élevage"}}])
def test_a_mandate_of_which_nothing_is_said_again_is_not_put_right(
    terms: dict[str, Any], more: dict[str, Any]
) -> None:
    said = FIRST | more | {"mandates": [{"mandate_id": SEAT, **terms}]}
    facts = replace(on_day(SEATED, 200), corrects=1)
    refused = blocks(found("CORRECTION", said, facts))
    assert refused == {("NOTHING_CHANGES", "/payload/mandates/0")}


ORDERED = {"measure": "PROVISIONAL_ADMINISTRATION", "court": "TGI", "reference": "1/2026"}
OPINION = {"measure": "EXPERTISE", "court": "TGI", "reference": "2/2026"}


def of_old(*orders: tuple[int, dict[str, str]]) -> Facts:
    """A record of which courts ordered that so many days ago, kept as it was while there was one
    field for every order."""
    said = [
        Happening(
            uuid4(), n, TODAY - timedelta(days=ago),
            changes_of([{"part": "FIELD", "key": "court_order", "value": order}]),
        )
        for n, (ago, order) in enumerate(orders, start=2)
    ]  # fmt: skip
    return replace(SEATED, happenings=(*SEATED.happenings, *said))


def held(facts: Facts, *days: int) -> list[Any]:
    """The administration so many days ago, as the law sees it and as anyone does."""
    found = [administration_of(on_day(facts, ago).state) for ago in days]
    shown = [public_view(uuid4(), on_day(facts, ago).state, defaultdict(dict)) for ago in days]
    assert [one["provisional_administration"] for one in shown] == found
    return found


BOARD = record(**coop_ca())
LEAVES: list[tuple[str, Facts, tuple[int, ...], str, str]] = [
    ("the president", SEATED, (0,), "PRESIDENT_REQUIRED", "AUSCOOP art. 223"),
    ("everybody", SEATED, tuple(range(6)), "PRESIDENT_REQUIRED", "AUSCOOP art. 223"),
    ("one of three directors", BOARD, (1,), "BOARD_SIZE", "AUSCOOP art. 292"),
    ("one of three supervisors", SEATED, (4,), "SUPERVISION_SIZE", "AUSCOOP art. 258"),
]


@pytest.mark.parametrize(
    ("facts", "who", "code", "law"), [case[1:] for case in LEAVES], ids=[case[0] for case in LEAVES]
)
def test_who_dies_or_resigns_has_left_before_anybody_follows(
    facts: Facts, who: tuple[int, ...], code: str, law: str
) -> None:
    # AUSCOOP art. 178-179 gives months to an organ that is empty, R26 thirty days to the change
    findings = found("CHANGE_OF_OFFICERS", leaving(0, *who, facts=facts), facts)
    assert ("WARN", code, "/payload/mandates", law) in findings
    assert blocks(findings) == set()


def electing(n: int, *gone: int, facts: Facts, organ: str = "MANAGING") -> dict[str, Any]:
    """Member `n` is elected; `gone` are no longer in office."""
    ends = {} if gone else {"ends": None}
    return leaving(0, *gone, facts=facts, mandates=seat_for(n, organ, from_on=day(0))) | ends


TWO_LEFT = after(BOARD, "CHANGE_OF_OFFICERS", leaving(4, 2, facts=BOARD), 4)
ONE_LEFT = after(BOARD, "CHANGE_OF_OFFICERS", leaving(4, 1, 2, facts=BOARD), 4)
NONE_LEFT = after(BOARD, "CHANGE_OF_OFFICERS", leaving(4, 0, 1, 2, facts=BOARD), 4)
NO_SUPERVISOR_LEFT = after(SEATED, "CHANGE_OF_OFFICERS", leaving(4, 3, 4, 5), 4)
A_SUPERVISOR_LEFT = after(SEATED, "CHANGE_OF_OFFICERS", leaving(4, 3, 4), 4)
ELECTIONS: list[tuple[str, Facts, tuple[int, ...], str, str, str]] = [
    ("one director, then two", ONE_LEFT, (), "MANAGING", "BOARD_SIZE", "WARN"),
    ("one supervisor, then two", A_SUPERVISOR_LEFT, (), "SUPERVISORY", "SUPERVISION_SIZE", "WARN"),
    ("no supervisor, then one", NO_SUPERVISOR_LEFT, (), "SUPERVISORY", "SUPERVISION_SIZE", "WARN"),
    ("three directors, then two", BOARD, (1, 2), "MANAGING", "BOARD_SIZE", "BLOCK"),
    ("two directors, then one", TWO_LEFT, (0, 1), "MANAGING", "BOARD_SIZE", "BLOCK"),
]


@pytest.mark.parametrize(
    ("facts", "gone", "organ", "code", "severity"),
    [case[1:] for case in ELECTIONS],
    ids=[case[0] for case in ELECTIONS],
)
def test_who_is_elected_into_a_vacancy_may_leave_another(
    facts: Facts, gone: tuple[int, ...], organ: str, code: str, severity: str
) -> None:
    # AUSCOOP art. 292: three directors at least (R13); art. 258: three supervisors (R14)
    now = on_day(facts, 0)
    findings = found("CHANGE_OF_OFFICERS", electing(6, *gone, facts=now, organ=organ), now)
    asked = {one[0] for one in findings if one[1:3] == (code, "/payload/mandates")}
    assert asked == {severity}
    assert (blocks(findings) == set()) == (severity == "WARN")


def test_a_board_that_everybody_left_may_be_filled_one_by_one() -> None:
    # AUSCOOP art. 178-179 gives months to an organ that is empty; art. 292: three at least (R13)
    now = on_day(NONE_LEFT, 0)
    presides = electing(6, facts=now, organ="MANAGING")
    presides["mandates"][0]["function"] = "PRESIDENT"
    findings = found("CHANGE_OF_OFFICERS", presides, now)
    assert ("WARN", "BOARD_SIZE", "/payload/mandates", "AUSCOOP art. 292") in findings
    assert blocks(findings) == set()


def sitting(n: int, *more: int, organ: str = "MANAGING", ago: int = 0) -> list[dict[str, Any]]:
    """Members who are elected that many days ago; the first of those who manage presides."""
    seats = [{**seat_for(k, organ)[0], "from_on": day(ago)} for k in (n, *more)]
    seats[0]["function"] = "PRESIDENT" if organ == "MANAGING" else "MEMBER"
    return seats


def corrected(facts: Facts, n: int, **right: Any) -> Facts:
    """What the register knows once a mandate that the last filing entered is put right."""
    last, id = facts.happenings[-1], seat_of(n, facts)
    value = {**facts.state.mandates[id], **right}
    one = Happening(uuid4(), last.revision + 1, last.effective_on,
                    [Change(Part.MANDATE, id, value)], last.revision)  # fmt: skip
    return replace(facts, happenings=(*facts.happenings, one))


UNNAMED = record(**coop_ca(officers=[]))
SEATED_LATER = after(UNNAMED, "CHANGE_OF_OFFICERS",
                     {"decided_on": day(10), "mandates": sitting(0, 1, 2, ago=10)}, 10)  # fmt: skip
AUDITED = association(officers=[*managers(3), an_officer(3, "SUPERVISORY", "MEMBER")])
PASSED = after(AUDITED, "TRANSFORMATION",
               succession(ends=[{"mandate_id": seat_of(3, AUDITED)}]), 4)  # fmt: skip
A_SUPERVISOR_ENTERED = after(record(officers=managers(2)), "CHANGE_OF_OFFICERS",
                             {"mandates": sitting(3, organ="SUPERVISORY", ago=6)}, 6)  # fmt: skip
WRONGLY_SEATED = corrected(on_day(A_SUPERVISOR_ENTERED, 0), 3, organ="MANAGING")
NEVER_HELD: list[tuple[str, Facts, int, str, str]] = [
    ("nobody had ever managed", UNNAMED, 15, "MANAGING", "BOARD_SIZE"),
    ("nobody had managed yet", SEATED_LATER, 15, "MANAGING", "BOARD_SIZE"),
    ("only under another form", PASSED, 2, "SUPERVISORY", "SUPERVISION_SIZE"),
    ("only as it was wrongly entered", WRONGLY_SEATED, 2, "SUPERVISORY", "SUPERVISION_SIZE"),
]


@pytest.mark.parametrize(
    ("facts", "ago", "organ", "code"),
    [case[1:] for case in NEVER_HELD],
    ids=[case[0] for case in NEVER_HELD],
)
def test_nobody_left_an_organ_that_nobody_held(
    facts: Facts, ago: int, organ: str, code: str
) -> None:
    # AUSCOOP art. 292: three directors at least (R13); art. 258: three supervisors (R14)
    said = {"decided_on": day(ago), "mandates": sitting(6, organ=organ, ago=ago)}
    refused = blocks(found("CHANGE_OF_OFFICERS", said, on_day(facts, ago)))
    assert (code, "/payload/mandates") in refused


def test_what_two_filings_may_say_one_may() -> None:
    # AUSCOOP art. 178-179 gives months to an organ that is empty; art. 292: three at least (R13)
    ends = [{"mandate_id": seat_of(n, BOARD), "ended_on": day(8)} for n in range(3)]
    left = after(BOARD, "CHANGE_OF_OFFICERS", {"decided_on": day(8), "ends": ends}, 8)
    elected = {"decided_on": day(0), "mandates": sitting(6)}
    two = found("CHANGE_OF_OFFICERS", elected, on_day(left, 0))
    one = found("CHANGE_OF_OFFICERS", elected | {"ends": ends}, BOARD)
    assert one == two
    assert ("WARN", "BOARD_SIZE", "/payload/mandates", "AUSCOOP art. 292") in one
    # who leaves today leaves nothing for anybody to fill
    today = [one | {"ended_on": day(0)} for one in ends]
    said = elected | {"ends": today}
    assert ("BOARD_SIZE", "/payload/mandates") in blocks(found("CHANGE_OF_OFFICERS", said, BOARD))
    # what is lacking since is told, though it was nobody's to fill with this filing
    gone = {"decided_on": day(0), "ends": ends[1:2], "mandates": sitting(6, organ="SUPERVISORY")}
    findings = found("CHANGE_OF_OFFICERS", gone, BOARD)
    assert ("WARN", "BOARD_SIZE", "/payload/mandates", "AUSCOOP art. 292") in findings
    assert blocks(findings) == set()


@pytest.mark.parametrize("ground", ["DUPLICATE_RECORD", "COURT_DECISION"])
@pytest.mark.parametrize("closure", [{}, {"published_in": "Le Soleil"}, {"published_on": day(9)}])
def test_a_closure_proves_no_other_ground(ground: str, closure: dict[str, str]) -> None:
    # AUSCOOP art. 183-184: only a liquidation is closed by a publication
    proof = {"judgment": JUDGMENT if ground == "COURT_DECISION" else None, "closure": closure}
    said = without("STRIKE_OFF", ground=ground, decided_on=day(1), **proof)
    refused = blocks(found("STRIKE_OFF", said, record()))
    assert refused == {("STRIKE_OFF_GROUND", "/payload/closure")}
    declared = StrikeOff.model_validate_json(json.dumps(said))
    assert (declared.holds_from, declared.not_before) == (declared.decided_on,) * 2


@pytest.mark.parametrize("judgment", [{}, JUDGMENT])
def test_no_judgment_ends_a_record_that_exists_twice(judgment: dict[str, str]) -> None:
    # AUSCOOP art. 178-179: what a court ends is no second record of what lives on
    said = without("STRIKE_OFF", ground="DUPLICATE_RECORD", judgment=judgment)
    refused = blocks(found("STRIKE_OFF", said, record()))
    assert refused == {("STRIKE_OFF_GROUND", "/payload/judgment")}
    assert found("STRIKE_OFF", without("STRIKE_OFF", ground="DUPLICATE_RECORD", judgment=None),
                 record()) == []  # fmt: skip


@pytest.mark.parametrize("form", LegalForm)
def test_only_the_closure_of_a_cooperative_is_published(form: LegalForm) -> None:
    # AUSCOOP art. 183-184; an association is no société coopérative (LOESS art. 2-3)
    facts = record({"life": "IN_LIQUIDATION"}, legal_form=form.value)
    closing = without("LIQUIDATION_CLOSE", closure=None)
    striking = without("STRIKE_OFF", ground="LIQUIDATION_CLOSED", judgment=None)
    unpublished = {
        ("CLOSURE_NOT_PUBLISHED", f"/payload/closure/published_{how}") for how in ("in", "on")
    }
    for type, said in (("LIQUIDATION_CLOSE", closing), ("STRIKE_OFF", striking)):
        refused = blocks(found(type, said, facts))
        assert refused == (set() if form == LegalForm.AER else unpublished), type
        declared: Any = FORMALITIES[FilingType(type)].payload.model_validate_json(json.dumps(said))
        assert declared.holds_from == declared.decided_on
    published = replace(facts, effective_on=PUBLISHED)
    assert found("LIQUIDATION_CLOSE", without("LIQUIDATION_CLOSE"), published) == []
    assert found("STRIKE_OFF", closed(), published) == []


def test_what_ends_an_association_is_declared_within_thirty_days_of_the_decision() -> None:
    said = without("LIQUIDATION_CLOSE", closure=None, decided_on=day(31))
    facts = replace(association({"life": "IN_LIQUIDATION"}), effective_on=TODAY)
    assert found("LIQUIDATION_CLOSE", said, facts) == [
        ("WARN", "LATE_MODIFICATION", "/payload/decided_on", "AUSCOOP (modification du dossier)")
    ]


@pytest.mark.parametrize(
    ("facts", "who", "is_complete"),
    [(SEATED, (), True), (SEATED, (1, 2), True), (SEATED, (0,), False), (SEATED, (0, 1, 2), False),
     (SEATED, (4,), False), (SEATED, (4, 5), False),
     (BOARD, (), True), (BOARD, (2,), False), (BOARD, (0, 1, 2), False)],
)  # fmt: skip
def test_who_has_left_is_missing_in_an_organ(
    facts: Facts, who: tuple[int, ...], is_complete: bool
) -> None:
    # AUSCOOP art. 223: one president (R12); art. 292: three directors at least (R13); art. 258:
    # three supervisors (R14)
    left = after(facts, "CHANGE_OF_OFFICERS", leaving(0, *who, facts=facts), 0)
    assert are_held(left) == is_complete


def are_held(facts: Facts, ago: int = 0) -> bool:
    """Whether the organs are complete, so many days ago."""
    state = state_on(facts.happenings, TODAY - timedelta(days=ago))
    law = Law(ON, str(state.fields["legal_form"]))
    return organs_are_held(as_registration(state), law, TODAY - timedelta(days=ago))


PAST, LAST, COMING = {"to_on": day(1)}, {"to_on": day(0)}, {"from_on": day(-1)}
ORGANS: list[tuple[str, Facts, bool]] = [
    # art. 292: a board of three; no confirmed text asks a COOP-CA for supervisors (R15 is off)
    ("COOP_CA: a board", BOARD, True),
    ("COOP_CA: two directors", record(**coop_ca(officers=managers(2))), False),
    # no text asks an association or an apex body for supervisors
    ("AER: three managers", association(officers=managers(3)), True),
    ("AER: one auditor", association(officers=[*managers(1), an_officer(3, "SUPERVISORY", "X")]),
     True),
    ("AER: nobody presides", association(officers=managers(3)[1:]), False),
    ("UNION: two delegates manage", record(**an_apex()), True),
    ("FEDERATION: two delegates manage", record(**an_apex("FEDERATION")), True),
    # art. 257-258: a SCOOPS has three supervisors as soon as the number of members allows
    ("SCOOPS: nobody supervises", record(officers=managers(3)), False),
    ("SCOOPS: too few who could", record(officers=managers(3), members=[a_member(n) for n in
                                                                        range(5)]), True),
    ("SCOOPS: as many as could", record(officers=managers(3), members=[a_member(n) for n in
                                                                       range(6)]), False),
    # art. 18-9: a mandate lasts as long as it was given for, its last day included
    ("the terms of a board passed", record(**coop_ca(officers=managers(3, **PAST))), False),
    ("they pass today", record(**coop_ca(officers=managers(3, **LAST))), True),
    ("one of four passed", record(**coop_ca(officers=[*managers(3), an_officer(3, "MANAGING", "X")
                                                      | PAST])), True),
    ("who was elected begins later", record(**coop_ca(officers=managers(3, **COMING))), True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "is_complete"), [case[1:] for case in ORGANS], ids=[case[0] for case in ORGANS]
)
def test_no_form_is_asked_for_an_organ_that_the_law_does_not_ask_of_it(
    facts: Facts, is_complete: bool
) -> None:
    assert are_held(facts) == is_complete


def test_too_many_are_refused_whoever_leaves() -> None:
    # AUSCOOP art. 223: exactly one president (R12)
    several = record(officers=[an_officer(n, "MANAGING", "PRESIDENT") for n in range(3)])
    findings = found("CHANGE_OF_OFFICERS", leaving(0, 0, facts=several), several)
    assert ("PRESIDENT_REQUIRED", "/payload/mandates") in blocks(findings)


def test_an_administration_said_as_the_last_order_alone_outlives_the_next() -> None:
    facts = of_old((8, ORDERED), (6, OPINION))
    assert held(facts, 9, 8, 7, 5) == [None, ORDERED, ORDERED, ORDERED]
    other = without("COURT_ORDER", measure="OTHER", decided_on=day(3))
    facts = after(facts, "COURT_ORDER", other, 3)
    assert held(facts, 7, 5, 1) == [ORDERED] * 3
    end = without("COURT_ORDER", measure="END_OF_ADMINISTRATION", decided_on=day(1))
    assert found("COURT_ORDER", end, on_day(facts, 1)) == []
    facts = after(facts, "COURT_ORDER", end, 1)
    assert held(facts, 5, 2, 1, 0) == [ORDERED, ORDERED, None, None]
    twice = blocks(found("COURT_ORDER", end | {"decided_on": day(0)}, on_day(facts, 0)))
    assert twice == {("STATUS_STEP_NOT_OPEN", "/payload/measure")}


def test_such_an_administration_is_ended_for_good_by_a_late_filing() -> None:
    facts = after(of_old((9, ORDERED)), "COURT_ORDER", without("COURT_ORDER", measure="OTHER"), 3)
    end = without("COURT_ORDER", measure="END_OF_ADMINISTRATION", decided_on=day(6))
    assert found("COURT_ORDER", end, on_day(facts, 6)) == []
    facts = after(facts, "COURT_ORDER", end, 6)
    assert held(facts, 10, 9, 7, 6, 3, 0) == [None, ORDERED, ORDERED, None, None, None]


def test_an_admission_takes_effect_until_the_last_day_of_three_months() -> None:
    # AUSCOOP art. 10 (R38): on the request, or at most three months later
    for requested, on, is_lawful in (
        ("2026-02-01", date(2026, 2, 1), True), ("2026-02-01", date(2026, 5, 1), True),
        ("2026-04-30", date(2026, 7, 30), True), ("2026-04-30", date(2026, 7, 31), False),
    ):  # fmt: skip
        said = {"admissions": [a_member(8) | {"requested_on": requested}]}
        facts = replace(record(), effective_on=on)
        codes = {code for _, code, _, _ in found("CHANGE_OF_MEMBERSHIP", said, facts)}
        assert ("ADMISSION_EFFECT_DATE" not in codes) == is_lawful


def test_every_blocking_rule_that_binds_is_quoted_by_a_test() -> None:
    from tests.registry import test_rules

    quoted = {(case[4], case[6]) for case in BLOCKED}
    quoted |= {(case[2], case[4]) for case in test_rules.BLOCKED}
    apart = {
        "COMMUNE_UNKNOWN", "NAME_ALREADY_USED", "SEAT_LEFT_AUTHORITY", "MEMBER_DUPLICATE",
        "MANDATE_DATES", "ELECTION_EVIDENCE_MISSING",
    }  # fmt: skip  # each has a test of its own in test_rules or over HTTP
    binding = {(row.code, row.law_ref) for row in ON if row.severity == "BLOCK"}
    assert {pair for pair in binding if pair[0] not in apart} <= quoted


WARNED: list[tuple[str, str, dict[str, Any], Facts, str, str, str | None]] = [
    ("art. 18: nobody said what the statutes contain", "REGISTRATION",
     a_registration(statutes_items=None), knowing(), "STATUTES_NOT_DECLARED",
     "/payload/statutes_items", "AUSCOOP art. 18"),
    ("art. 10: nobody said who signed", "REGISTRATION",
     a_registration(members=[a_member(n, signed=None) for n in range(7)]), knowing(),
     "SIGNATURES_NOT_DECLARED", "/payload/members", "AUSCOOP art. 10; art. 18"),
    ("art. 10: nobody said when who enters asked for it", "CHANGE_OF_MEMBERSHIP",
     {"decided_on": day(0), "capital_xof": 9 * 25_000,
      "admissions": [a_member(8, requested_on=day(0)), a_member(9)]}, record(),
     "ADMISSION_REQUEST_NOT_DECLARED", "/payload/admissions/1/requested_on", "AUSCOOP art. 10"),
    ("art. 6: a bond is a trade, and no sex", "REGISTRATION",
     a_registration(common_bond="Groupement réservé aux femmes"), knowing(),
     "DISCRIMINATORY_BOND", "/payload/common_bond", "AUSCOOP art. 6"),
    ("art. 6: also when it changes", "CHANGE_OF_BYLAWS",
     {"decided_on": day(3), "common_bond": "Militants du même parti politique"}, record(),
     "DISCRIMINATORY_BOND", "/payload/common_bond", "AUSCOOP art. 6"),
    ("art. 110: six months for the assembly", "ANNUAL_RETURN",
     a_return() | {"year_end_on": f"{TODAY.year - 2}-12-31",
                   "assembly_on": f"{TODAY.year - 1}-07-01"},
     replace(record(), effective_on=None), "AGO_LATE", "/payload/assembly_on", "AUSCOOP art. 110"),
    ("the check digit of a NINEA", "REGISTRATION",
     a_registration(identifiers=[{"scheme": "NINEA", "number": "3067222"}]), knowing(),
     "NINEA_CHECKSUM", "/payload/identifiers/0/number", None),
    ("a change is declared within thirty days", "CHANGE_OF_BYLAWS",
     {"decided_on": day(31), "duration_years": 50}, record(), "LATE_MODIFICATION",
     "/payload/decided_on", "AUSCOOP (modification du dossier)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("type", "payload", "facts", "expected"),
    [(*case[1:4], case[4:]) for case in WARNED],
    ids=[case[0] for case in WARNED],
)
def test_what_only_warns_lets_the_filing_through(
    type: str, payload: dict[str, Any], facts: Facts, expected: tuple[str, str, str | None]
) -> None:
    findings = found(type, payload, facts)
    assert ("WARN", *expected) in findings
    assert blocks(findings) == set()


def test_limits_are_met_and_not_passed() -> None:
    """On the last lawful franc, day and person, nothing is found."""
    capital = a_registration()["capital_xof"]
    full = a_return(general_reserve_before_xof=capital, to_general_reserve_xof=0,
                    training_reserve_before_xof=capital - 5, to_training_reserve_xof=5,
                    to_optional_reserve_xof=20_000)  # fmt: skip
    assert found("ANNUAL_RETURN", full, record()) == []
    at_limit = {"assembly_on": f"{TODAY.year}-06-30"}
    if date(TODAY.year, 6, 30) <= TODAY:
        assert (
            found("ANNUAL_RETURN", a_return() | at_limit, replace(record(), effective_on=None))
            == []
        )
    thousand = record(**coop_ca(members=15) | {"members": BIG[:1000], "capital_xof": 25_000_000})
    big = a_return(turnover_xof=10**9, balance_sheet_xof=10**9)
    assert "AUDITOR_REQUIRED" not in {
        code for _, code, _, _ in found("ANNUAL_RETURN", big, thousand)
    }
    quarter = {"members": [a_member(n, paid_xof=6250) for n in range(15)]}
    assert found("REGISTRATION", a_registration(**coop_ca() | quarter), knowing()) == []


def test_every_finding_comes_at_once() -> None:
    wrong = {"decided_on": (TODAY + timedelta(days=2)).isoformat(), "reason": "COURT_DECISION"}
    assert blocks(found("DISSOLUTION", wrong, record())) >= {
        ("DATE_IN_FUTURE", "/payload/decided_on"),
        ("LIQUIDATION_INCOMPLETE", "/payload/court"),
        ("LIQUIDATION_INCOMPLETE", "/payload/judgment_reference"),
        ("LIQUIDATION_INCOMPLETE", "/payload/liquidator"),
    }


@pytest.mark.parametrize("type", [t for t in FilingType if t != FilingType.REGISTRATION])
def test_an_empty_draft_is_findings_and_not_a_crash(type: FilingType) -> None:
    assert blocks(found(type, {}, record()))
    assert isinstance(changes(type, {}, record()), dict)


@pytest.mark.parametrize(
    "type", [t for t in FilingType if t not in (FilingType.REGISTRATION, FilingType.CORRECTION)]
)
def test_nothing_takes_effect_before_the_record_or_in_the_future(type: FilingType) -> None:
    # ADR 33; a registration begins the record, a correction holds from the day of what was wrong
    early = Happening(uuid4(), 2, BEGAN - timedelta(days=9), [])
    facts = replace(record(), happenings=(*record().happenings, early))
    before = replace(facts, effective_on=BEGAN - timedelta(days=1))
    later = replace(facts, effective_on=TODAY + timedelta(days=1))
    place = "/effective_on"
    assert ("EFFECTIVE_BEFORE_REGISTRATION", place) in blocks(found(type, {}, before))
    assert ("DATE_IN_FUTURE", place) in blocks(found(type, {}, later))


def test_a_step_said_too_early_is_refused_for_what_follows() -> None:
    facts = record()
    later = Happening(uuid4(), 2, TODAY, [Change(Part.FIELD, "cps_status", "SUSPENDED")])
    recognised = Happening(
        uuid4(), 3, TODAY - timedelta(days=20), [Change(Part.FIELD, "cps_status", "RECOGNISED")]
    )
    facts = replace(
        facts,
        happenings=(*facts.happenings, later, recognised),
        state=facts.state.after(recognised.changes),
        effective_on=TODAY - timedelta(days=10),
    )
    withdrawn = without("CPS_WITHDRAWAL", decided_on=day(10))
    assert ("STATUS_STEP_TOO_EARLY", "/effective_on") in blocks(
        found("CPS_WITHDRAWAL", withdrawn, facts)
    )


def test_a_federation_counts_unions_and_may_affiliate_cooperatives() -> None:
    assert found("REGISTRATION", an_apex("FEDERATION", (A, C, D)), knowing()) == []


def test_cooperatives_join_and_leave_a_union() -> None:
    here = [{"cooperative_id": id, "shares": 1, "delegates": []} for id in (A, B)]
    union = record({"affiliates": here}, **{**an_apex(), "founders": None})
    union = replace(union, peers={A: SCOOPS, B: SCOOPS, C: SCOOPS})
    people = [a_member(20 + n, delegate_of=C, shares=None) for n in range(3)]
    joins = {"decided_on": day(0), "joins": [{"cooperative_id": C}], "admissions": people}
    assert found("CHANGE_OF_MEMBERSHIP", joins, union) == []
    made = changes("CHANGE_OF_MEMBERSHIP", joins | {"leaves": [A]}, union)["affiliates"]
    assert [one["cooperative_id"] for one in made] == [B, C]
    assert len(made[1]["delegates"]) == 3
    alone = blocks(found("CHANGE_OF_MEMBERSHIP", {"decided_on": day(0), "leaves": [A]}, union))
    assert ("APEX_MEMBERS_BELOW_MINIMUM", "/payload/leaves") in alone
    few = blocks(found("CHANGE_OF_MEMBERSHIP", joins | {"admissions": people[:2]}, union))
    assert ("DELEGATES_BELOW_MINIMUM", "/payload/joins/0/cooperative_id") in few


def test_what_is_entered_says_what_was_filed() -> None:
    facts = record()
    rsc = changes("RSC_ATTESTATION", without("RSC_ATTESTATION"), facts)
    assert rsc["legal_registration"] == "REGISTERED"
    assert rsc["rsc"] == {"number": "RSC 12/2026", "authority": "Préfecture", "issued_on": day(3)}
    ess = changes("ESS_AGREEMENT", without("ESS_AGREEMENT"), facts)
    assert (ess["ess_status"], ess["ess_agreement.number"]) == ("GRANTED", "ESS-17")
    ended = changes("DISSOLUTION", without("DISSOLUTION"), facts)
    assert ended["liquidation.mention"] == "société en liquidation"
    assert ended["liquidation.liquidator"] == "Awa Ndiaye"
    order = without("COURT_ORDER", measure="STRIKE_OFF")
    assert changes("COURT_ORDER", order, facts)["life"] == "STRUCK_OFF"
    returned = changes("ANNUAL_RETURN", a_return(), facts)
    assert returned[f"returns.{TODAY.year - 1}"]["year_end_on"] == f"{TODAY.year - 1}-12-31"


def test_a_record_is_struck_off_once_the_closure_of_its_liquidation_is_published() -> None:
    # AUSCOOP art. 183-184: personality survives to the publication of the closure
    facts = about("LIQUIDATION_CLOSE")
    assert found("STRIKE_OFF", closed(), facts) == []
    # on the day of the publication, and of what is dissolved and closed on one day
    begun = replace(DISSOLVED, effective_on=TODAY - timedelta(days=8))
    assert found("STRIKE_OFF", closed(published_on=day(8)), begun) == []
    on_its_day = closed(published_on=day(5)) | {"decided_on": day(5)}
    assert found("STRIKE_OFF", on_its_day, replace(DISSOLVED, effective_on=FIVE_AGO)) == []
    assert changes("STRIKE_OFF", closed(), facts)["struck_off"] == {
        "ground": "LIQUIDATION_CLOSED",
        "published_in": "Le Soleil, n° 16 402",
        "published_on": day(2),
    }


def test_a_closure_is_declared_within_thirty_days_of_its_publication() -> None:
    # AUSCOOP art. 183-184: nothing has ended before; R26: thirty days
    closed_long_ago = without("LIQUIDATION_CLOSE", decided_on=day(150))
    assert found("LIQUIDATION_CLOSE", closed_long_ago, about("LIQUIDATION_CLOSE")) == []
    published = {"published_in": "Le Soleil, n° 16 402", "published_on": day(31)}
    late = replace(about("LIQUIDATION_CLOSE"), effective_on=TODAY - timedelta(days=31))
    assert found("LIQUIDATION_CLOSE", closed_long_ago | {"closure": published}, late) == [
        ("WARN", "LATE_MODIFICATION", "/payload/closure/published_on",
         "AUSCOOP (modification du dossier)")
    ]  # fmt: skip


def elected_since(facts: Facts, n: int, organ: str) -> Facts:
    """A legal person took the place of member `n` two days ago, as the form of that day allows;
    the next filing takes effect five days ago."""
    seat = {"mandates": seat_for(6, organ, from_on=day(2)), "decided_on": day(2)}
    said = seat | {"ends": [{"mandate_id": seat_of(n, facts)}]}
    facts = replace(facts, legal_members=frozenset({"m6"}))
    assert blocks(found("CHANGE_OF_OFFICERS", said, on_day(facts, 2))) == set()
    return on_day(after(facts, "CHANGE_OF_OFFICERS", said, 2), 5)


SEATED_SINCE: list[tuple[str, dict[str, Any], Facts, str, str]] = [
    ("art. 296: a director who is a legal person is represented", a_transformation(),
     elected_since(A_BOARD, 2, "MANAGING"), "REPRESENTATIVE_REQUIRED", "AUSCOOP art. 296"),
    ("art. 258: a legal person supervises no SCOOPS", succession(),
     elected_since(association(), 3, "SUPERVISORY"), "SUPERVISOR_NOT_NATURAL", "AUSCOOP art. 258"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "facts", "code", "law"),
    [case[1:] for case in SEATED_SINCE],
    ids=[case[0] for case in SEATED_SINCE],
)
def test_a_transformation_of_an_earlier_day_sees_who_sits_since(
    said: dict[str, Any], facts: Facts, code: str, law: str
) -> None:
    findings = found("TRANSFORMATION", said, facts)
    assert ("BLOCK", code, "/payload/mandates", law) in findings


def test_a_mandate_that_a_transformation_ends_was_held_until_it_ended() -> None:
    left = seat_of(2, A_BOARD)
    said = a_transformation(
        ends=[{"mandate_id": left, "ended_on": day(8)}], mandates=seat_for(3, "MANAGING")
    )
    assert found("TRANSFORMATION", said, A_BOARD) == []
    done = after(A_BOARD, "TRANSFORMATION", said, 0)
    assert left in on_day(done, 9).state.mandates
    assert left not in on_day(done, 8).state.mandates
    assert on_day(done, 8).state.fields["legal_form"] == "SCOOPS"


def test_an_association_that_becomes_a_cooperative_says_what_it_succeeds_to() -> None:
    facts, said = association(), succession()
    assert found("TRANSFORMATION", said, facts) == []
    made = changes("TRANSFORMATION", said, facts)
    assert made["succession"] == {"from_form": "AER", "on": TODAY.isoformat()}
    assert (made["legal_form"], made["legal_registration"]) == ("SCOOPS", "REGISTERED")


def test_a_transformation_states_what_was_lacking_and_ends_what_a_cooperative_has_not() -> None:
    # AUSCOOP art. 74, 77: a cooperative is on one register only (R31)
    facts = association({"object": None, "sector_codes": []}, **RCCM)
    told = {"object": "Vente de noix de cajou", "sector_codes": ["FIL-ANACARDE"]}
    said = succession(ended_identifiers=["RCCM"], **told)
    assert found("TRANSFORMATION", said, facts) == []
    done = on_day(after(facts, "TRANSFORMATION", said, 0), 0).state.fields
    assert told.items() <= done.items()
    assert done["identifiers"] == {}


def a_rule(code: str, **changed: Any) -> LawRule:
    row = next(row for row in ROWS if row.code == code)
    return LawRule(**row.model_dump() | changed)


def test_a_parameter_turned_on_binds_without_a_line_of_code() -> None:
    rate = a_rule("SHARE_INTEREST_RATE", value="350", is_on=True, confidence="B")
    paid = a_return(paid_up_capital_xof=100_000, share_interest_xof=3_501)
    assert found("ANNUAL_RETURN", paid, record()) == []
    codes = {code for _, code, _, _ in found("ANNUAL_RETURN", paid, record(), [*ON, rate])}
    assert codes == {"SHARE_INTEREST_RATE"}
    many = a_rule("MULTI_PRESIDENT", is_on=True)
    facts = replace(knowing(), presidencies=2)
    assert found("REGISTRATION", a_registration(), facts) == []
    codes = {code for _, code, _, _ in found("REGISTRATION", a_registration(), facts, [*ON, many])}
    assert codes == {"MULTI_PRESIDENT"}


def test_what_may_be_off_can_be_switched_off() -> None:
    lenient = [row for row in ON if row.code != "RCCM_NOT_ALLOWED"]
    assert found("REGISTRATION", a_registration(**RCCM), knowing(), lenient) == []


def test_numbers_and_words_stand_in_one_value() -> None:
    norm = Law(ON, "UNION").norm("APEX_MEMBERS_BELOW_MINIMUM")
    assert norm is not None
    assert (norm.numbers, norm.words[1:]) == ([2], ["SCOOPS", "COOP_CA"])
