"""What each kind of organisation may hold: roles of persons and machines, scopes, territory.

The table is data: docs/roles.md shows it, and a test compares the two.
"""

from collections.abc import Collection, Mapping

from gateway.accounts.models import OrganisationKind
from gateway.roles import FRONTEND, PERSONS, ROLES

_MINISTRY = (
    "instructor",
    "validator",
    "registrar",
    "data_protection",
    "training_manager",
    "trainer",
    "financing_officer",
    "financing_validator",
    "statistician",
    "manager",
    "admin",
)
KINDS: Mapping[OrganisationKind, tuple[str, ...]] = {
    OrganisationKind.MINISTRY_UNIT: _MINISTRY,
    OrganisationKind.COOPERATIVE: ("cooperative", "manager"),
    OrganisationKind.INITIATIVE: ("cooperative", "volunteer", "manager"),
    OrganisationKind.LENDER: ("lender", "manager"),
    OrganisationKind.DEVELOPER: ("third_party", "manager"),
}
# Names of the demonstration: given nowhere else.
DEMO_ONLY: Mapping[OrganisationKind, tuple[str, ...]] = {
    OrganisationKind.MINISTRY_UNIT: ("dual_agent",),
    OrganisationKind.LENDER: ("bank_a", "bank_b", "sfd"),
}
# What a cooperative may lend on its own record; a machine of a developer may hold it for that.
LENDABLE = (
    "cooperatives:read",
    "cooperatives.members:read",
    "filings:write",
    "training:read",
    "training:enrol",
    "financing:apply",
    "events:read",
)


def roles_of(kind: OrganisationKind, *, is_demo: bool) -> frozenset[str]:
    """The roles that may be given in an organisation of that kind."""
    return frozenset(KINDS[kind] + (DEMO_ONLY.get(kind, ()) if is_demo else ()))


def persons_roles_of(kind: OrganisationKind, *, is_demo: bool) -> frozenset[str]:
    """Those that a person may have."""
    return roles_of(kind, is_demo=is_demo) & set(PERSONS)


def machine_scopes_of(kind: OrganisationKind) -> frozenset[str]:
    """What a machine of an organisation of that kind may hold for itself."""
    held = {scope for role in KINDS[kind] for scope in ROLES[role]}
    lent = LENDABLE if kind == OrganisationKind.DEVELOPER else ()
    return frozenset(held | set(lent))


def app_scopes_of(kind: OrganisationKind) -> frozenset[str]:
    """What an application of persons may ask them for: each brings only their own part.

    Applications for everybody are made by the ministry and by developers.
    """
    is_for_all = kind in (OrganisationKind.MINISTRY_UNIT, OrganisationKind.DEVELOPER)
    return frozenset(FRONTEND) if is_for_all else machine_scopes_of(kind)


def may_have_territory(kind: OrganisationKind, roles: Collection[str]) -> bool:
    """Whether they are exercised over a territory: anybody else would see the files of others."""
    is_volunteer = kind == OrganisationKind.INITIATIVE and "volunteer" in roles
    return kind == OrganisationKind.MINISTRY_UNIT or is_volunteer
