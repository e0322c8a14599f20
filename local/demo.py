"""`make demo`: a group is trained, registers, is financed and lives on, told to the running
town.

Exits with 1 at the first surprise. It can be told any number of times on the same data.
"""

import sys
import time

import httpx

from local.plan import read_plan
from local.story import people
from local.story.financing import finance
from local.story.importing import import_list
from local.story.living import live
from local.story.publishing import publish
from local.story.registering import register
from local.story.teller import Surprise, Teller
from local.story.training import train


def tell(teller: Teller) -> None:
    """The whole story."""
    group = people.persons()
    initiative = train(teller, people.word(), group)
    decision = register(teller, initiative, group)
    finance(teller, decision)
    publish(teller, decision, initiative["name"])
    live(teller, decision)
    import_list(teller)


def main() -> int:
    """Tell it; 0 when everything happened as told."""
    began = time.monotonic()
    accounts = read_plan(demo=True).folder / "demo.json"
    if not accounts.exists():
        sys.stderr.write("No demo accounts: start the town with `make run` first.\n")
        return 1
    try:
        tell(Teller(accounts))
    except Surprise as surprise:
        sys.stderr.write(f"\nA surprise: {surprise}\n")
        return 1
    except httpx.TransportError as error:
        sys.stderr.write(f"\nThe town does not answer ({type(error).__name__}): `make run`.\n")
        return 1
    sys.stdout.write(f"\nEverything happened as told, in {time.monotonic() - began:.1f} s.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
