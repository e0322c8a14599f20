"""`python -m contract lint|breaks|sdk|release`: what `make contract` is made of."""

import argparse
import sys
from collections.abc import Sequence

from contract import released
from contract.lint import lint
from contract.refusals import CannotJudge
from contract.sdk import make_clients, try_clients


def main(words: Sequence[str] | None = None) -> int:
    """Do what the command line says; returns the exit code. A failure ends with one sentence."""
    asked = _parser().parse_args(words)
    try:
        _do(asked)
    except CannotJudge as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


def _do(asked: argparse.Namespace) -> None:
    match asked.command:
        case "lint":
            lint()
        case "breaks":
            released.check(*released.PROMISES)
        case "release":
            released.release(*released.PROMISES, accept_breaks=asked.accept_breaks)
        case "sdk":
            make_clients()
            try_clients()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m contract", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("lint", help="the rules of contract/spectral.yaml")
    commands.add_parser("breaks", help="against docs/api/released and docs/events/released")
    commands.add_parser("sdk", help="make both clients, check their types, try them in a town")
    release = commands.add_parser(
        "release", help="write docs/api/released and docs/events/released"
    )
    release.add_argument("--accept-breaks", action="store_true", help="nobody relies on it yet")
    return parser


if __name__ == "__main__":
    sys.exit(main())
