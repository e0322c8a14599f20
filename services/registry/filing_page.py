"""The page about filings, made from the tables: `python -m services.registry.filing_page`.

Which findings a type may have is read from the code of its rules, so that the page knows of a rule
as soon as it is asked.
"""

import ast
import csv
import inspect
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, get_args

from pydantic import BaseModel

from services.registry.fields import FilingType
from services.registry.formalities import FORMALITIES
from services.registry.formality import Formality

_HERE = Path(__file__).parent
_OURS = "services.registry."
_INTRO = """# Filings

The register changes only by filings. `POST /v1/filings` drafts one, with its `type`, the
`cooperative_id` that it is about (a `REGISTRATION` has none yet) and its `payload`; a draft may be
partial. `POST /v1/filings?validate_only=true` and a submission with `validate_only=true` name every
finding at once. A finding that blocks (`BLOCK`) is a 422; one that warns (`WARN`) stays with the
filing. Findings without an article are the register's own: something is missing, unknown, or in the
wrong order.

**After a rejection.** A rejected filing is closed for ever. A new one may name it as
`former_filing_id`: of the same organisation, of the same type and about the same cooperative. Each
then shows the other (`taken_up_by` on the rejected one); nothing of the first is copied.

**Which law.** A filing is held against the rules of `services/registry/law/rules.csv` in force on
the day on which it arrived, and a draft against those of today: a rule dated tomorrow binds nobody
today, and a rule that changed while a file lay on a desk does not turn against who filed it. A file
that came back keeps its arrival, and its law. The state of the register is always that of today.
A row with confidence `M` or `U` (from memory, or not found) is there and off; a row may be switched
off, dated or given another number without a line of code.

**What is dated.** A filing takes effect on `effective_on`, else on the day of its decision
(`decided_on`), else, as a `REGISTRATION`, on the day of its approval. A `LIQUIDATION_CLOSE` and a
`STRIKE_OFF` on `LIQUIDATION_CLOSED` take effect on the publication of the closure, which ends
the personality of a cooperative (AUSCOOP art. 183-184), and on no other day. An association (`AER`)
is no cooperative and need not publish it: without a publication, the day of the decision counts.

**Who dies or resigns** has left, whoever is elected next: a `CHANGE_OF_OFFICERS` that ends mandates
and begins none is only warned (`WARN`) of a president, of directors or of supervisors who are
lacking then; so is any filing that leaves fewer of them lacking than there were. AUSCOOP art.
178-179 gives an organ without anybody three months; an alert counts.

**In liquidation** a cooperative lives on for the needs of its liquidation until the closure is
published (AUSCOOP art. 183-184), and owes accounts and an assembly for each year until then (art.
107, 110): annual returns are filed, its RSC number is attested, the ministry may suspend it or take
it out of the CPS programme, and the authority of the agrément may suspend, withdraw or end it. What
only who goes on needs is refused: changes of its statutes, members and organs (the liquidator acts
in the place of these), a CPS recognition, and an agrément asked for or given. No confirmed text
opens one of these to a cooperative that ends; where a jurist names one, it is a word in a table.

This page is made from the tables and compared with them by a test.
"""
_LIFE = {
    "MODIFY": "a record that is registered",
    "ENTER_LIQUIDATION": "a record that is registered; it is in liquidation then",
    "CLOSE_LIQUIDATION": "a record in liquidation; it is struck off then",
    "STRIKE_OFF": "a record that is registered or in liquidation; it is struck off then",
}


def page() -> str:
    """The whole page."""
    index = "\n| Type | Filed with | Changes |\n|---|---|---|\n"
    index += "".join(_line(type, FORMALITIES[type]) for type in FilingType)
    return _INTRO + index + "".join(_section(type, FORMALITIES[type]) for type in FilingType)


def _line(type: FilingType, formality: Formality) -> str:
    changed = ", ".join(changed_by(formality)) or "nothing"
    return f"| [{type.value}](#{type.value.lower()}) | `{formality.scope}` | {changed} |\n"


def _section(type: FilingType, formality: Formality) -> str:
    about = "nothing yet: it begins a record" if formality.begins else "any record"
    if formality.life is not None:
        about = _LIFE[formality.life.value]
        about += " or in liquidation" if formality.in_liquidation else ""
    doc = " ".join((formality.payload.__doc__ or "").split())
    fields = "\n".join(f"| `{name}` | {kind} |" for name, kind in _fields(formality.payload))
    rules = "\n".join(_rows(formality))
    changed = ", ".join(f"`{name}`" for name in changed_by(formality)) or "nothing"
    return f"""
## {type.value}

{doc}

- Filed with `{formality.scope}`, about {about}.
- Changes: {changed}.

| Field of the payload | |
|---|---|
{fields}

| Finding | Weight | Law | Applies to | Rule |
|---|---|---|---|---|
{rules}
"""


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        inner = [it for it in _types(field.annotation) if inspect.isclass(it)]
        is_list = any(it is list for it in inner) or "list[" in str(field.annotation)
        kinds = list(dict.fromkeys(it for it in inner if it not in (list, type(None), dict)))
        kind = " or ".join(dict.fromkeys(_called(it) for it in kinds)) or "value"
        yield prefix + name, f"list of {kind}" if is_list else kind
        nested = next((it for it in kinds if issubclass(it, BaseModel)), None)
        if nested is not None:
            yield from _fields(nested, f"{prefix}{name}{'[]' if is_list else ''}.")


def _types(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _types(part)


def _called(kind: Any) -> str:
    if issubclass(kind, StrEnum):
        return " ".join(f"`{one.value}`" for one in kind)
    names = {"str": "text", "int": "whole number", "bool": "true or false", "UUID": "id",
             "date": "day"}  # fmt: skip
    return names.get(str(kind.__name__), str(kind.__name__))


def changed_by(formality: Formality) -> list[str]:
    """The parts of a record that a type assigns, as its code names them."""
    found: dict[str, None] = {}
    for function in _reached([formality.changes]):
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "fields_of":
                found |= dict.fromkeys(_assigned(node))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "entries":
                found[ast.literal_eval(node.args[0])] = None
            elif isinstance(node, ast.Attribute) and node.attr in ("MEMBER", "MANDATE"):
                found[f"{node.attr.lower()}s"] = None
    if formality.life is not None and formality.life.value != "MODIFY":
        found["life"] = None
    return list(found)


def _assigned(call: ast.Call) -> Iterator[str]:
    for keyword in call.keywords:
        if keyword.arg:
            yield keyword.arg
        elif ast.unparse(keyword.value).endswith("place"):
            yield "seat"
        else:
            yield "what it states"


def _rows(formality: Formality) -> Iterator[str]:
    law = _law()
    for code in sorted(codes_of(formality)):
        title = _problems()[code]["title"]["en"]
        if code not in law:
            weight = "WARN" if code in _doubts(formality) else "BLOCK"
            yield f"| `{code}` | {weight} | – | any form | {title} |"
        for row in law.get(code, []):
            weight = row["severity"] if row["is_on"] == "yes" else f"off ({row['confidence']})"
            value = f": `{_short(row['value'])}`" if row["value"] else ""
            form = f"`{row['legal_form']}`" if row["legal_form"] else "any form"
            cited = row["law_ref"] or "–"
            yield f"| `{code}` | {weight} | {cited} | {form} | {row['rule']}: {title}{value} |"


def _short(value: str) -> str:
    return value if len(value) <= 40 else f"{value[:40].rpartition(';')[0]};…"


def codes_of(formality: Formality) -> set[str]:
    """Every code that the rules of a type may find."""
    known = {*_problems(), *_law()}
    return {text for function in _reached(formality.asked)
            for text in _texts(function.__code__) if text in known}  # fmt: skip


def _doubts(formality: Formality) -> set[str]:
    """What is found by functions that say themselves that they only warn."""
    said = (set(_texts(function.__code__)) for function in _reached(formality.asked))
    return set().union(*(texts for texts in said if "WARN" in texts))


def _texts(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple):
            yield from (text for text in constant if isinstance(text, str))
        elif isinstance(constant, CodeType):
            yield from _texts(constant)


def _reached(things: Any) -> list[FunctionType]:
    """These functions and every function of ours that they call or close over."""
    found: dict[FunctionType, None] = {}
    waiting = list(things)
    while waiting:
        thing = waiting.pop(0)
        if isinstance(thing, tuple | list | set | frozenset):
            waiting += list(thing)
        if not isinstance(thing, FunctionType) or not thing.__module__.startswith(_OURS):
            continue
        if thing not in found:
            found[thing] = None
            waiting += [cell.cell_contents for cell in thing.__closure__ or ()]
            waiting += [thing.__globals__.get(name) for name in _names(thing.__code__)]
            waiting += _of_modules(thing)
    return list(found)


def _of_modules(function: FunctionType) -> list[Any]:
    # `apexes.expected(…)`: a function found through its module
    names = _names(function.__code__)
    modules = [function.__globals__.get(name) for name in names]
    return [getattr(module, name, None) for module in modules
            if inspect.ismodule(module) for name in names]  # fmt: skip


def _names(code: CodeType) -> list[str]:
    inner = [name for it in code.co_consts if isinstance(it, CodeType) for name in _names(it)]
    return [*code.co_names, *inner]


def _law() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = {}
    with (_HERE / "law" / "rules.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["code"], []).append(row)
    return found


def _problems() -> dict[str, Any]:
    files = (_HERE / "problems.toml", _HERE.parents[1] / "chassis" / "problems.toml")
    return {k: v for file in files for k, v in tomllib.loads(file.read_text("utf-8")).items()}


if __name__ == "__main__":
    sys.stdout.write(page())
