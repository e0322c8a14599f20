"""Each rule of the law table, on the pure functions, quoting its source."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

import pytest

from chassis import clock
from services.registry.fields import FilingType
from services.registry.formalities import FORMALITIES
from services.registry.law.models import LawRule
from services.registry.law.rules import Facts, Law
from services.registry.names import fold, name_key
from services.registry.registrations.schemas import Registration
from services.registry.seed import _rules
from tests.makers import a_member, a_registration, an_officer

COLUMNS = (
    "rule", "code", "legal_form", "value", "severity", "law_ref", "confidence", "is_on",
    "valid_from", "valid_to", "note",
)  # fmt: skip
ROWS = [LawRule(**cast(dict[str, Any], dict(zip(COLUMNS, row, strict=True)))) for row in _rules()]
ON = [row for row in ROWS if row.is_on]
FACTS = Facts(today=clock.today(), known_sectors=frozenset({"FIL-ANACARDE"}))


@pytest.fixture(autouse=True)
def the_day_of_the_facts() -> Iterator[None]:
    """What a test makes is of the day of what stands above, also after a midnight between."""
    with clock.shifted(FACTS.today - clock.today()):
        yield


def days_ago(n: int) -> str:
    return (clock.today() - timedelta(days=n)).isoformat()


def found(payload: dict[str, Any], facts: Facts = FACTS, rows: list[LawRule] = ON) -> list[Any]:
    declared = Registration.model_validate_json(json.dumps(payload))
    form = declared.legal_form.value if declared.legal_form else None
    law = Law(rows, form)
    asked = FORMALITIES[FilingType.REGISTRATION].asked
    return [finding for rule in asked for finding in rule(declared, law, facts)]


def broken(payload: dict[str, Any], facts: Facts = FACTS) -> dict[str, Any]:
    return {finding.code: finding for finding in reversed(found(payload, facts))}


def members(n: int) -> dict[str, Any]:
    return {"members": [a_member(i) for i in range(n)], "capital_xof": n * 25_000}


def officers(*mandates: tuple[int, str, str]) -> dict[str, Any]:
    return {"officers": [an_officer(*mandate) for mandate in mandates]}


def coop_ca(n: int = 15, directors: int = 3) -> dict[str, Any]:
    board = [(i, "MANAGING", "PRESIDENT" if i == 0 else "MEMBER") for i in range(directors)]
    name = "Société coopérative avec conseil d'administration COOP-CA Jappoo"
    return {"legal_form": "COOP_CA", "name": name} | members(n) | officers(*board)


def test_a_lawful_scoops_has_no_finding() -> None:
    assert found(a_registration()) == []


def test_a_lawful_coop_ca_has_no_finding() -> None:
    assert found(a_registration(**coop_ca())) == []


def test_an_association_needs_neither_shares_nor_the_words_of_cooperatives() -> None:
    plain = a_registration(legal_form="AER", name="Association des productrices de Diendé")
    for name in ("share_value_xof", "capital_xof"):
        plain.pop(name)
    assert found(plain) == []


BLOCKED: list[tuple[str, dict[str, Any], str, str, str | None]] = [
    (
        "art. 204: a SCOOPS has at least five members",
        members(4) | officers((0, "MANAGING", "PRESIDENT")),
        "MEMBERS_BELOW_MINIMUM",
        "/payload/members",
        "AUSCOOP art. 204",
    ),
    (
        "art. 267: a COOP-CA has at least fifteen",
        coop_ca(14),
        "MEMBERS_BELOW_MINIMUM",
        "/payload/members",
        "AUSCOOP art. 267",
    ),
    (
        "art. 205: the name is accompanied by SCOOPS",
        {"name": "Jappoo de Diendé"},
        "NAME_FORM_SUFFIX_MISSING",
        "/payload/name",
        "AUSCOOP art. 205",
    ),
    (
        "art. 268: the name is accompanied by COOP-CA",
        coop_ca() | {"name": "Jappoo"},
        "NAME_FORM_SUFFIX_MISSING",
        "/payload/name",
        "AUSCOOP art. 268",
    ),
    (
        "art. 223: at most three managers",
        officers((0, "MANAGING", "PRESIDENT"), *((i, "MANAGING", "MEMBER") for i in (1, 2, 3))),
        "COMMITTEE_SIZE",
        "/payload/officers",
        "AUSCOOP art. 223",
    ),
    (
        "art. 223: a president",
        officers((0, "MANAGING", "SECRETARY")),
        "PRESIDENT_REQUIRED",
        "/payload/officers",
        "AUSCOOP art. 223",
    ),
    (
        "art. 223: one president only",
        officers((0, "MANAGING", "PRESIDENT"), (1, "MANAGING", "PRESIDENT")),
        "PRESIDENT_REQUIRED",
        "/payload/officers",
        "AUSCOOP art. 223",
    ),
    (
        "art. 292: a board of three at least",
        coop_ca(directors=2),
        "BOARD_SIZE",
        "/payload/officers",
        "AUSCOOP art. 292",
    ),
    (
        "art. 292: a board of twelve at most",
        coop_ca(directors=13),
        "BOARD_SIZE",
        "/payload/officers",
        "AUSCOOP art. 292",
    ),
    (
        "art. 258: three supervisors at least",
        officers((0, "MANAGING", "PRESIDENT"), (3, "SUPERVISORY", "MEMBER")),
        "SUPERVISION_SIZE",
        "/payload/officers",
        "AUSCOOP art. 258",
    ),
    (
        "art. 258: nobody in both organs",
        officers((0, "MANAGING", "PRESIDENT"), *((i, "SUPERVISORY", "MEMBER") for i in (0, 3, 4))),
        "MANDATE_INCOMPATIBLE",
        "/payload/officers/1/member_id",
        "AUSCOOP art. 258",
    ),
    (
        "an officer is a member of the filing",
        officers((9, "MANAGING", "PRESIDENT")),
        "OFFICER_NOT_MEMBER",
        "/payload/officers/0/member_id",
        None,
    ),
    (
        "art. 8 and 18-5: the common bond",
        {"common_bond": " "},
        "COMMON_BOND_REQUIRED",
        "/payload/common_bond",
        "AUSCOOP art. 8; art. 18",
    ),
    (
        "art. 208: shares make the capital",
        {"capital_xof": 1},
        "SHARES_TOTAL_MISMATCH",
        "/payload/capital_xof",
        "AUSCOOP art. 208",
    ),
    (
        "a NIN has thirteen digits",
        {"members": [a_member(0, nin="12345"), *(a_member(i) for i in range(1, 7))]},
        "NIN_FORMAT",
        "/payload/members/0/nin",
        None,
    ),
    (
        "law 2025-04: savings and credit are regulated",
        {"object": "Collecte de l'épargne et crédit"},
        "REGULATED_ACTIVITY",
        "/payload/object",
        "loi 2025-04 du 19 février 2025",
    ),
    (
        "an activity of the table",
        {"sector_codes": ["FIL-ANACARDE", "NOPE"]},
        "ACTIVITY_UNKNOWN",
        "/payload/sector_codes/1",
        None,
    ),
    (
        "no invisible character",
        {"name": "SCOOPS société coopérative simplifiée Jap\u200bpoo"},
        "TEXT_HIDDEN_CHARACTERS",
        "/payload/name",
        None,
    ),
    (
        "no bidirectional control",
        {"name": "SCOOPS société coopérative simplifiée \u202eoopaJ"},
        "TEXT_HIDDEN_CHARACTERS",
        "/payload/name",
        None,
    ),
    (
        "a Senegalese telephone number",
        {"members": [a_member(0, phone="+221731234567"), *(a_member(i) for i in range(1, 7))]},
        "PHONE_FORMAT",
        "/payload/members/0/phone",
        None,
    ),
    (
        "member ids are unique",
        {"members": [a_member(0), a_member(0), *(a_member(i) for i in range(2, 7))]},
        "MEMBER_ID_DUPLICATE",
        "/payload/members/0/id",
        None,
    ),
    (
        "an assembly in the past",
        {"assembly_on": (clock.today() + timedelta(days=1)).isoformat()},
        "DATE_IN_FUTURE",
        "/payload/assembly_on",
        None,
    ),
]


@pytest.mark.parametrize(
    ("change", "code", "pointer", "law_ref"),
    [case[1:] for case in BLOCKED],
    ids=[case[0] for case in BLOCKED],
)
def test_a_broken_rule_blocks_where_it_is_broken(
    change: dict[str, Any], code: str, pointer: str, law_ref: str | None
) -> None:
    finding = broken(a_registration(**change))[code]
    assert (finding.severity, finding.pointer, finding.law_ref) == ("BLOCK", pointer, law_ref)


def test_art_223_allows_five_managers_from_a_hundred_members() -> None:
    five = officers((0, "MANAGING", "PRESIDENT"), *((i, "MANAGING", "MEMBER") for i in range(1, 5)))
    assert "COMMITTEE_SIZE" in broken(a_registration(**members(99), **five))
    assert "COMMITTEE_SIZE" not in broken(a_registration(**members(100), **five))


def test_art_257_expects_supervisors_as_soon_as_members_suffice() -> None:
    three = officers((0, "MANAGING", "PRESIDENT"), *((i, "MANAGING", "MEMBER") for i in (1, 2)))
    missing = broken(a_registration(**members(6), **three))["SUPERVISION_MISSING"]
    assert (missing.severity, missing.law_ref) == ("WARN", "AUSCOOP art. 257")
    assert "SUPERVISION_MISSING" not in broken(a_registration(**members(5), **three))


def test_art_74_flags_a_late_filing_and_accepts_it() -> None:
    day = clock.today() - timedelta(days=40)
    late = a_registration(assembly_on=day.isoformat())
    finding = broken(late)["LATE_REGISTRATION"]
    assert (finding.severity, finding.params) == ("WARN", {"days": 40})


@pytest.mark.parametrize(
    ("held", "last"),
    [("2026-02-01", "2026-03-01"), ("2026-01-31", "2026-02-28"), ("2026-04-30", "2026-05-30"),
     ("2026-02-28", "2026-03-28")],
)  # fmt: skip
def test_art_74_counts_a_month_and_not_its_days(held: str, last: str) -> None:
    # R25: later than one month after the constitutive assembly
    said, day = a_registration(assembly_on=held), date.fromisoformat(last)
    assert "LATE_REGISTRATION" not in broken(said, replace(FACTS, today=day))
    late = replace(FACTS, today=day + timedelta(days=1))
    assert "LATE_REGISTRATION" in broken(said, late)


@pytest.mark.parametrize(
    "object",
    ["Collecte de dépôts du public", "Dépôts d'argent de nos membres", "Gestion des épargnes",
     "Micro-finance villageoise", "Dépôts à vue et à terme", "Dépôt de fonds", "Prêts d'argent",
     "Prêts à intérêt", "Prêt à intérêts", "accorder des prêts d'argent à ses membres",
     "Octroi de prêts aux membres sur leur épargne"],
)  # fmt: skip
def test_law_2025_04_regulates_deposits_too(object: str) -> None:
    # R40: an object that mentions savings, credit or deposits
    found = broken(a_registration(object=object))
    told = found["REGULATED_ACTIVITY"]
    assert (told.severity, told.pointer) == ("BLOCK", "/payload/object")
    assert "ACTIVITY_MAY_BE_REGULATED" not in found


@pytest.mark.parametrize(
    "object",
    ["Octroi de prêts de matériel agricole et de semences aux membres", "collecte des dépôts",
     "Prêts aux membres de matériel agricole", "Stockage des dépôts des membres en céréales",
     "Collecte de lait et dépôts auprès des usines", "Prêts à nos membres", "Collecte de dépôts",
     "Collecte de dépôts de ferraille et de plastique", "Octroi de prêts aux membres",
     "Dépôts auprès de la coopérative"],
)  # fmt: skip
def test_a_reader_tells_deposits_and_loans_of_money_from_those_of_goods(object: str) -> None:
    # law 2025-04 (R40) is about money, which these do not name
    found = broken(a_registration(object=object))
    told = found["ACTIVITY_MAY_BE_REGULATED"]
    assert (told.severity, told.law_ref) == ("WARN", "loi 2025-04 du 19 février 2025")
    assert "REGULATED_ACTIVITY" not in found


def test_a_warehouse_is_no_deposit_of_money() -> None:
    for object in ("Dépôt de céréales et de semences", "Dépôts de boissons du quartier",
                   "Collecte de dépôts sauvages d'ordures et recyclage", "Vente de prêt-à-porter",
                   "Collecte de dépôts d'ordures", "Enlèvement et collecte de dépôts de déchets",
                   "Couture de vêtements prêts à porter", "Repas prêts à l'emploi",
                   "Prêt de matériel agricole aux membres"):  # fmt: skip
        told = broken(a_registration(object=object))
        assert not {"REGULATED_ACTIVITY", "ACTIVITY_MAY_BE_REGULATED"} & told.keys()


def test_art_386_warns_an_association_that_calls_itself_a_cooperative() -> None:
    finding = broken(a_registration(legal_form="AER"))["NAME_RESERVED_TERM"]
    assert (finding.severity, finding.law_ref) == ("WARN", "AUSCOOP art. 386")


def test_art_205_wants_the_form_in_words_somewhere() -> None:
    finding = broken(a_registration(name="Jappoo SCOOPS"))["NAME_FORM_WORDING_MISSING"]
    assert finding.severity == "WARN"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to_on": (clock.today() - timedelta(days=11)).isoformat()}, "MANDATE_DATES"),
        (
            {"from_on": (clock.today() - timedelta(days=11)).isoformat()},
            "ELECTION_EVIDENCE_MISSING",
        ),
    ],
)
def test_art_18_and_294_order_the_dates_of_a_mandate(change: dict[str, str], code: str) -> None:
    payload = a_registration()
    payload["officers"][0] |= change
    assert broken(payload)[code].severity == "BLOCK"


def test_the_same_person_is_a_member_once() -> None:
    payload = a_registration()
    payload["members"][1]["nin"] = (
        f" {payload['members'][0]['nin'][:4]}-{payload['members'][0]['nin'][4:]}"
    )
    assert broken(payload)["MEMBER_DUPLICATE"].pointer == "/payload/members/0/nin"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"birth_date": "1990-05-01", "birth_year": 1991}, "BIRTH_MISMATCH"),
        ({"birth_year": 1901}, "BIRTH_IMPLAUSIBLE"),
    ],
)
def test_births_agree_and_are_plausible(changes: dict[str, Any], code: str) -> None:
    payload = a_registration()
    payload["members"][0] |= changes
    assert code in broken(payload)


def test_an_unknown_commune_and_a_taken_name_are_named() -> None:
    facts = Facts(
        today=clock.today(),
        is_commune_known=False,
        known_sectors=frozenset({"FIL-ANACARDE"}),
        taken_by="MB-SE-2026-00001-11",
        similar_to=("Jappo",),
    )
    codes = broken(a_registration(), facts)
    assert codes["COMMUNE_UNKNOWN"].law_ref == "AUSCOOP art. 70"
    assert codes["NAME_ALREADY_USED"].params == {"registration_number": "MB-SE-2026-00001-11"}
    assert "NAME_SIMILAR" not in codes


def test_several_findings_come_at_once_each_with_its_place() -> None:
    payload = a_registration(
        name="Jappoo",
        members=[a_member(i) for i in range(4)],
        officers=[an_officer(0, "MANAGING", "PRESIDENT")]
        + [an_officer(i, "SUPERVISORY", "MEMBER") for i in (0, 1, 2)],
    )
    assert {
        "MEMBERS_BELOW_MINIMUM",
        "NAME_FORM_SUFFIX_MISSING",
        "MANDATE_INCOMPATIBLE",
    } <= broken(payload).keys()


@pytest.mark.parametrize("gap", ["name", "seat", "members", "officers", "assembly_on", "object"])
def test_a_submission_leaves_nothing_open(gap: str) -> None:
    payload = a_registration()
    payload.pop(gap)
    places = {f.pointer for f in found(payload) if f.code == "FIELD_MISSING"}
    assert f"/payload/{gap}" in places


def test_an_empty_draft_is_findings_and_not_a_crash() -> None:
    assert {f.code for f in found({})} >= {"FIELD_MISSING", "COMMON_BOND_REQUIRED"}


def test_what_is_from_memory_or_unfound_is_there_but_off() -> None:
    unsure = [row for row in ROWS if row.confidence in ("M", "U")]
    assert unsure
    assert not [row.rule for row in unsure if row.is_on]


def test_a_rule_turned_on_binds_without_a_line_of_code() -> None:
    majority = LawRule(
        rule="R37", code="LEGAL_CAPACITY", legal_form="", value="18", severity="BLOCK",
        law_ref="AUSCOOP art. 7", confidence="B", is_on=True, valid_from=date(2011, 5, 15),
        valid_to=None, note="",
    )  # fmt: skip
    payload = a_registration()
    payload["members"][0]["birth_year"] = clock.today().year - 12
    assert "LEGAL_CAPACITY" not in {f.code for f in found(payload)}
    assert "LEGAL_CAPACITY" in {f.code for f in found(payload, rows=[*ON, majority])}


@pytest.mark.parametrize(
    "twin",
    ["Femmes de Diende", "FEMMES DE DIENDÉ", "Femmes  de Diendé SCOOPS", "F\u0435mmes de Diendé"],
)
def test_accents_case_spacing_and_lookalikes_do_not_make_another_name(twin: str) -> None:
    assert name_key(twin) == name_key("Femmes de Diendé")


@pytest.mark.parametrize("name", ["Ŋoro", "Jëf-jël", "Kër Ñaay", "Coopérative"])
def test_wolof_and_legal_words_keep_a_key(name: str) -> None:
    assert name_key(name)
    assert fold(name)


def test_art_292_counts_directors_and_not_their_mandates() -> None:
    titles = [(0, "MANAGING", "PRESIDENT"), (0, "MANAGING", "TREASURER"), (0, "MANAGING", "MEMBER")]
    payload = a_registration(**coop_ca() | officers(*titles))
    assert broken(payload)["BOARD_SIZE"].params == {"min": 3, "max": 12, "actual": 1}


def test_art_223_and_258_count_persons_and_not_their_mandates() -> None:
    managers = [(n, "MANAGING", "PRESIDENT" if n == 0 else "MEMBER") for n in range(3)]
    twice = [*managers, (0, "MANAGING", "TREASURER"), *((3, "SUPERVISORY", "MEMBER"),) * 3]
    codes = broken(a_registration(**officers(*twice)))
    assert "COMMITTEE_SIZE" not in codes
    assert codes["SUPERVISION_SIZE"].params["actual"] == 1


@pytest.mark.parametrize("name", ["name", "object"])
def test_an_empty_text_is_a_gap(name: str) -> None:
    places = {f.pointer for f in found(a_registration(**{name: ""})) if f.code == "FIELD_MISSING"}
    assert places == {f"/payload/{name}"}


def test_an_officer_is_a_member_whatever_the_law_says() -> None:
    payload = a_registration(**officers((9, "MANAGING", "PRESIDENT")))
    assert "OFFICER_NOT_MEMBER" in {finding.code for finding in found(payload, rows=[])}
