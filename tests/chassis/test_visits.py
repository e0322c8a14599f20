"""The line of each request: written soon, and before the process ends."""

import asyncio
import io
import json
import subprocess
import sys

import pytest

from chassis.logs import Visits
from chassis.noted import Noted

_LAST = """
import asyncio
from chassis.logs import configure, visits
from chassis.noted import Noted

async def main():
    visits.note(Noted("GET", "/v1/x", 200, "a" * 32, "b"), 0.00737)

configure("test")
asyncio.run(main())
"""


def test_what_a_process_did_last_is_written_before_it_ends() -> None:
    done = subprocess.run([sys.executable, "-c", _LAST], capture_output=True, text=True, check=True)
    line = json.loads(done.stdout)
    assert (line["route"], line["status"], line["ms"]) == ("/v1/x", 200, 7.37)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(0.0, "0.00"), (0.000_049, "0.05"), (0.000_994, "0.99"), (0.0123, "12.30"), (3.5, "3500.00")],
)
async def test_it_is_written_soon_in_hundredths_of_a_millisecond(
    seconds: float, written: str
) -> None:
    visits = Visits()
    visits.out = told = io.StringIO()
    visits.note(Noted("GET", "/v1/x", 200, "a" * 32, "b"), seconds)
    async with asyncio.timeout(30):
        while not told.getvalue():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert f'"ms":{written},' in told.getvalue()
