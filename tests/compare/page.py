"""docs/gateway-and-nginx.md: the arguments as a table, with the shapes that each was needed for."""

from collections.abc import Sequence

from local.members import ROOT
from tests.compare.argument import Argument

PAGE = ROOT / "docs" / "gateway-and-nginx.md"
_FEW = 6
_INTRODUCTION = """\
# Where the gateway differs from nginx

`make compare` sends {count} shapes of requests through our gateway and through nginx, both before
the same service, and compares four things: the status that the caller sees, every byte that reached
the service, what came back, and whether the connection lives on. nginx is told to keep connections
and to buffer nothing; everything else is as it comes. What is not in these tables is the same. A
difference that is not listed fails, and so does a line that explains nothing any more;
`make compare A=--write` writes this page.

Of a refusal only status and connection are compared: what each says in its own words is its own.
"""
_HEAD = "| shapes | {what} | nginx | gateway | why |\n|---|---|---|---|---|"


def text(arguments: Sequence[Argument], count: int) -> str:
    """The page."""
    outcomes = [_row(one) for one in arguments if one.is_outcome]
    others = [_row(one) for one in arguments if not one.is_outcome]
    return "\n".join(
        [
            _INTRODUCTION.format(count=count),
            "## What callers see\n",
            _HEAD.format(what="compared"),
            *outcomes,
            "\n## What is added, dropped or spelt otherwise\n",
            "`forth`: a header that the service sees; `back`: one that the caller sees.\n",
            _HEAD.format(what="compared"),
            *others,
            "",
        ]
    )


def _row(one: Argument) -> str:
    shapes = sorted(one.used)
    told = f"{len(shapes)} shapes" if len(shapes) > _FEW else "; ".join(shapes)
    cells = (told, one.what, one.nginx, one.gateway, one.why)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
