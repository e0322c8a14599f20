"""Refusals proper to lenders' decisions."""

from typing import ClassVar

from chassis.errors import BadRequest, Conflict, Problem


class SignatureMissing(BadRequest):
    """The header is absent."""


class SignatureMalformed(BadRequest):
    """The header is not a detached JWS."""


class SignatureMissingClaim(BadRequest):
    """The protected header says too little."""


class SignatureInvalidClaim(BadRequest):
    """The protected header speaks of another key, moment, address, audience or act."""


class SignatureInvalid(BadRequest):
    """The signature is not that of the body."""


class SignatureKeyNotYetValid(BadRequest):
    """The signature holds, but is dated before its key may sign."""


class SignatureKeyRevoked(BadRequest):
    """The signature holds, but its key has ended."""


class DossierChanged(Problem):
    """The lender signed that it studied another dossier than the present one."""

    status: ClassVar[int] = 412


class DecisionRefConflict(Conflict):
    """One reference, one decision."""


class SupersedeConflict(Conflict):
    """Only the latest decision of an assignment can be superseded."""


class AcceptedTermsProtected(Conflict):
    """What the cooperative accepted does not become worse."""
