"""Files that nobody sends by mistake, and those that everybody does."""

import struct
import zipfile
from io import BytesIO
from typing import Any

import pytest

from tests.registry.importing import (
    CSV,
    SAMPLE,
    WORKBOOK,
    XLSX,
    a_list,
    a_name,
    a_registrar,
    a_sheet,
    a_source,
    a_workbook,
    checked,
    found_in,
    rows_of,
    upload,
)
from tests.town import Town, codes, problem

_ODS = "application/vnd.oasis.opendocument.spreadsheet"


async def refused(town: Town, content: bytes, media: str = CSV) -> set[str]:
    """The codes for which a file was refused in its background check."""
    who = a_registrar()
    made = await checked(town, who, content, media=media)
    assert (made["status"], await rows_of(town, who, made)) == ("REFUSED", [])
    return {one["code"] for one in made["findings"] if one["severity"] == "BLOCK"}


@pytest.mark.parametrize(
    ("content", "media", "code"),
    [
        (b"", CSV, "FILE_EMPTY"),
        (a_workbook(a_sheet([["nom"]])), CSV, "FILE_NOT_OF_ITS_TYPE"),
        (SAMPLE.read_bytes(), XLSX, "FILE_NOT_OF_ITS_TYPE"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), XLSX, "FILE_NOT_OF_ITS_TYPE"),
        (b"%PDF-1.7", XLSX, "FILE_NOT_OF_ITS_TYPE"),
    ],
)
async def test_a_file_of_another_kind_is_refused_at_the_door(
    town: Town, content: bytes, media: str, code: str
) -> None:
    answer = await upload(town, a_registrar(), content, media=media)
    assert (answer.status_code, codes(answer)) == (422, {code})


@pytest.mark.parametrize("media", ["application/json", "text/plain", _ODS, "multipart/form-data"])
async def test_other_media_are_refused(town: Town, media: str) -> None:
    answer = await upload(town, a_registrar(), a_list(), media=media)
    assert (answer.status_code, problem(answer)["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"nom,commune\n", "FILE_EMPTY"),
        (b"\n\n  \n", "FILE_EMPTY"),
        (b"nom,commune\nA,\x00B\n", "FILE_NOT_OF_ITS_TYPE"),
        ("nom,commune\nA,B\n".encode("utf-16"), "FILE_ENCODING_UNKNOWN"),
        (b"\xef\xbb\xbfnom,commune\n\xe9,B\n", "FILE_ENCODING_UNKNOWN"),
        (b"nom,commune\n\x81\x8d,B\n", "FILE_ENCODING_UNKNOWN"),
        (b'nom,commune\n"sans fin,B\nC,D\n', "FILE_ROW_BROKEN"),
        (b'nom,commune\n"A" x,B\n', "FILE_ROW_BROKEN"),
        (b"nom,commune\n" + b"A" * 40_000 + b",B\n", "FILE_CELL_TOO_LONG"),
        (b"nom," * 300 + b"commune\n", "FILE_TOO_WIDE"),
        (b"a" * 1_100_000, "FILE_LINE_TOO_LONG"),
        (b"titre,commune\nA,B\n", "COLUMN_MISSING"),
        ("nom,Dénomination,commune\nA,B,C\n".encode(), "COLUMN_DOUBLED"),
        (b"nom,NOM,commune\nA,B,C\n", "COLUMN_DOUBLED"),
    ],
)
async def test_a_text_that_is_no_table_is_refused_by_name(
    town: Town, content: bytes, code: str
) -> None:
    assert await refused(town, content) == {code}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
async def test_what_spreadsheets_write_is_read(town: Town, separator: str, encoding: str) -> None:
    who, name = a_registrar(), f"Coopérative d’élevage {a_name()}"
    text = a_list((name, "Diendé"), header=f"Nom{separator}Commune", separator=separator).decode()
    made = await checked(town, who, text.replace("\n", "\r\n").encode(encoding))
    assert made["encoding"] == ("WINDOWS-1252" if encoding == "cp1252" else "UTF-8")
    assert made["separator"] == separator
    [row] = await rows_of(town, who, made)
    assert (row["said"]["name"], row["outcome"]) == (name, "READY")
    guessed = {one["code"] for one in made["findings"]}
    assert ("FILE_ENCODING_ASSUMED" in guessed) == (encoding == "cp1252")


async def test_a_torn_row_is_kept_out_and_the_others_are_not(town: Town) -> None:
    who = a_registrar()
    content = a_list((a_name(), "Diendé", "de trop"), (a_name(),), (a_name(), "Diendé"))
    found = await rows_of(town, who, await checked(town, who, content))
    assert [row["outcome"] for row in found] == ["BLOCKED", "READY", "READY"]
    assert ("ROW_TOO_WIDE", "BLOCK", "") in found_in(found[0])
    assert ("ROW_TOO_SHORT", "WARN", "") in found_in(found[1])


async def test_a_workbook_is_read_as_people_see_it(town: Town) -> None:
    """Numbers, days and shared strings; a formula by its last value, never run."""
    who, name = a_registrar(), a_name()
    strings = f"<sst><si><t>{name}</t></si><si><r><t>Di</t></r><r><t>endé</t></r></si></sst>"
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    sheet = a_sheet(
        [
            ["nom", "commune", "effectif", "créée le", "femmes", "hommes"],
            [
                '<c t="s"><v>0</v></c>', '<c t="s"><v>1</v></c>', "<c><f>B1+1</f><v>2657.0</v></c>",
                '<c s="1"><v>37856</v></c>', "<c><f>1+1</f></c>", '<c t="e"><v>#N/A</v></c>',
            ],
        ]
    )  # fmt: skip
    content = a_workbook(sheet, sharedStrings=strings, styles=styles)
    made = await checked(town, who, content, media=XLSX)
    assert (made["status"], made["sheet"]) == ("CHECKED", "Liste"), made["findings"]
    [row] = await rows_of(town, who, made)
    told = {"name": name, "commune": "Diendé", "members_count": "2657", "founded_on": "2003-08-23"}
    assert row["said"] == told
    assert ("CELL_IS_FORMULA", "WARN", "/members_count") in found_in(row)
    assert ("CELL_WITHOUT_VALUE", "WARN", "/women_count") in found_in(row)
    assert ("CELL_WITHOUT_VALUE", "WARN", "/men_count") in found_in(row)


@pytest.mark.parametrize("number", ["1E+1000000", "-1E+1000000", "1E-1000000", "2958400"])
async def test_a_number_beyond_all_measure_is_told_in_its_cell(town: Town, number: str) -> None:
    """With the calendar of 1904, which ends four years earlier in numbers."""
    who = a_registrar()
    book = WORKBOOK.replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    cells = [a_name(), "Diendé", f'<c s="1"><v>{number}</v></c>']
    sheet = a_sheet([["nom", "commune", "créée le"], cells])
    made = await checked(town, who, a_workbook(sheet, workbook=book, styles=styles), media=XLSX)
    [row] = await rows_of(town, who, made)
    assert ("FIELD_INVALID", "BLOCK", "/founded_on") in found_in(row)
    assert row["said"]["founded_on"] == number


_DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def a_bomb(part: str, *, size: int) -> bytes:
    """A small file that unpacks to `size` bytes."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as package:
        good = zipfile.ZipFile(
            BytesIO(a_workbook(a_sheet([["nom"], ["x"]]), sharedStrings="<sst/>"))
        )
        for name in good.namelist():
            if name != part:
                package.writestr(name, good.read(name))
        with package.open(part, "w", force_zip64=True) as inside:
            inside.write(b"<sst><si><t>" if part.endswith("strings.xml") else b"<worksheet>")
            for _ in range(size // 1_048_576):
                inside.write(b"1" * 1_048_576 if part.endswith("strings.xml") else b" " * 1_048_576)
    return file.getvalue()


def a_wide_directory() -> bytes:
    """Many empty parts: its directory alone would take much memory."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        for n in range(8_000):
            package.writestr(f"{n:040d}", b"")
    return file.getvalue()


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def with_wrong_sum(content: bytes) -> bytes:
    """The same file, one byte of a part changed."""
    at = content.index(b"xl/worksheets/sheet1.xml") + 40
    return content[:at] + bytes([content[at] ^ 255]) + content[at + 1 :]


_LIES = struct.pack("<HHHHIIH", 0, 0, 9, 9, 9_999_999, 4, 0)  # of a directory of ten megabytes
_NAMED = a_workbook(a_sheet([["nom", "commune"], ["Coopérative", "Diendé"]]))
WORKBOOKS: dict[str, tuple[bytes, str]] = {
    "cut": (cut(_NAMED), "XLSX_BROKEN"),
    "changed": (with_wrong_sum(_NAMED), "XLSX_BROKEN"),
    "no directory": (b"PK\x03\x04" + bytes(100), "XLSX_BROKEN"),
    "a lying directory": (b"PK\x03\x04PK\x05\x06" + _LIES, "XLSX_UNPACKS_TOO_LARGE"),
    "a wide directory": (a_wide_directory(), "XLSX_UNPACKS_TOO_LARGE"),
    "a bomb of spaces": (
        a_bomb("xl/worksheets/sheet1.xml", size=400 << 20),
        "XLSX_UNPACKS_TOO_LARGE",
    ),
    "a bomb of strings": (a_bomb("xl/sharedStrings.xml", size=100 << 20), "XLSX_UNPACKS_TOO_LARGE"),
    "elements within elements": (
        a_workbook(a_sheet([["nom"]]), workbook="<w>" + "<a>" * 100_000), "XLSX_UNPACKS_TOO_LARGE"
    ),
    "cells within cells": (
        a_workbook("<worksheet><sheetData><row>" + "<c>" * 100_000), "XLSX_UNPACKS_TOO_LARGE"
    ),
    "sheets without end": (
        a_workbook(a_sheet([["nom"]]), workbook=f"<w>{'<sheet/>' * 600_000}</w>"),
        "XLSX_UNPACKS_TOO_LARGE",
    ),
    "styles without end": (
        a_workbook(
            a_sheet([["nom"], ["x"]]),
            styles=f"<styleSheet><cellXfs>{'<xf/>' * 70_000}</cellXfs></styleSheet>",
        ),
        "XLSX_UNPACKS_TOO_LARGE",
    ),
    "names without end": (
        a_workbook("<x>" + "".join(f"<a{n}/>" for n in range(20_000))),
        "XLSX_UNPACKS_TOO_LARGE",
    ),
    "namespaces without end": (
        a_workbook("<x>" + "".join(f'<a xmlns:p{n}="u"/>' for n in range(20_000))),
        "XLSX_UNPACKS_TOO_LARGE",
    ),
    "a comment without end": (
        a_workbook(a_sheet([["nom"], ["x"]]).replace("<row", f"<!--{' ' * 2_000_000}--><row", 1)),
        "XLSX_UNPACKS_TOO_LARGE",
    ),
    "a string in pieces": (
        a_workbook(
            a_sheet([["nom"], ["x"]]), sharedStrings=f"<sst><si>{'<t>a</t>' * 40_000}</si></sst>"
        ),
        "XLSX_UNPACKS_TOO_LARGE",
    ),
    "entities": (a_workbook(_DOCTYPE + a_sheet([["nom"], ["x"]])), "XLSX_HAS_DOCTYPE"),
    "entities in strings": (
        a_workbook(a_sheet([["nom"]]), sharedStrings=_DOCTYPE + "<sst><si><t>&b;</t></si></sst>"),
        "XLSX_HAS_DOCTYPE",
    ),
    "a file of the house": (
        a_workbook('<!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet/>'),
        "XLSX_HAS_DOCTYPE",
    ),
    "no sheet": (a_workbook(a_sheet([["nom"]]), workbook="<workbook/>"), "XLSX_BROKEN"),
    "no XML": (a_workbook("nom;commune"), "XLSX_BROKEN"),
    "a string that is not there": (a_workbook(a_sheet([['<c t="s"><v>7</v></c>']])), "XLSX_BROKEN"),
    "a column far away": (
        a_workbook(a_sheet([['<c r="ZZZ1" t="str"><v>x</v></c>']])), "FILE_TOO_WIDE"
    ),
    "rows backwards": (
        a_workbook('<worksheet><sheetData><row r="2"/><row r="1"/></sheetData></worksheet>'),
        "XLSX_BROKEN",
    ),
    "an endless number": (a_workbook(a_sheet([["<c><v>1e999999999x</v></c>"]])), "XLSX_BROKEN"),
    "nothing": (a_workbook(a_sheet([])), "FILE_EMPTY"),
    "a header alone": (a_workbook(a_sheet([["nom", "commune"]])), "FILE_EMPTY"),
}  # fmt: skip


@pytest.mark.parametrize("name", WORKBOOKS)
async def test_a_workbook_that_is_none_is_refused_by_name(town: Town, name: str) -> None:
    content, code = WORKBOOKS[name]
    assert await refused(town, content, XLSX) == {code}


async def test_a_table_without_end_is_refused_at_the_door(town: Town) -> None:
    told = {"Content-Length": str(40 << 20)}
    answer = await upload(town, a_registrar(), b"nom\n", query=f"source={a_source()}", **told)
    assert (answer.status_code, problem(answer)["code"]) == (413, "BODY_TOO_LARGE")


async def test_what_was_refused_is_read_again_with_another_mapping(town: Town) -> None:
    who: Any = a_registrar()
    made = await checked(town, who, "titre,commune\nBokk Jom,Diendé\n".encode())
    assert made["status"] == "REFUSED"
    body = {"mapping": [{"column": "titre", "field": "name"}]}
    async with town.client("registry", who) as client:
        headers = {"If-Match": f'"{made["version"]}"'}
        headers |= {"Content-Type": "application/merge-patch+json"}
        answer = await client.patch(f"/v1/imports/{made['id']}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
    from tests.registry.importing import finish_work, read

    await finish_work(town)
    assert (await read(town, who, f"/v1/imports/{made['id']}"))["status"] == "CHECKED"
