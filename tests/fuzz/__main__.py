"""`python -m tests.fuzz [--seed N] [--soak]`: one town and thousands of cases; with `--soak` three
towns, three seeds of chance and 20,000 cases each. The same seed asks the same, so that a check
does not change its mind about an unchanged tree."""

import argparse
import os
import random
import subprocess
import sys

from local.endings import end_orderly
from local.temporary import temporary_cluster

_SEED = 1
_SEEDS = 3
_EXAMPLES, _LEAST, _KEYS = 6, 2_000, 20
_SOAK_EXAMPLES, _SOAK_LEAST, _SOAK_KEYS = 90, 20_000, 200


def main(words: list[str]) -> int:
    """0 when every promise was kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--long", action="store_true", help="20,000 cases")
    parser.add_argument("--only", default="", help="operations of which the name fits")
    parser.add_argument("--soak", action="store_true", help="20,000 cases for each of three seeds")
    asked = parser.parse_args(words)
    end_orderly()
    seed = random.randrange(10**6) if asked.soak else _SEED
    seed = seed if asked.seed is None else asked.seed
    if asked.soak:
        return max(_alone(seed + n) for n in range(_SEEDS))
    return _run(seed, asked.only, is_long=asked.long)


def _alone(seed: int) -> int:
    # what is told to Schemathesis is told to its process for ever
    run = [sys.executable, "-m", "tests.fuzz", "--long", "--seed", str(seed)]
    return subprocess.run(run, check=False).returncode


def _run(seed: int, only: str, *, is_long: bool) -> int:
    os.environ["MBOOLO_TEST_SERVER"] = "none"  # the makers of tests ask for one when imported
    from tests.fuzz.run import Plan, fuzz

    if is_long:
        plan = Plan(seed, _SOAK_EXAMPLES, 40, _SOAK_LEAST, _SOAK_KEYS, is_long=True)
    else:
        plan = Plan(seed, _EXAMPLES, 4, 0 if only else _LEAST, _KEYS, only=only)
    with temporary_cluster() as cluster:
        return 0 if fuzz(cluster, plan) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
