"""A session on its way, played by the four people of the story over HTTP."""

from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.town import Identity, Town
from tests.training.makers import (
    DELIVERABLES,
    MODULES,
    Cast,
    Desk,
    a_group,
    a_late_plan,
    a_plan,
    members,
)


class Stage:
    """Each step leaves behind what the next one needs."""

    def __init__(self, town: Town, stack: AsyncExitStack) -> None:
        self.town = town
        self.cast = Cast()
        self._stack = stack
        self._desks: dict[str, Desk] = {}

    async def desk(self, who: Identity | None) -> Desk:
        """The place from which `who` (or nobody) calls."""
        key = who.sub if who else ""
        if key not in self._desks:
            client = await self._stack.enter_async_context(self.town.client("training", who))
            self._desks[key] = Desk(client)
        return self._desks[key]

    async def manager(self) -> Desk:
        return await self.desk(self.cast.manager)

    async def trainer(self) -> Desk:
        return await self.desk(self.cast.trainer)

    async def group(self) -> Desk:
        return await self.desk(self.cast.cooperative)

    async def planned(self, **changes: Any) -> str:
        """The path of a new draft, ten days ahead."""
        made = await (await self.manager()).make(
            "/v1/training-sessions", a_plan(self.cast.trainer, **changes)
        )
        return f"/v1/training-sessions/{made['id']}"

    async def recorded_late(self, **changes: Any) -> str:
        """The path of a new draft of a session held a month ago."""
        made = await (await self.manager()).make(
            "/v1/training-sessions", a_late_plan(self.cast.trainer, **changes)
        )
        return f"/v1/training-sessions/{made['id']}"

    async def take(self, thing: str, *nouns: str) -> str:
        """Let manager and trainer take steps of a session, one after the other."""
        for noun in nouns:
            who = await (self.trainer() if noun in ("starts", "deliveries") else self.manager())
            body = {"reason": "Les pluies ont coupé la piste."} if noun in _REASONED else {}
            await who.done(thing, noun, body)
        return thing

    async def opened(self, **changes: Any) -> str:
        """An open session ahead of us."""
        thing = await self.planned(**changes)
        return await self.take(thing, "submissions", "approvals", "openings")

    async def opened_late(self, **changes: Any) -> str:
        """An open session that was held a month ago."""
        thing = await self.recorded_late(**changes)
        return await self.take(thing, "submissions", "approvals", "openings")

    async def wish(self, thing: str, count: int = 7, **changes: Any) -> dict[str, Any]:
        """What a group of the cooperative's organisation asks for."""
        return {
            "training_session_id": thing.rpartition("/")[2],
            "initiative_id": await a_group(self.town, self.cast.cooperative),
            "members": members(count),
        } | changes

    async def enrolled(self, thing: str, count: int = 7, **changes: Any) -> dict[str, Any]:
        """A delegation of the cooperative's organisation, with its places."""
        wish = await self.wish(thing, count, **changes)
        return await (await self.group()).make("/v1/delegations", wish)

    async def under_way(self, count: int = 7) -> tuple[str, dict[str, Any]]:
        """A session in progress with one delegation, recorded late."""
        thing = await self.opened_late()
        delegation = await self.enrolled(thing, count)
        await self.take(thing, "registration-closures", "starts")
        return thing, delegation

    async def sheet(
        self, thing: str, delegation: dict[str, Any], *, absent: int = 0
    ) -> list[dict[str, Any]]:
        """Observations for every learner in every slot; the last `absent` of them stay away."""
        seen = await (await self.manager()).get(thing)
        learners = [seat["id"] for seat in delegation["enrolments"]]
        there = len(learners) - absent
        return [
            {
                "client_event_id": str(uuid4()),
                "enrolment_id": learner,
                "slot_id": slot["id"],
                "status": "PRESENT" if n < there else "ABSENT",
                "method": "PAPER",
                "captured_at": slot["ends_at"],
            }
            for slot in seen["slots"]
            for n, learner in enumerate(learners)
        ]

    async def send(self, thing: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Send observations; their results."""
        answer = await (await self.trainer()).post(
            "/v1/attendance-events",
            {"training_session_id": thing.rpartition("/")[2], "events": events},
        )
        assert answer.status_code == 200, answer.text
        return list(answer.json()["results"])

    async def assessed(
        self, delegation: dict[str, Any], *deliverables: str, outcome: str = "ACCEPTED"
    ) -> None:
        """The trainer looks at these deliverables (all four when none is named)."""
        desk = await self.trainer()
        for module, deliverable in zip(MODULES, DELIVERABLES, strict=True):
            if not deliverables or deliverable in deliverables:
                wish = {
                    "delegation_id": delegation["id"],
                    "module_code": module,
                    "deliverable_code": deliverable,
                    "outcome": outcome,
                }
                await desk.make("/v1/assessments", wish)

    async def delivered(self, *, absent: int = 0) -> tuple[str, dict[str, Any]]:
        """A delivered session: attendance complete, all four deliverables accepted."""
        thing, delegation = await self.under_way()
        await self.send(thing, await self.sheet(thing, delegation, absent=absent))
        await self.assessed(delegation)
        await self.take(thing, "deliveries")
        return thing, delegation

    async def decided(self, delegation: dict[str, Any]) -> dict[str, Any]:
        """The manager decides."""
        body = {"delegation_id": delegation["id"]}
        return await (await self.manager()).make("/v1/completion-decisions", body)

    async def validated(self) -> tuple[str, dict[str, Any]]:
        """A session whose results are final; its one decision."""
        thing, delegation = await self.delivered()
        decision = await self.decided(delegation)
        await self.take(thing, "result-validations")
        return thing, decision

    async def certified(self) -> dict[str, Any]:
        """A certificate."""
        _, decision = await self.validated()
        body = {"completion_decision_id": decision["id"]}
        return await (await self.manager()).make("/v1/training-certificates", body)


_REASONED = ("postponements", "cancellations")


def shift_to(instant: str, plus: timedelta = timedelta()) -> timedelta:
    """How far to move the clock so that it stands at `instant` (and a little more)."""
    wanted = datetime.fromisoformat(instant) + plus
    return wanted - datetime.now(wanted.tzinfo)
