"""A list of 100,000 rows, as CSV and as XLSX, through a real process: how much memory it took."""

import asyncio
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from local.postgres import Cluster
from services.registry.app import define
from services.registry.settings import RegistrySettings
from tests.registry.import_processes import a_process, until
from tests.registry.importing import (
    CSV,
    XLSX,
    a_decider,
    a_registrar,
    a_sheet,
    a_workbook,
    decide,
    read,
    upload,
)
from tests.registry.people import expect
from tests.town import Town, create_database, settle

ROWS = int(os.environ.get("SOAK_IMPORT_ROWS", "100000"))
MOST_MIB = 300
SOURCE = "census"
_PATIENCE_S = 3_600.0
_COMMUNES = ("Diendé", "Malicounda", "Ndioum", "Koungheul", "Pambal", "Ronkh", "Sibassor")


@dataclass(frozen=True)
class Taken:
    """What one list took."""

    kind: str
    peak_mib: float
    checked_s: float
    applied_s: float | None
    rows: int


def name_of(n: int) -> str:
    """A name that looks like few others."""
    return f"Coopérative {n * 2_654_435_761 % 2**32:08x} de {n:06d}"


def as_csv() -> bytes:
    """The list as a text."""
    lines = (f"{n},{name_of(n)},{_COMMUNES[n % 7]},{n % 900},0111" for n in range(ROWS))
    return "\n".join(["id,nom,commune,effectif,secteur", *lines]).encode()


def as_xlsx() -> bytes:
    """The same as a workbook with shared strings."""
    shared = [name_of(n) for n in range(ROWS)] + list(_COMMUNES)
    strings = "".join(f"<si><t>{text}</t></si>" for text in shared)
    rows = [
        [
            f"<c><v>{n}</v></c>", f'<c t="s"><v>{n}</v></c>', f'<c t="s"><v>{ROWS + n % 7}</v></c>',
            f"<c><v>{n % 900}</v></c>", "0111",
        ]
        for n in range(ROWS)
    ]  # fmt: skip
    header = ["id", "nom", "commune", "effectif", "secteur"]
    return a_workbook(a_sheet([header, *rows]), sharedStrings=f"<sst>{strings}</sst>")


def peak_mib(pid: int) -> float:
    """The most memory that a process ever held."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    [line] = [line for line in lines if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


async def take(town: Town, kind: str, content: bytes, media: str, *, is_applied: bool) -> Taken:
    """Check a list in a process of its own, and let it enter."""
    who = a_registrar()
    made = expect(await upload(town, who, content, media=media, query=f"source={SOURCE}"), 202)
    told = f"select count(*) as n from import where id = '{made['id']}' and status ="
    with a_process(town) as process:
        began, applied = monotonic(), None
        await until(town, f"{told} 'CHECKED'", 1, patience_s=_PATIENCE_S)
        checked = monotonic() - began
        if is_applied:
            made = await read(town, who, f"/v1/imports/{made['id']}")
            expect(await decide(town, a_decider(), made), 201)
            began = monotonic()
            await until(town, f"{told} 'APPLIED'", 1, patience_s=_PATIENCE_S)
            applied = monotonic() - began
        peak = peak_mib(process.pid)
    made = await read(town, who, f"/v1/imports/{made['id']}")
    rows = made["counts"]["IMPORTED" if is_applied else "UNCHANGED"]
    return Taken(kind, peak, checked, applied, rows)


async def soak(folder: Path) -> list[Taken]:
    """The CSV enters; the workbook says the same, and is recognised row by row."""
    async with AsyncExitStack() as stack:
        town = Town(folder)
        url = await create_database("soak_imports")
        await stack.enter_async_context(settle(town, define, RegistrySettings, url))
        return [
            await take(town, "CSV", as_csv(), CSV, is_applied=True),
            await take(town, "XLSX", as_xlsx(), XLSX, is_applied=False),
        ]


def report(_: Cluster, folder: Path) -> bool:
    """Do it and print the table; whether it stayed within the memory and lost no row."""
    found = asyncio.run(soak(folder))
    for one in found:
        applied = f", entered in {one.applied_s:.0f} s" if one.applied_s is not None else ""
        said = f"{one.rows:,} rows read in {one.checked_s:.0f} s{applied}; {one.peak_mib:.0f} MiB"
        sys.stdout.write(f"{'import of a ' + one.kind:<50} {said} (≤ {MOST_MIB})\n")
    is_whole = all(one.rows == ROWS for one in found)
    kept = is_whole and all(one.peak_mib <= MOST_MIB for one in found)
    sys.stdout.write("kept\n" if kept else "BROKEN\n")
    return kept
