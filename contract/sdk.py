"""Two clients made from the contract, their types checked, both tried against a running town."""

import json
import shutil
import sys
from itertools import chain
from pathlib import Path
from typing import Any

from contract.guides import GUIDES, follow
from contract.released import current
from contract.tools import HERE, require
from contract.town import running_town
from contract.unions import with_tables, with_whole_bodies

SDK = HERE / "sdk"
CLIENTS = HERE / "clients"
_DOCUMENT = SDK / "openapi.json"
_FOR_PYTHON = SDK / "openapi-python.json"
_TYPESCRIPT = SDK / "typescript"
_PYTHON = SDK / "python"
_PACKAGE = {
    "name": "@mboolo/client",
    "version": "1.0.0",
    "type": "module",
    "exports": {".": {"types": "./client.d.ts", "default": "./client.js"}},
    "files": ["client.js", "client.d.ts", "schema.d.ts"],
}


def for_generators(contract: dict[str, Any]) -> dict[str, Any]:
    """The same contract, said as generators understand it.

    They know one server only, so that paths are whole (`/v1/filings`); and for them a public
    operation is one that demands nothing, not one of which nothing is enough.
    """
    base = contract["servers"][0]["url"]
    paths = {}
    for path, item in contract["paths"].items():
        own = item.get("servers", [{"url": base}])[0]["url"].rstrip("/")
        methods = {key: value for key, value in item.items() if key != "servers"}
        paths[own + path] = {key: _without_empty_demand(one) for key, one in methods.items()}
    return {**contract, "servers": [{"url": "/"}], "paths": paths}


def _without_empty_demand(operation: dict[str, Any]) -> dict[str, Any]:
    return {**operation, "security": [way for way in operation["security"] if way]}


def make_clients() -> None:
    """Write both clients into contract/sdk, anew."""
    shutil.rmtree(SDK, ignore_errors=True)
    _TYPESCRIPT.mkdir(parents=True)
    told = for_generators(current())
    ways = {_DOCUMENT: with_tables(told), _FOR_PYTHON: with_whole_bodies(told)}
    for file, document in ways.items():
        file.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    _make_typescript()
    _make_python()
    sys.stdout.write(f"Clients: {_TYPESCRIPT}, {_PYTHON}\n")


def _make_typescript() -> None:
    # what has a default may be left out; in answers everything that is always there is required
    words = ("--default-non-nullable", "false", "--output", _TYPESCRIPT / "schema.d.ts")
    require("openapi-typescript", _DOCUMENT, *words)
    source = Path(shutil.copy(CLIENTS / "client.ts", _TYPESCRIPT))
    require("tsc", "--project", HERE / "tsconfig.client.json")
    source.unlink()  # what it was compiled to stands in its place
    needed = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    package = _PACKAGE | {"dependencies": {"openapi-fetch": needed["openapi-fetch"]}}
    (_TYPESCRIPT / "package.json").write_text(json.dumps(package, indent=2) + "\n")


def _make_python() -> None:
    options: dict[str, str | Path] = {
        "--path": _FOR_PYTHON,
        "--config": CLIENTS / "python.yaml",
        "--custom-template-path": CLIENTS / "templates",
        "--output-path": _PYTHON,
        "--meta": "uv",
    }
    words = chain.from_iterable(options.items())
    require("openapi-python-client", "generate", "--fail-on-warning", *words)


def try_clients() -> None:
    """Check the types of both clients and of a program that uses each, then run both programs,
    and do in the same town what the guides say."""
    partner, python = CLIENTS / "partner.py", {"MYPYPATH": str(_PYTHON)}
    require("tsc", "--project", HERE / "tsconfig.json")
    require("mypy", "--strict", "--package", "mboolo_client", env=python)
    require("mypy", "--strict", partner, env=python)
    with running_town() as (origin, accounts):
        require("node", CLIENTS / "frontend.ts", origin, accounts)
        require("python", partner, origin, accounts, env={"PYTHONPATH": str(_PYTHON)})
        for guide in GUIDES:
            follow(guide, origin, accounts)
