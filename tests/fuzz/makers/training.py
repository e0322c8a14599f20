"""Sessions in every state, groups in them, and what comes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.fuzz.crew import SECOND_MANAGER
from tests.fuzz.makers.base import REASON, Thing
from tests.fuzz.makers.registry import RegistryMakers
from tests.town import Identity
from tests.training import makers as training

_LATE_SINCE = datetime(2020, 7, 2, 8, tzinfo=UTC)  # the French edition of Start.COOP


def _apart(number: int) -> timedelta:
    # four days of six hours each; three trainings can share the days and not the hours
    return timedelta(days=4 * (number // 3), hours=7 * (number % 3))


class TrainingMakers(RegistryMakers):
    """Made by the training manager, the trainer and the cooperative."""

    _held = _planned = 0  # sessions long ago, and ahead of us

    @property
    def trainer(self) -> Identity:
        """The trainer, as the makers of plans know one."""
        return Identity(scope="", sub=self.crew.of("trainer", "sub"))

    def plan(self, *, late: bool = False, **changes: Any) -> Thing:
        """What a plan says; each has days of its own, for its trainer can be in one place only."""
        if late:
            self._held += 1
            slots = training.slots(_LATE_SINCE + _apart(self._held))
            return training.a_late_plan(self.trainer, slots=slots, **changes)
        self._planned += 1
        first = training.now() + timedelta(days=10) + _apart(self._planned)
        closes = (first - timedelta(days=1)).isoformat()
        slots = training.slots(first)
        return training.a_plan(
            self.trainer, **{"slots": slots, "registration_closes_at": closes} | changes
        )

    def session(self, *nouns: str, late: bool = False, **changes: Any) -> str:
        """The path of a session that took these steps."""
        made = self.crew.post(
            "training_manager", "/v1/training-sessions", self.plan(late=late, **changes)
        )
        self.note("training-sessions", made)
        if not nouns:
            self.note("drafts", made)
        path = f"/v1/training-sessions/{made['id']}"
        self.steps(path, *nouns)
        return path

    def steps(self, path: str, *nouns: str) -> None:
        """Let manager and trainer take a session further."""
        for noun in nouns:
            role = "trainer" if noun in ("starts", "deliveries") else "training_manager"
            self.act(role, path, noun, REASON if noun in ("postponements",) else {})

    def opened(self, *, late: bool = False, **changes: Any) -> str:
        """The path of an open session."""
        return self.session("submissions", "approvals", "openings", late=late, **changes)

    def wish(self, session: str, count: int = 7, initiative: Thing | None = None) -> Thing:
        """What a group asks for that would enrol."""
        initiative = initiative or self.initiative()
        return {
            "training_session_id": session.rpartition("/")[2],
            "initiative_id": initiative["id"],
            "members": training.members(count),
        }

    def delegation(self, session: str, count: int = 7, initiative: Thing | None = None) -> Thing:
        """A group that enrolled."""
        made = self.crew.post(
            "cooperative", "/v1/delegations", self.wish(session, count, initiative)
        )
        for enrolment in made["enrolments"]:
            self.note("enrolments", enrolment)
        return self.note("delegations", made)

    def seat_offer(self) -> Thing:
        """An offer to a group that waited."""
        session = self.opened(capacity=5, waitlist_max=5)
        held = self.delegation(session, 5)
        waiting = self.delegation(session, 1)
        self.act("cooperative", f"/v1/enrolments/{held['enrolments'][0]['id']}", "withdrawals")
        offers = self.crew.get("cooperative", "/v1/seat-offers?limit=200")["items"]
        [offer] = [found for found in offers if found["delegation_id"] == waiting["id"]]
        return self.note("seat-offers", offer)

    def ready_to_start(self) -> str:
        """The path of a session whose group waits for it to begin."""
        session = self.opened(late=True)
        self.delegation(session)
        self.steps(session, "registration-closures")
        return session

    def under_way(self, initiative: Thing | None = None) -> tuple[str, Thing]:
        """A session in progress, held long ago, and its one group."""
        session = self.opened(late=True)
        delegation = self.delegation(session, 7, initiative)
        self.steps(session, "registration-closures", "starts")
        return session, delegation

    def observations(self, session: str, delegation: Thing) -> Thing:
        """Everybody was always there."""
        slots = self.crew.get("training_manager", session)["slots"]
        seen = [
            {
                "client_event_id": str(uuid4()),
                "enrolment_id": learner["id"],
                "slot_id": slot["id"],
                "status": "PRESENT",
                "method": "PAPER",
                "captured_at": slot["ends_at"],
            }
            for slot in slots
            for learner in delegation["enrolments"]
        ]
        return {"training_session_id": session.rpartition("/")[2], "events": seen}

    def taught(self, initiative: Thing | None = None) -> tuple[str, Thing]:
        """A session in progress of which everything is recorded and every deliverable accepted."""
        session, delegation = self.under_way(initiative)
        batch = self.observations(session, delegation)
        answer = self.crew.ask("trainer", "POST", "/v1/attendance-events", json_body=batch)
        self.crew.expect(answer, 200)
        for module, deliverable in zip(training.MODULES, training.DELIVERABLES, strict=True):
            wish = training.an_assessment(
                delegation, module_code=module, deliverable_code=deliverable
            )
            self.note("assessments", self.crew.post("trainer", "/v1/assessments", wish))
        return session, delegation

    def delivered(self, initiative: Thing | None = None) -> tuple[str, Thing]:
        """A delivered session and its group."""
        session, delegation = self.taught(initiative)
        self.steps(session, "deliveries")
        return session, delegation

    def decided(self, initiative: Thing | None = None) -> tuple[str, Thing]:
        """A delivered session, and the decision about its one group."""
        session, delegation = self.delivered(initiative)
        body = {"delegation_id": delegation["id"]}
        made = self.crew.post("training_manager", "/v1/completion-decisions", body)
        return session, self.note("completion-decisions", made)

    def validated(self, initiative: Thing | None = None) -> tuple[str, Thing]:
        """A session whose results are final, and its decision."""
        session, decision = self.decided(initiative)
        self.steps(session, "result-validations")
        return session, decision

    def certificate(self, initiative: Thing | None = None) -> str:
        """The path of a certificate."""
        _, decision = self.validated(initiative)
        body = {"completion_decision_id": decision["id"]}
        made = self.crew.post("training_manager", "/v1/training-certificates", body)
        self.note("training codes", made, "verification_code")
        return f"/v1/training-certificates/{self.note('training-certificates', made)['id']}"

    def suspended(self) -> str:
        """The path of a suspended certificate."""
        path = self.certificate()
        body = {"reason_code": "UNDER_INVESTIGATION", "note": "Une plainte est à l'étude."}
        self.act("training_manager", path, "suspensions", body)
        return path

    def revocation(self) -> tuple[str, Thing]:
        """The path of a certificate, and what one manager proposes to revoke it."""
        path = self.certificate()
        body = {"reason_code": "ISSUED_IN_ERROR", "note": "Émis pour un autre groupe."}
        return path, self.act(SECOND_MANAGER, path, "revocations", body)
