"""Whose a record is: given to somebody once, and put right only by a correction."""

from collections.abc import Iterator
from typing import Any

from chassis.errors import Finding
from services.registry.acts import Case, Rule, fields_of
from services.registry.fields import UNCLAIMED
from services.registry.handovers.schemas import Handover
from services.registry.history.rules import Change
from services.registry.law.rules import Facts, Law

_AT = "/payload/organisation_id"


def handover_changes(said: Handover, _: Case) -> list[Change]:
    """Whose it is from now on."""
    return fields_of(organisation_id=said.organisation_id)


def belongs_to_nobody(_: Handover, __: Law, facts: Facts) -> Iterator[Finding]:
    """What is somebody's is not given to somebody else."""
    if facts.owner is not None and not facts.owner.startswith(UNCLAIMED):
        yield Finding(code="RECORD_OWNED_ALREADY", pointer=_AT)


def goes_to_somebody(said: Any, _: Law, __: Facts) -> Iterator[Finding]:
    """Nobody is no organisation."""
    if said.organisation_id is not None and said.organisation_id.startswith(UNCLAIMED):
        yield Finding(code="FIELD_INVALID", pointer=_AT, params={"expected": "org-…"})


def receiver_was_seen(said: Any, law: Law, facts: Facts) -> Iterator[Finding]:
    """Of an organisation that never said anything here, a mistyped one too, whoever decides is
    told: accounts are not the register's, and one may be new."""
    if not (facts.is_receiver_known or any(goes_to_somebody(said, law, facts))):
        yield Finding(code="ORGANISATION_NEVER_SEEN", pointer=_AT, severity="WARN")


def _seen_if_given(said: Handover, law: Law, facts: Facts) -> Iterator[Finding]:
    if not any(belongs_to_nobody(said, law, facts)):
        yield from receiver_was_seen(said, law, facts)


HANDOVER: tuple[Rule, ...] = (belongs_to_nobody, goes_to_somebody, _seen_if_given)
