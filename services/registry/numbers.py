"""Registration numbers that check themselves."""

from enum import StrEnum

from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.iso7064 import mod_97_10
from stdnum.sn import ninea


class Fault(StrEnum):
    """What is wrong with a number: how it looks, or its check digit."""

    FORMAT = "FORMAT"
    CHECKSUM = "CHECKSUM"


def registration_number(region_code: str, year: int, order: int) -> str:
    """`MB-TC-2026-00017-42`: region, year, order in the region's year, ISO 7064 check digits.

    It is this platform's number. The RSC number is another authority's and never made here.
    """
    body = f"MB{region_code.removeprefix('SN-')}{year}{order:05d}"
    return f"MB-{region_code.removeprefix('SN-')}-{year}-{order:05d}-{check(body)}"


def check(body: str) -> str:
    """ISO 7064 mod 97-10 check digits of `body`."""
    return str(mod_97_10.calc_check_digits(body))


def ninea_fault(text: str) -> Fault | None:
    """What is wrong with a NINEA: seven or nine digits, the last of which is a check; a COFI of
    three characters may follow."""
    try:
        ninea.validate(text)
    except InvalidChecksum:
        return Fault.CHECKSUM
    except ValidationError:
        return Fault.FORMAT
    return None
