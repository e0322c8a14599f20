"""The second step of a sign-in: the code of a telephone, or enrolling one."""

from typing import Any

import segno
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import Response

from gateway.accounts import persons, second_factor, totp
from gateway.accounts.persons import Person
from gateway.signin import forms, proving
from gateway.signin.asking import Asked
from gateway.signin.forms import Form
from gateway.signin.pages import Desk
from gateway.signin.proving import Proof

_ISSUER = "Mboolo"


def sealed(desk: Desk, proof: Proof) -> dict[str, Any]:
    """What the second step must know of the first: who, and with which password."""
    mark = desk.request.app.state.tickets.mark(proof.password_hash)
    return {"account_id": proof.person.id, "password": mark}


async def reopened(form: Form, session: AsyncSession) -> Proof | None:
    """The first step again, unless the password has changed meanwhile or they may not act."""
    state = form.desk.request.app.state
    person = await persons.find(session, form.sealed["account_id"])
    password_hash = await proving.password_hash(session, form.sealed["account_id"])
    if person is None or password_hash is None:
        return None
    if state.tickets.mark(password_hash) != form.sealed["password"]:
        return None
    counts = proving.counts_of(state.vault, form.desk.browser, person.username, person.id)
    return Proof(person, password_hash, counts)


def code_page(desk: Desk, asked: Asked | None, proof: Proof, *, failed: bool = False) -> Response:
    """The page that asks for a code."""
    return desk.page(
        "second_factor.html",
        400 if failed else 200,
        ticket=forms.ticket(desk, "code", asked, **sealed(desk, proof)),
        failed=failed,
    )


def enrolment_page(
    desk: Desk, asked: Asked | None, proof: Proof, *, secret: str, failed: bool = False
) -> Response:
    """The page that shows a secret, to be scanned before the sign-in goes on."""
    return enrolment(
        desk,
        proof.person,
        secret,
        action="/oauth2/sign-in/enrolment",
        ticket=forms.ticket(
            desk, "enrolment", asked, **sealed(desk, proof), secret=mark(desk, secret)
        ),
        failed=failed,
    )


def mark(desk: Desk, secret: str) -> str:
    """Names a secret in a ticket without telling it."""
    made: str = desk.request.app.state.tickets.mark(f"enrolment:{secret}")
    return made


def was_shown(form: Form, secret: str) -> bool:
    """Whether it is the secret that stood on the page of this form."""
    return bool(form.sealed["secret"] == mark(form.desk, secret))


async def again(form: Form, proof: Proof, session: AsyncSession) -> Response:
    """The same secret once more: what was typed was no code of it. A new one if somebody else has
    begun meanwhile."""
    vault = form.desk.request.app.state.vault
    secret = await second_factor.pending(session, proof.person.id, vault)
    if secret is None or not was_shown(form, secret):
        secret = await second_factor.begin(session, proof.person.id, vault)
    return enrolment_page(form.desk, form.asked, proof, secret=secret, failed=True)


def enrolment(
    desk: Desk, person: Person, secret: str, *, action: str, ticket: str, failed: bool = False
) -> Response:
    """A square, the same in text, and a field for the first code."""
    address = totp.address(secret, person.username, _ISSUER)
    grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return desk.page(
        "enrol.html",
        400 if failed else 200,
        square=segno.make(address, micro=False).svg_inline(border=3, omitsize=True),
        secret=grouped,
        needed=person.must_have_second_factor(desk.request.app.state.mint.strong_roles),
        action=action,
        ticket=ticket,
        failed=failed,
    )
