"""`python -m tests.local.fake_town [words]`: `python -m local`, with fakes living in the town."""

import sys
from dataclasses import replace

from local.__main__ import main
from local.members import MEMBERS

FAKES = tuple(replace(member, package="tests.local.fakes") for member in MEMBERS)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], FAKES))
