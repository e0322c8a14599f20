"""Applications, assignments, offers and financings in every state."""

import time

from local.story import people
from tests.financing import acts, banks
from tests.fuzz.makers.base import Thing
from tests.fuzz.makers.training import TrainingMakers


class FinancingMakers(TrainingMakers):
    """Made by the cooperative, the officers and bank A."""

    _eligible: Thing | None = None

    def eligible_cooperative(self) -> str:
        """A trained and registered cooperative of whom financing has heard; always the same."""
        if self._eligible is None:
            initiative = self.initiative()
            self.certificate(initiative)
            self._eligible = self.cooperative(initiative)
            self._await_eligible(self._eligible["cooperative_id"])
        return str(self._eligible["cooperative_id"])

    def _await_eligible(self, id: str) -> None:
        path = f"/v1/financing-products/CAMPAIGN_CREDIT/eligibility?cooperative_id={id}"
        until = time.monotonic() + 120
        while not self.crew.get("cooperative", path)["is_eligible"]:
            self.crew.sure(time.monotonic() < until, "the cooperative becomes eligible")
            time.sleep(0.2)

    def application_wish(self) -> Thing:
        """What a lawful application asks; each for a purpose of its own, as the rules demand."""
        cooperative = {"cooperative_id": self.eligible_cooperative()}
        return acts.a_wish(cooperative, purpose=f"Campagne d'anacarde {people.word()}")

    def application(self, until: str = "DRAFT") -> str:
        """The path of an application brought to DRAFT, SUBMITTED, UNDER_REVIEW or ELIGIBLE."""
        wish = self.application_wish()
        made = self.crew.post("cooperative", "/v1/financing-applications", wish)
        path = f"/v1/financing-applications/{self.note('financing-applications', made)['id']}"
        if until != "DRAFT":
            self.crew.post("cooperative", f"{path}/submissions", {})
        if until in ("UNDER_REVIEW", "ELIGIBLE", "NOT_ELIGIBLE"):
            self.crew.post("financing_officer", f"{path}/reviews", {"outcome": "COMPLETE"})
        if until in ("ELIGIBLE", "NOT_ELIGIBLE"):
            said: Thing = {"outcome": until}
            said |= {"reasons": ["Dossier trop risqué."]} if until == "NOT_ELIGIBLE" else {}
            self.act("financing_validator", path, "eligibility-decisions", said)
        return path

    def assignment(self) -> Thing:
        """An application in the hands of bank A, as the bank reads it."""
        path = self.application("ELIGIBLE")
        body = {"lender_ids": [self.crew.of("bank_a", "lender_id")]}
        sent = self.crew.post("financing_officer", f"{path}/transmissions", body)
        [row] = sent["assignments"]
        found = self.crew.get("bank_a", f"/v1/lender/assignments/{row['assignment_id']}")
        return self.note("lender/assignments", found)

    def question(self) -> Thing:
        """A question of bank A to the cooperative."""
        assignment = self.assignment()
        path = f"/v1/lender/assignments/{assignment['id']}"
        self.crew.post("bank_a", f"{path}/acknowledgements", {})
        body = {"items": [{"code": "CASH_FLOW", "text": "Quel est le chiffre d'affaires ?"}]}
        asked = self.crew.post("bank_a", f"{path}/information-requests", body)
        return {**asked, "application_id": assignment["application_id"]}

    def offer(self) -> Thing:
        """A live offer of bank A, as the cooperative reads it."""
        assignment = self.assignment()
        path = f"/v1/lender/assignments/{assignment['id']}/decisions"
        version = f'"{assignment["version"]}"'
        body = banks.an_offer(assignment)
        answer = self.crew.signed("bank_a", path, body, {"If-Match": version})
        self.note("lender/decisions", self.crew.expect(answer, 201), "decision_id")
        list = f"/v1/offers?application_id={assignment['application_id']}"
        [offer] = self.crew.get("cooperative", list)["items"]
        return self.note("offers", offer)

    def financing(self, until: str = "ACCEPTED") -> str:
        """The path of a financing brought to ACCEPTED, CONTRACTED or ACTIVE."""
        offer = self.offer()
        made = self.act("cooperative", f"/v1/offers/{offer['id']}", "acceptances")
        path = f"/v1/financings/{self.note('financings', made, 'financing_id')['financing_id']}"
        if until != "ACCEPTED":
            self.crew.post("bank_a", f"{path}/contracts", banks.a_contract())
        if until == "ACTIVE":
            self.crew.post("bank_a", f"{path}/disbursements", banks.a_disbursement())
        return path
