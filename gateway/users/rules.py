"""What may be given, and by whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from chassis.auth import Caller
from chassis.errors import Finding
from gateway.accounts.models import Account, Organisation
from gateway.plane.callers import ADMIN
from gateway.rights import may_have_territory, persons_roles_of
from gateway.territories import is_territory, lies_within


@dataclass(frozen=True)
class Gift:
    """Roles and a territory, to be given to a person of an organisation."""

    organisation: Organisation
    roles: Sequence[str]
    territory: Sequence[str]


def givable(organisation: Organisation, giver: Caller) -> frozenset[str]:
    """The roles that the giver may give there: those of its kind; `admin` by an administrator."""
    roles = persons_roles_of(organisation.kind, is_demo=organisation.is_demo)
    return roles if giver.has(ADMIN) else roles - {"admin"}


def refusals(gift: Gift, giver: Caller) -> list[Finding]:
    """Everything that is wrong with a gift."""
    return [*_about_roles(gift, giver), *_about_territory(gift, giver)]


def _about_roles(gift: Gift, giver: Caller) -> list[Finding]:
    allowed = givable(gift.organisation, giver)
    params = {"allowed": " ".join(sorted(allowed))}
    return [
        Finding(code="ROLE_NOT_GIVABLE", pointer=f"/roles/{at}", params=params)
        for at, role in enumerate(gift.roles)
        if role not in allowed
    ]


def _about_territory(gift: Gift, giver: Caller) -> list[Finding]:
    if gift.territory and not may_have_territory(gift.organisation.kind, gift.roles):
        return [Finding(code="TERRITORY_NOT_EXPECTED", pointer="/territory")]
    return [
        Finding(code=code, pointer=f"/territory/{at}")
        for at, place in enumerate(gift.territory)
        if (code := _about_place(place, giver.territories))
    ]


def _about_place(place: str, own: Collection[str]) -> str | None:
    if not is_territory(place):
        return "TERRITORY_UNKNOWN"
    return None if lies_within(place, own) else "TERRITORY_NOT_YOURS"


def is_within_reach(account: Account, organisation: Organisation, by: Caller) -> bool:
    """Whether someone may act on a person: they could have given all that the person holds."""
    if by.has(ADMIN):
        return True
    holds_no_more = set(account.roles) <= givable(organisation, by)
    return holds_no_more and all(lies_within(place, by.territories) for place in account.territory)
