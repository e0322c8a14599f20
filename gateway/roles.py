"""Who may what: the scopes of the contract and the roles that hold them (see docs/roles.md)."""

from collections.abc import Mapping

SCOPES: Mapping[str, str] = {
    "cooperatives:read": "read the register beyond its public part",
    "cooperatives.members:read": "read members of cooperatives, masked as the role requires",
    "filings:write": "draft, submit and withdraw filings",
    "filings:review": "review submitted filings",
    "filings:decide": "approve or reject reviewed filings",
    "filings:correct": "correct the register ex officio",
    "privacy:manage": "answer the requests of persons about their data, see who read it",
    "training:read": "read sessions, enrolments and certificates",
    "training:enrol": "enrol persons and delegations",
    "training:manage": "manage programmes, sessions and accreditations",
    "training:deliver": "record attendance and assessments",
    "financing:apply": "apply for financing, compare and accept offers",
    "financing:review": "review applications for financing",
    "financing:validate": "decide on eligibility and transmit to lenders",
    "lender:read": "read the applications assigned to the lender",
    "lender:decide": "decide on assigned applications",
    "lender:report": "report contracts, disbursements and repayments",
    "events:read": "read one's own events and receive webhooks",
    "grants:manage": "lend clients access to one's own cooperative's record, and take it back",
    "statistics:read": "read detailed statistics",
    "organisation:manage": "manage the persons and machines of one's own organisation",
    "platform:admin": "administer organisations, users and clients",
}

_LENDER = ("lender:read", "lender:decide", "lender:report")
_AGENT = ("cooperatives:read", "cooperatives.members:read")

ROLES: Mapping[str, tuple[str, ...]] = {
    "cooperative": (
        *_AGENT,
        "filings:write",
        "training:read",
        "training:enrol",
        "financing:apply",
        "events:read",
        "grants:manage",
    ),
    "volunteer": ("cooperatives:read", "filings:write", "training:read", "training:enrol"),
    "instructor": (*_AGENT, "filings:review", "training:read"),
    "validator": (*_AGENT, "filings:decide", "training:read"),
    "dual_agent": (
        *_AGENT,
        "filings:review",
        "filings:decide",
        "financing:review",
        "financing:validate",
        "training:read",
    ),
    "registrar": (*_AGENT, "filings:correct", "training:read"),
    "data_protection": (*_AGENT, "privacy:manage"),
    "training_manager": (
        "cooperatives:read",
        "training:read",
        "training:manage",
        "training:enrol",
    ),
    "trainer": ("training:read", "training:deliver"),
    "financing_officer": ("cooperatives:read", "training:read", "financing:review"),
    "financing_validator": ("cooperatives:read", "training:read", "financing:validate"),
    "lender": _LENDER,
    "bank_a": _LENDER,
    "bank_b": _LENDER,
    "sfd": _LENDER,
    "third_party": ("cooperatives:read", "events:read"),
    "statistician": ("cooperatives:read", "statistics:read"),
    "manager": ("organisation:manage",),
    "admin": ("platform:admin",),
}

# Who is in the demonstration, each with a machine and most with a person of their own.
DEMO = tuple(role for role in ROLES if role not in ("lender", "manager"))

# A third-party application is a machine and nobody signs in as one; everybody else is a person
# too, so that the frontend, which speaks for persons, may be granted all that they hold.
PERSONS = tuple(role for role in ROLES if role != "third_party")
FRONTEND = tuple(s for s in SCOPES if any(s in ROLES[role] for role in PERSONS))

# Who reviews, decides, manages, reports or sees what others may not: a password alone is not
# enough for them. A new role is among them until somebody says otherwise here.
AGENTS = tuple(role for role in PERSONS if role not in ("cooperative", "volunteer", "trainer"))
