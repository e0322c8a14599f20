"""Who may: each alias is a caller who holds at least one of the scopes."""

from typing import Annotated

from fastapi import Depends

from chassis.auth import Caller, requires

Filer = Annotated[Caller, Depends(requires("filings:write"))]
# which of the two a filing needs is said by its type
Drafter = Annotated[Caller, Depends(requires("filings:write", "filings:correct"))]
Instructor = Annotated[Caller, Depends(requires("filings:review"))]
Validator = Annotated[Caller, Depends(requires("filings:decide"))]
Agent = Annotated[Caller, Depends(requires("filings:review", "filings:decide", "filings:correct"))]
Reader = Annotated[
    Caller,
    Depends(requires("filings:write", "filings:review", "filings:decide", "filings:correct")),
]
Registrar = Annotated[Caller, Depends(requires("filings:correct"))]
MemberReader = Annotated[Caller, Depends(requires("cooperatives.members:read"))]
Anybody = Annotated[Caller, Depends(requires())]
Protector = Annotated[Caller, Depends(requires("privacy:manage"))]
Linker = Annotated[
    Caller,
    Depends(requires("filings:write", "filings:review", "filings:decide", "filings:correct")),
]

CORRECT = "filings:correct"
FILE = "filings:write"
READ_MEMBERS = "cooperatives.members:read"
AGENT_SCOPES = ("filings:review", "filings:decide", "filings:correct")
PROTECT = "privacy:manage"
# Who may take a file out of a colleague's hands.
SUPERVISE = ("filings:decide", "filings:correct")
