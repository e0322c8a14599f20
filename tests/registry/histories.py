"""Random histories of a cooperative, entered as approved filings are, and replayed naively."""

from collections.abc import Sequence
from dataclasses import dataclass
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
FIELDS = ("object", "common_bond")


@dataclass(frozen=True)
class Step:
    """One filing: what it says, from which day (counted from the beginning), and which earlier step
    it corrects, if any."""

    day: int
    values: dict[str, str]
    shares: dict[int, int]
    corrects: int | None = None


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    """Up to nine filings after a registration, of which some correct others."""
    made: list[Step] = []
    for n in range(draw(st.integers(1, 9))):
        wrong = draw(st.none() | st.integers(0, n - 1)) if n else None
        if wrong is not None:
            made.append(_correction(made, wrong, n))
        elif draw(st.booleans()):
            field = draw(st.sampled_from(FIELDS))
            made.append(Step(draw(st.integers(0, DAYS)), {field: f"value {n}"}, {}))
        else:
            shares = draw(st.dictionaries(st.integers(0, 6), st.integers(1, 4), min_size=1))
            made.append(Step(draw(st.integers(0, DAYS)), {}, shares))
    return made


def _correction(made: Sequence[Step], wrong: int, n: int) -> Step:
    values = dict.fromkeys(made[wrong].values, f"right {n}")
    shares = dict.fromkeys(made[wrong].shares, 100 + n)
    return Step(made[wrong].day, values, shares, wrong)


class Replay:
    """The same history without any table: for each key the last word wins, asked anew each time."""

    def __init__(self, first: Step, steps: Sequence[Step]) -> None:
        self.steps = [first, *(self._shifted(step) for step in steps)]

    def _shifted(self, step: Step) -> Step:
        wrong = None if step.corrects is None else step.corrects + 1
        return Step(step.day, step.values, step.shares, wrong)

    def _rank(self, n: int) -> tuple[int, int, int]:
        root = n
        while (wrong := self.steps[root].corrects) is not None:
            root = wrong
        return self.steps[root].day, root, n

    def said(self, kind: str, key: Any, day: int, known: int) -> Any:
        """What the register should say about a key on a day, when `known` filings were known."""
        found = [
            (self._rank(n), getattr(step, kind)[key])
            for n, step in enumerate(self.steps[:known])
            if key in getattr(step, kind) and self._rank(n)[0] <= day
        ]
        return max(found)[1] if found else None


class Author:
    """Enters the steps of a history in the register itself, each in its own transaction."""

    def __init__(self, database: Any, vault: Vault) -> None:
        self.database, self.vault = database, vault
        self.begin = clock.today() - timedelta(days=DAYS)
        self.filings: list[UUID] = []
        self.members: list[UUID] = []
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

        async with self.database.transaction() as session:
            query = select(Member).where(Member.cooperative_id == self.cooperative)
            people = (await session.exec(query.order_by(col(Member.client_ref)))).all()
            self.members = [person.id for person in people]

    async def _enter(self, step: Step) -> None:
        async with self.database.transaction() as session:
            cooperative = await session.get(Cooperative, self.cooperative)
            type, payload = self._said(step)
            declared = check(FORMALITIES[type].payload, payload)
            filing = await self._filing(session, type, self.day(step.day), declared)
            await change(session, filing, declared, cooperative, commune=None, vault=self.vault)

    def _said(self, step: Step) -> tuple[FilingType, dict[str, Any]]:
        held = [{"member_id": str(self.members[n]), "shares": k} for n, k in step.shares.items()]
        if step.corrects is not None:
            wrong = str(self.filings[step.corrects + 1])
            said = {"corrects_filing_id": wrong, "fields": step.values, "holdings": held}
            return FilingType.CORRECTION, said
        if "object" in step.values:
            return FilingType.CHANGE_OF_OBJECT, dict(step.values)
        if step.values:
            return FilingType.CHANGE_OF_BYLAWS, dict(step.values)
        return FilingType.CHANGE_OF_CAPITAL, {"holdings": held}

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
