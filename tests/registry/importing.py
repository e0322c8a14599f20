"""Who imports in the tests, what they send, and the work that follows."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

import httpx

from services.registry.imports.work import work
from tests.registry.people import expect
from tests.town import Identity, Town

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample_coops.csv"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Json = dict[str, Any]


def a_registrar(territory: str = "SN", **changes: Any) -> Identity:
    return Identity(scope="filings:correct", territory=[territory], **changes)


def a_decider(territory: str = "SN", **changes: Any) -> Identity:
    return Identity(scope="filings:decide", territory=[territory], **changes)


def a_source() -> str:
    return f"list-{uuid4().hex[:12]}"


def a_list(*rows: Sequence[str], header: str = "nom,commune", separator: str = ",") -> bytes:
    """A CSV of these rows."""
    return "\n".join([header, *(separator.join(row) for row in rows), ""]).encode()


def a_name() -> str:
    """A name that no other looks like."""
    return f"{uuid4().hex[:8]} {uuid4().hex[:8]}"


async def upload(
    town: Town, who: Identity, content: bytes, *, media: str = CSV, query: str = "", **headers: str
) -> httpx.Response:
    address = f"/v1/imports?{query}" if query else f"/v1/imports?source={a_source()}"
    async with town.client("registry", who) as client:
        sent = {"Content-Type": media} | headers
        return await client.post(address, content=content, headers=sent)


async def finish_work(town: Town) -> None:
    while await work(town.apps["registry"]):
        pass


async def read(town: Town, who: Identity, address: str) -> Json:
    async with town.client("registry", who) as client:
        return expect(await client.get(address), 200)


async def checked(
    town: Town, who: Identity, content: bytes, *, media: str = CSV, query: str = ""
) -> Json:
    """An import whose file was read."""
    made = expect(await upload(town, who, content, media=media, query=query), 202)
    await finish_work(town)
    return await read(town, who, f"/v1/imports/{made['id']}")


async def rows_of(town: Town, who: Identity, made: Json) -> list[Json]:
    """Every row, page by page."""
    rows, address = [], f"/v1/imports/{made['id']}/rows?limit=200"
    while address:
        page = await read(town, who, address)
        rows += page["items"]
        address = (page["next"] or "").removeprefix("http://gateway")
    return rows


async def decide(
    town: Town, who: Identity, made: Json, outcome: str = "APPROVED", **more: str
) -> httpx.Response:
    async with town.client("registry", who) as client:
        told = {"If-Match": f'"{made["version"]}"'}
        body = {"outcome": outcome, **more}
        return await client.post(f"/v1/imports/{made['id']}/decisions", json=body, headers=told)


async def imported(
    town: Town, content: bytes, *, media: str = CSV, query: str = "", territory: str = "SN"
) -> Json:
    """An import that was decided and applied."""
    who = a_registrar(territory)
    made = await checked(town, who, content, media=media, query=query)
    expect(await decide(town, a_decider(territory), made), 201)
    await finish_work(town)
    return await read(town, who, f"/v1/imports/{made['id']}") | {"who": who}


def found_in(row: Json) -> set[tuple[str, str, str]]:
    return {(one["code"], one["severity"], one["pointer"]) for one in row["findings"]}


_TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORKBOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELS}"><sheets>'
    '<sheet name="Liste" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_TARGETS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)


def a_sheet(rows: Sequence[Sequence[str]]) -> str:
    """The XML of a sheet; a cell that begins with `<` is taken as it is."""
    said = "".join(
        f'<row r="{n}">' + "".join(map(_cell, row)) + "</row>" for n, row in enumerate(rows, 1)
    )
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{said}</sheetData></worksheet>'


def _cell(text: str) -> str:
    return text if text.startswith("<") else f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def a_workbook(sheet: str, **parts: str) -> bytes:
    """An XLSX file; `parts` replace or add (`sharedStrings`, `styles`, `workbook`)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _TYPES)
        package.writestr("xl/workbook.xml", parts.pop("workbook", WORKBOOK))
        package.writestr("xl/_rels/workbook.xml.rels", _TARGETS)
        package.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in parts.items():
            package.writestr(f"xl/{name}.xml", content)
    return file.getvalue()
