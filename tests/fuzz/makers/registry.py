"""Groups, filings and cooperatives."""

import time
from uuid import uuid4

from local.story import people
from tests.fuzz.makers.base import Base, Thing


class RegistryMakers(Base):
    """Made as a volunteer does it, for the organisation of the demo's cooperative."""

    def key_id(self) -> str:
        """The name of a key that signs proofs."""
        if "keys" not in self.known:
            code = self.some("registry codes")
            proof = self.crew.get(None, f"/v1/verifications/{code}")
            self.note("keys", proof, "kid")
        return self.some("keys")

    def initiative(self) -> Thing:
        """A group of the cooperative's organisation."""
        body = {
            "name": people.word(),
            "commune_code": people.COMMUNE,
            "activity": "Transformation de la noix de cajou",
            "members_count": 7,
            "women_count": 7,
            "organisation_id": self.crew.of("cooperative", "organisation_id"),
        }
        return self.note("initiatives", self.crew.post("volunteer", "/v1/initiatives", body))

    def registration(self, initiative: Thing | None = None) -> Thing:
        """What a lawful registration says."""
        declared = people.registration(people.word(), people.persons())
        named = {"initiative_id": initiative["id"]} if initiative else {}
        own = {} if initiative else {"organisation_id": self.organisation}
        return {"type": "REGISTRATION", **named, **own, "payload": declared}

    @property
    def organisation(self) -> str:
        """The organisation of the cooperative."""
        return str(self.crew.of("cooperative", "organisation_id"))

    def filing(self, until: str = "DRAFT", initiative: Thing | None = None) -> Thing:
        """A filing brought to DRAFT, SUBMITTED or UNDER_REVIEW."""
        made: Thing = self.crew.post("volunteer", "/v1/filings", self.registration(initiative))
        self.note("filings", made)
        path = f"/v1/filings/{made['id']}"
        if until != "DRAFT":
            self.crew.post("volunteer", f"{path}/submissions", {})
        if until == "UNDER_REVIEW":
            self.crew.post("instructor", f"{path}/reviews", {"outcome": "COMPLETE"})
        return made

    def list_of_others(self) -> bytes:
        """An existing list of one organisation, as a CSV."""
        return f"nom,commune\n{people.word()} {people.word()},{people.COMMUNE}\n".encode()

    def brought_in(self) -> Thing:
        """A list that was read and waits for a decision."""
        headers = {"Content-Type": "text/csv", "Idempotency-Key": uuid4().hex}
        content = self.list_of_others()
        made = self.crew.ask("registrar", "POST", "/v1/imports", content=content, headers=headers)
        self.crew.expect(made, 202)
        found: Thing = made.json()
        self.note("operations", found, "operation_id")
        while found["status"] == "CHECKING":
            time.sleep(0.1)
            found = self.crew.get("registrar", f"/v1/imports/{found['id']}")
        return self.note("imports", found)

    def cooperative(self, initiative: Thing | None = None) -> Thing:
        """A registered cooperative, as the decision about it tells."""
        filing = self.filing("UNDER_REVIEW", initiative)
        path = f"/v1/filings/{filing['id']}"
        decision = self.act("validator", path, "decisions", {"outcome": "APPROVED"})
        self.note("registry codes", decision, "verification_code")
        return self.note("cooperatives", decision, "cooperative_id")

    def member(self) -> str:
        """A member about whom nobody asked anything yet."""
        if not self.known.get("fresh members"):
            made = self.cooperative()
            path = f"/v1/cooperatives/{made['cooperative_id']}/members"
            for row in self.crew.get("cooperative", path)["items"]:
                self.note("members", row)
                self.note("fresh members", row)
        return self.known["fresh members"].pop()

    def link_code(self) -> str:
        """A code that an agent gave for a member."""
        path = f"/v1/members/{self.member()}/link-codes"
        made = self.crew.post("instructor", path, {"ground": "IDENTITY_DOCUMENT_SEEN"})
        return str(made["code"])

    def data_request(self, role: str) -> Thing:
        """A request at a desk, or of a person who is the member."""
        member = self.member()
        if role != "data_protection":
            path, ground = f"/v1/members/{member}/link-codes", "IDENTITY_DOCUMENT_SEEN"
            code = self.crew.post("instructor", path, {"ground": ground})["code"]
            self.crew.post(role, "/v1/me/member-links", {"code": code})
        body = {"kind": "OBJECTION", "member_id": member}
        return self.note("data-requests", self.crew.post(role, "/v1/data-requests", body))
