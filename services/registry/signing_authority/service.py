"""A signing authority check, answered and signed: may these persons bind this cooperative?"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from chassis import clock
from chassis.auth import Caller
from chassis.db import AsyncSession
from chassis.errors import Finding, ValidationFailed
from chassis.ids import new_id
from chassis.jose import Signer
from services.registry.history.models import Effect
from services.registry.history.repository import effects_of, happening, holders
from services.registry.history.rules import State, state_on
from services.registry.law.repository import legal_persons
from services.registry.signing_authority import rules
from services.registry.signing_authority.rules import Names, Person, Verdict
from services.registry.signing_authority.schemas import CheckWrite

TYP = "signing-authority+jwt"
_AHEAD = timedelta(minutes=1)  # how far a clock of whoever asks may be before ours


@dataclass(frozen=True)
class Checked:
    """The answer: `facts` are what is signed, word by word."""

    verdict: Verdict
    facts: dict[str, Any]


async def check(session: AsyncSession, id: UUID, asked: CheckWrite) -> Checked:
    """What the record, on that day and as known then, says about these persons and this amount."""
    on = asked.on or clock.today()
    _refuse(asked, on)
    effects = await effects_of(session, id)
    known = [one for one in effects if asked.known_at is None or one.recorded_at <= asked.known_at]
    state = state_on([happening(one) for one in known], on)
    if not state.is_begun:
        raise ValidationFailed(findings=[Finding(code="NO_RECORD_THAT_DAY", pointer="/on")])
    names = await holders(session, known)
    legal = await legal_persons(session, id)
    people = rules.persons_on(asked.persons, state, names, on, legal)
    verdict = rules.may_bind(state, asked.persons, people, asked.amount_xof)
    facts = {
        "result": verdict.result.value,
        "amount_xof": asked.amount_xof,
        **_moment(on, known[-1]),
        "cooperative": {"id": str(id), **_shown(state)},
        "persons": [_person(one, names) for one in people],
        "signing_rules": [{"up_to_xof": None, **rule} for rule in rules.rules_of(state)],
        "rule": verdict.rule,
        "liquidator": rules.liquidator_of(state),
    }
    return Checked(verdict, facts)


def _refuse(asked: CheckWrite, on: date) -> None:
    found = list(rules.misnamed(asked.persons))
    # nobody can attest what will be on record on a later day
    if on > clock.today():
        found.append(Finding(code="DATE_IN_FUTURE", pointer="/on"))
    if asked.known_at is not None and asked.known_at > clock.now() + _AHEAD:
        found.append(Finding(code="DATE_IN_FUTURE", pointer="/known_at"))
    if found:
        raise ValidationFailed(findings=found)


def _moment(on: date, last: Effect) -> dict[str, Any]:
    # what is being approved has its instant already, and may be read at once: no clock comes
    # before it for certain, the instant of what was read does
    return {
        "as_of": on.isoformat(),
        "known_at": clock.exact(last.recorded_at),
        "revision": last.revision,
        "filing_id": str(last.filing_id),
    }


def _shown(state: State) -> dict[str, Any]:
    return {
        name: state.fields[name] for name in ("registration_number", "name", "legal_form", "life")
    }


def _person(one: Person, names: Names) -> dict[str, Any]:
    who = names[one.member_id] if one.member_id else {"family_name": None, "given_names": None}
    return {
        **who,
        "mandates": [
            {
                "mandate_id": seat.mandate_id,
                **{n: seat.value[n] for n in ("organ", "function", "from_on", "to_on")},
                "representative": seat.value.get("representative"),
                "is_counted": seat.doubt is None,
            }
            for seat in one.seats
        ],
        "is_counted": bool(one.functions) and not one.is_again,
    }


def signed(checked: Checked, signer: Signer, *, base: str, question: str, by: Caller) -> str:
    """The facts as a JWT for whoever asked. Nothing that a caller wrote stands in it: of the
    question only its hash, by which they can show what they had asked."""
    reasons = [
        {"code": one.code, "pointer": one.pointer, "law_ref": one.law_ref,
         "params": dict(one.params)}
        for one in checked.verdict.reasons
    ]  # fmt: skip
    claims = {
        "iss": base.removesuffix("/v1"),
        "aud": by.client_id,
        "sub": f"urn:uuid:{checked.facts['cooperative']['id']}",
        "jti": f"urn:uuid:{new_id()}",
        "iat": int(clock.now().timestamp()),
        "question_sha256": question,
        **checked.facts,
        "reasons": reasons,
    }
    return signer.token(claims, TYP)
