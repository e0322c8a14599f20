"""For hands at a terminal: `python -m local.speak token volunteer`, and
`… sign bank_a POST /v1/lender/… KEY body.json` for a lender's signed act,
`… registration INITIATIVE_ID` for a lawful REGISTRATION of seven invented members.
"""

import json
import sys
import time
from pathlib import Path

from local.plan import read_plan
from local.story.people import persons, registration, word
from local.story.teller import Teller


def signature(teller: Teller, role: str, method: str, path: str, *, key: str, body: bytes) -> str:
    """The `x-jws-signature` of a lender's act: detached, over the very bytes that are sent."""
    claims = {
        "iat": int(time.time()),
        "htm": method,
        "htu": f"{teller.base}{path}",
        "aud": teller.base,
        "idk": key,
    }
    return teller.signer(role).detached(body, claims)


def main(words: list[str]) -> int:
    """Print a token, a signature or a registration."""
    teller = Teller(read_plan(demo=True).folder / "demo.json")
    match words:
        case ["token", role]:
            sys.stdout.write(f"{teller.token(role)}\n")
        case ["sign", role, method, path, key, file]:
            body = Path(file).read_bytes()
            made = signature(teller, role, method, path, key=key, body=body)
            sys.stdout.write(f"{made}\n")
        case ["registration", initiative_id]:
            payload = registration(word(), persons())
            wish = {"type": "REGISTRATION", "initiative_id": initiative_id, "payload": payload}
            sys.stdout.write(json.dumps(wish, ensure_ascii=False, indent=1) + "\n")
        case _:
            sys.stderr.write(__doc__ or "")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
