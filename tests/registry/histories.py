"""Random histories of a cooperative, entered as approved filings are, and replayed naively."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import strategies as st

from chassis import clock
from chassis.bodies import check
from chassis.db import AsyncSession
from chassis.ids import new_id
from chassis.vault import Vault
from services.registry.code_lists.repository import Divisions
from services.registry.cooperatives.models import Cooperative
from services.registry.cooperatives.service import change, register
from services.registry.decisions.models import Decision
from services.registry.decisions.schemas import DecisionOutcome
from services.registry.fields import FilingType
from services.registry.filings import records
from services.registry.filings.models import Filing
from services.registry.filings.states import FilingStatus
from services.registry.formalities import FORMALITIES
from services.registry.ledger.models import EntryKind
from services.registry.registrations.schemas import CompleteRegistration
from tests.makers import DIENDE, a_registration

DAYS = 3  # a history begins so many days ago: few, so that filings meet on one day
OFFICERS = 6
FIELDS = ("object", "common_bond")
SCHEMES = ("NINEA", "RCCM", "ASSOCIATION_RECEIPT")
TERMS = ("number", "authority", "from_on", "to_on")
YEARS = ("2023", "2024", "2025")
ENTRIES = (
    *(f"identifiers.{scheme}" for scheme in SCHEMES),
    *(f"ess_agreement.{term}" for term in TERMS),
    *(f"returns.{year}" for year in YEARS),
    *(f"liquidation.{name}" for name in ("reason", "liquidator", "surplus_xof")),
)
# what a correction has no word for: the steps that say it are corrected in the rest
BEYOND = ("ess_status", "life", "liquidation")


@dataclass(frozen=True)
class Step:
    """One filing: what it says, from which day (counted from the beginning), which earlier step it
    corrects, if any, and on which day which mandates ended (None: on none, rightly)."""

    day: int
    values: dict[str, Any]
    shares: dict[int, int]
    corrects: int | None = None
    ends: dict[int, int | None] = field(default_factory=dict)


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Up to nine filings after a registration, of which some correct others."""
    made: list[Step] = []
    for n in range(draw(st.integers(1, 9))):
        wrong = draw(st.none() | st.integers(0, n - 1)) if n else None
        day = draw(st.integers(0, DAYS))
        if wrong is not None:
            made.append(_correction(made, wrong, n))
        elif draw(st.integers(0, 4)) == 0:
            gone = st.dictionaries(st.integers(0, OFFICERS - 1), st.integers(0, day), min_size=1)
            made.append(Step(day, {}, {}, ends={**draw(gone)}))
        elif draw(st.booleans()):
            made.append(Step(day, draw(_values(n)), {}))
        else:
            shares = draw(st.dictionaries(st.integers(0, 6), st.integers(1, 4), min_size=1))
            made.append(Step(day, {}, shares))
    return made + draw(_ends(len(made)))


@st.composite
def _values(draw: st.DrawFn, n: int) -> dict[str, Any]:
    """What the `n`th filing says of one field, or of some entries of one."""
    match draw(st.sampled_from((*FIELDS, "identifiers", "granted", "ended", "returns"))):
        case "identifiers":
            schemes = draw(st.sets(st.sampled_from(SCHEMES), min_size=1))
            return {f"identifiers.{one}": right_value(f"identifiers.{one}", n) for one in schemes}
        case "granted":
            terms = {"number", "authority", *draw(st.sets(st.sampled_from(TERMS)))}
            said = {
                f"ess_agreement.{t}": right_value(f"ess_agreement.{t}", n) if t in terms else None
                for t in TERMS
            }
            return {"ess_status": "GRANTED", **said}
        case "ended":
            until = right_value("ess_agreement.to_on", n)
            return {"ess_status": "WITHDRAWN", "ess_agreement.to_on": until}
        case "returns":
            key = f"returns.{draw(st.sampled_from(YEARS))}"
            return {key: right_value(key, n)}
        case field:
            return {field: f"value {n}"}


def right_value(key: str, n: int) -> Any:
    """A value of the kind that stands under `key`, which the `n`th filing says."""
    field, _, entry = key.partition(".")
    if field == "identifiers":
        number = f"{n} {entry}"
        empty = {"authority": None, "issued_on": None, "proof": None}
        return [{"scheme": entry, "number": number, **empty}]
    if field == "returns":
        ended = {"year_end_on": f"{entry}-12-31", "assembly_on": f"{int(entry) + 1}-03-01"}
        return {**ended, "accounts": None, "workforce": None, "auditor": f"auditor {n}"}
    if entry in ("from_on", "to_on"):
        return date(2020, 1 + n % 12, 1).isoformat()
    return f"right {n}"


@st.composite
def _ends(draw: st.DrawFn, n: int) -> list[Step]:
    """Perhaps a dissolution, perhaps its closing, each from any day."""
    found: list[Step] = []
    kinds: list[dict[str, Any]] = [
        {
            "life": "IN_LIQUIDATION",
            "liquidation.reason": "MEMBERS_DECISION",
            "liquidation.liquidator": f"Awa {n}",
        },
        {"life": "STRUCK_OFF", "liquidation.surplus_xof": n},
    ]
    for said in kinds[: draw(st.integers(0, 2))]:
        found.append(Step(draw(st.integers(0, DAYS)), said, {}))
    return found


def _correction(made: Sequence[Step], wrong: int, n: int) -> Step:
    spoken = [k for k in made[wrong].values if not k.startswith(BEYOND)]
    values = {key: right_value(key, n) for key in spoken}
    shares = dict.fromkeys(made[wrong].shares, 100 + n)
    day = made[wrong].day
    # the right end may lie past the day of the filing, or nowhere
    right = [*range(DAYS + 1), None]
    ends = {mandate: right[(5 * n + mandate) % len(right)] for mandate in made[wrong].ends}
    return Step(day, values, shares, wrong, ends)


class Replay:
    """The same history without any table: for each key the last word wins, asked anew each time."""

    def __init__(self, first: Step, steps: Sequence[Step]) -> None:
        self.steps = [first, *(self._shifted(step) for step in steps)]

    def _shifted(self, step: Step) -> Step:
        wrong = None if step.corrects is None else step.corrects + 1
        return replace(step, corrects=wrong)

    def _root(self, n: int) -> int:
        while (wrong := self.steps[n].corrects) is not None:
            n = wrong
        return n

    def _rank(self, n: int) -> tuple[int, int, int]:
        root = self._root(n)
        return self.steps[root].day, root, n

    def is_held(self, mandate: int, day: int, known: int) -> bool:
        """Whether a mandate has not ended: of each filing that ends it, its last correction says
        when."""
        told = {
            self._root(n): step.ends[mandate]
            for n, step in enumerate(self.steps[:known])
            if mandate in step.ends
        }
        return all(ended is None or day < ended for ended in told.values())

    def said(self, kind: str, key: Any, day: int, known: int) -> Any:
        """What the register should say about a key on a day, when `known` filings were known."""
        found = [
            (self._rank(n), getattr(step, kind)[key])
            for n, step in enumerate(self.steps[:known])
            if key in getattr(step, kind) and self._rank(n)[0] <= day
        ]
        return max(found)[1] if found else None


def _parted(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    parts: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        field, _, entry = key.rpartition(".")
        if value is not None:
            parts.setdefault(field, {})[entry] = value
    return parts


def _numbers(parts: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    every = [number for numbers in parts.get("identifiers", {}).values() for number in numbers]
    return [{name: one[name] for name in ("scheme", "number")} for one in every]


def _right(values: dict[str, Any]) -> dict[str, Any]:
    """The right values, as a correction says them."""
    parts = _parted(values)
    [returned] = parts.get("returns", {"": None}).values()
    return {
        "fields": parts.get(""),
        "identifiers": _numbers(parts) or None,
        "ess_agreement": parts.get("ess_agreement"),
        "annual_return": returned,
    }


def _declared(values: dict[str, Any]) -> tuple[FilingType, dict[str, Any]]:
    """The filing that says these values, as it declares them."""
    parts = _parted(values)
    if "identifiers" in parts:
        return FilingType.RSC_ATTESTATION, {"identifiers": _numbers(parts)}
    if "ess_agreement" in parts:
        action = "GRANT" if values["ess_status"] == "GRANTED" else "WITHDRAW"
        return FilingType.ESS_AGREEMENT, {"action": action, **parts["ess_agreement"]}
    if "returns" in parts:
        [returned] = parts["returns"].values()
        return FilingType.ANNUAL_RETURN, returned
    if values.get("life") == "IN_LIQUIDATION":
        said = parts["liquidation"]
        given, family = said["liquidator"].split()
        person = {"given_names": given, "family_name": family}
        return FilingType.DISSOLUTION, {"reason": said["reason"], "liquidator": person}
    if values.get("life") == "STRUCK_OFF":
        return FilingType.LIQUIDATION_CLOSE, parts["liquidation"]
    type = FilingType.CHANGE_OF_OBJECT if "object" in values else FilingType.CHANGE_OF_BYLAWS
    return type, dict(values)


class Author:
    """Enters the steps of a history in the register itself, each in its own transaction."""

    def __init__(self, database: Any, vault: Vault) -> None:
        self.database, self.vault = database, vault
        self.begin = clock.today() - timedelta(days=DAYS)
        self.filings: list[UUID] = []
        self.members: list[UUID] = []
        self.mandates: list[UUID] = []
        self.cooperative = new_id()

    def day(self, n: int) -> date:
        """The `n`th day of the history."""
        return self.begin + timedelta(days=n)

    async def write(self, steps: Sequence[Step]) -> Step:
        """Everything; the registration, as a first step."""
        declared = a_registration()
        declared["assembly_on"] = self.begin.isoformat()
        for officer in declared["officers"]:
            officer["from_on"] = self.begin.isoformat()
        async with self.database.transaction() as session:
            whole = check(CompleteRegistration, declared)
            filing = await self._filing(session, FilingType.REGISTRATION, self.begin, whole)
            commune = await Divisions(session).commune(DIENDE)
            assert commune is not None
            await register(
                session, filing, whole, id=self.cooperative, commune=commune, vault=self.vault
            )
        await self._meet()
        for step in steps:
            await self._enter(step)
        values = {name: declared[name] for name in FIELDS}
        return Step(0, values, dict.fromkeys(range(7), 5))

    async def _meet(self) -> None:
        from sqlmodel import col, select

        from services.registry.cooperatives.models import Member
        from services.registry.history.models import Mandate

        async with self.database.transaction() as session:
            query = select(Member).where(Member.cooperative_id == self.cooperative)
            people = (await session.exec(query.order_by(col(Member.client_ref)))).all()
            self.members = [person.id for person in people]
            held = select(Mandate.mandate_id).where(Mandate.cooperative_id == self.cooperative)
            self.mandates = sorted((await session.exec(held)).all())

    async def _enter(self, step: Step) -> None:
        async with self.database.transaction() as session:
            cooperative = await session.get(Cooperative, self.cooperative)
            type, payload = self._said(step)
            declared = check(FORMALITIES[type].payload, payload)
            filing = await self._filing(session, type, self.day(step.day), declared)
            await change(session, filing, declared, cooperative, commune=None, vault=self.vault)

    def _said(self, step: Step) -> tuple[FilingType, dict[str, Any]]:
        held = [{"member_id": str(self.members[n]), "shares": k} for n, k in step.shares.items()]
        ends = [
            {"mandate_id": str(self.mandates[n]), **self._end(day)} for n, day in step.ends.items()
        ]
        if step.corrects is not None:
            wrong = str(self.filings[step.corrects + 1])
            said = {"corrects_filing_id": wrong, "holdings": held, "ends": ends}
            return FilingType.CORRECTION, said | _right(step.values)
        if ends:
            return FilingType.CHANGE_OF_OFFICERS, {"ends": ends}
        if not step.values:
            return FilingType.CHANGE_OF_CAPITAL, {"holdings": held}
        return _declared(step.values)

    def _end(self, day: int | None) -> dict[str, Any]:
        return {"is_undone": True} if day is None else {"ended_on": self.day(day).isoformat()}

    async def _filing(
        self, session: AsyncSession, type: FilingType, day: date, declared: Any
    ) -> Filing:
        filing = Filing(
            id=uuid4(),
            type=type.value,
            organisation_id="org-histories",
            cooperative_id=None if type == FilingType.REGISTRATION else self.cooperative,
            effective_on=day,
            payload={},
            created_by="author",
            filers=["author"],
            created_at=clock.now(),
        )
        session.add(filing)
        await session.flush()
        await records.arrive(session, filing, declared, status=FilingStatus.UNDER_REVIEW)
        decision = Decision(
            id=new_id(),
            filing_id=filing.id,
            outcome=DecisionOutcome.APPROVED,
            by_sub="another",
            at=clock.now(),
        )
        session.add(decision)
        await records.record(session, filing, EntryKind.APPROVAL, on=clock.today())
        filing.status, filing.cooperative_id = FilingStatus.APPROVED, self.cooperative
        self.filings.append(filing.id)
        return filing
