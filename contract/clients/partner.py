"""What a partner's program does first, in types alone: run against a town."""

import json
import sys
from datetime import date
from pathlib import Path
from uuid import uuid4

from mboolo_client import AuthenticatedClient, Client
from mboolo_client.api.cooperatives import list_cooperatives
from mboolo_client.api.filings import draft_filing, edit_filing, read_filing, submit_filing
from mboolo_client.api.me import read_me
from mboolo_client.api.simulations import simulate_schedule
from mboolo_client.api.tokens import issue_token
from mboolo_client.models import (
    Amortization,
    CooperativeSummaryPage,
    DayCount,
    FilingPatch,
    FilingRead,
    FilingStatus,
    FilingSubmissionWrite,
    FilingType,
    FilingWrite,
    InterestMethod,
    IssueTokenBody,
    LegalForm,
    Me,
    NameChange,
    NameChangeFilingWrite,
    Problem,
    Registration,
    RegistrationPatch,
    RepayUnit,
    ScheduleRead,
    ScheduleRequest,
    SeatChangeFilingWrite,
    TokenRead,
)


def token_of(origin: str, client_id: str, client_secret: str) -> str:
    """An access token, which lasts five minutes."""
    anyone = Client(base_url=origin, httpx_args={"auth": (client_id, client_secret)})
    answer = issue_token.sync(client=anyone, body=IssueTokenBody.from_dict(GRANT))
    assert isinstance(answer, TokenRead), answer
    return answer.access_token


GRANT = {"grant_type": "client_credentials"}


def look_around(origin: str, client: AuthenticatedClient) -> None:
    """Who am I, and who is in the register: the second question needs no token."""
    me = read_me.sync(client=client)
    assert isinstance(me, Me)
    assert "filings:write" in me.scopes
    found = list_cooperatives.sync(client=Client(base_url=origin), limit=5)
    assert isinstance(found, CooperativeSummaryPage)
    assert len(found.items) <= 5


def draft(client: AuthenticatedClient) -> FilingRead:
    """A draft may be partial; the same key brings the same answer."""
    name = "Coopérative des pêcheurs de Joal"
    wish = FilingWrite(
        type_=FilingType.REGISTRATION, payload=Registration(legal_form=LegalForm.SCOOPS, name=name)
    )
    key = str(uuid4())
    first = draft_filing.sync_detailed(client=client, body=wish, idempotency_key=key)
    again = draft_filing.sync_detailed(client=client, body=wish, idempotency_key=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert isinstance(first.parsed, FilingRead), first.content
    assert first.parsed == again.parsed
    assert first.parsed.status is FilingStatus.DRAFT
    return first.parsed


def be_told_what_belongs_together(client: AuthenticatedClient) -> None:
    """The type of a filing decides what it declares: a type checker knows which payload is whose,
    and the platform says what it would refuse."""
    name = NameChange(name="Coopérative des pêcheurs")
    right = NameChangeFilingWrite(type_="CHANGE_OF_NAME", payload=name)
    wrong = SeatChangeFilingWrite(type_="CHANGE_OF_SEAT", payload=name)  # type: ignore[arg-type]
    for body, codes in ((right, {"COOPERATIVE_REQUIRED"}), (wrong, {"FIELD_UNKNOWN"})):
        said = draft_filing.sync(client=client, body=body, idempotency_key=str(uuid4()))
        assert isinstance(said, Problem), said
        assert {finding.code for finding in said.errors} == codes, said


def correct(client: AuthenticatedClient, filing: FilingRead) -> None:
    """A correction names the version that was read."""
    changed = edit_filing.sync(
        id=filing.id,
        client=client,
        body=FilingPatch(payload=RegistrationPatch(object_="Pêcher et vendre")),
        if_match=f'"{filing.version}"',
    )
    assert isinstance(changed, FilingRead), changed
    assert changed.version == filing.version + 1


def be_refused(client: AuthenticatedClient, filing: FilingRead) -> None:
    """A refusal is a typed problem, with a pointer to each thing that is wrong."""
    problem = submit_filing.sync(
        id=filing.id, client=client, body=FilingSubmissionWrite(), idempotency_key=str(uuid4())
    )
    assert isinstance(problem, Problem), problem
    assert problem.code == "VALIDATION_FAILED"
    assert any(str(finding.pointer).startswith("/payload") for finding in problem.errors)
    absent = read_filing.sync(id=uuid4(), client=client)
    assert isinstance(absent, Problem)
    assert absent.code == "NOT_FOUND"


def simulate(origin: str) -> None:
    """Anyone may simulate a loan."""
    loan = simulate_schedule.sync(
        client=Client(base_url=origin),
        body=ScheduleRequest(
            principal_xof=1_200_000,
            annual_rate_percent="12.00",
            number_of_installments=12,
            repay_every=1,
            repay_unit=RepayUnit.MONTHS,
            disbursed_on=date(2027, 1, 15),
            interest_method=InterestMethod.DECLINING,
            amortization=Amortization.ANNUITY,
            day_count=DayCount.PERIODIC,
        ),
    )
    assert isinstance(loan, ScheduleRead), loan
    assert (len(loan.installments), loan.installments[-1].balance_xof) == (12, 0)


def meet_a_later_version(filing: FilingRead) -> None:
    """New fields and new values of enumerations do not disturb a client that knows none."""
    later = FilingRead.from_dict({**filing.to_dict(), "status": "MEDIATION", "mediator": "ADEPME"})
    assert later.status == "MEDIATION"
    assert later.additional_properties == {"mediator": "ADEPME"}


def main(origin: str, accounts: Path) -> None:
    """All of it, in the order in which a newcomer would try it."""
    account = json.loads(accounts.read_text(encoding="utf-8"))["clients"]["cooperative"]
    token = token_of(origin, account["client_id"], account["client_secret"])
    client = AuthenticatedClient(base_url=origin, token=token)
    look_around(origin, client)
    filing = draft(client)
    be_told_what_belongs_together(client)
    correct(client, filing)
    be_refused(client, filing)
    simulate(origin)
    meet_a_later_version(filing)
    sys.stdout.write("The Python client did all that it was made for.\n")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
