"""One OpenAPI document out of four: nothing lost, nothing that means two things.

A component of the same name and the same content appears once. One whose content differs, or that
leads to such a one, is named after its service in every document that has it (`RegistryPage`), so
that the names do not depend on the order of merging.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

Document = dict[str, Any]
_REF = "#/components/"
_OWN_SECTION = "securitySchemes"


def merge(documents: Mapping[str, Document]) -> Document:
    """The paths and components of `documents` (service name -> document), sorted."""
    clashing = _clashing(documents)
    documents = _with_own_operations(documents)
    renamed = {
        name: _renamed(document, _new_names(name, document, clashing))
        for name, document in documents.items()
    }
    components: dict[str, dict[str, Any]] = {}
    paths: dict[str, dict[str, Any]] = {}
    for document in renamed.values():
        for section, name, content in _components(document):
            components.setdefault(section, {})[name] = content
        for path, item in document.get("paths", {}).items():
            paths[path] = _joined(paths[path], item) if path in paths else item
    return {"paths": _sorted(paths), "components": {s: _sorted(c) for s, c in components.items()}}


def _sorted(table: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(table.items()))


def _components(document: Document) -> Iterator[tuple[str, str, Any]]:
    for section, table in document.get("components", {}).items():
        if section != _OWN_SECTION:
            for name, content in table.items():
                yield section, name, content


def _clashing(documents: Mapping[str, Document]) -> set[tuple[str, str]]:
    seen: dict[tuple[str, str], set[str]] = {}
    leads: dict[tuple[str, str], set[tuple[str, str]]] = {}
    count: Counter[tuple[str, str]] = Counter()
    for document in documents.values():
        for section, name, content in _components(document):
            seen.setdefault((section, name), set()).add(json.dumps(content, sort_keys=True))
            leads.setdefault((section, name), set()).update(_references(content))
            count[section, name] += 1
    found = {key for key, contents in seen.items() if len(contents) > 1}
    while more := {k for k in leads.keys() - found if count[k] > 1 and leads[k] & found}:
        found |= more
    return found


def _references(content: Any) -> Iterator[tuple[str, str]]:
    if isinstance(content, dict):
        target = content.get("$ref")
        if isinstance(target, str) and target.startswith(_REF):
            section, _, name = target.removeprefix(_REF).partition("/")
            yield section, name
    for child in _children(content):
        yield from _references(child)


def _children(content: Any) -> list[Any]:
    if isinstance(content, dict):
        return list(content.values())
    return content if isinstance(content, list) else []


def _new_names(
    service: str, document: Document, clashing: set[tuple[str, str]]
) -> dict[tuple[str, str], str]:
    return {
        (section, name): f"{service.capitalize()}{name}"
        for section, name, _ in _components(document)
        if (section, name) in clashing
    }


def _renamed(document: Document, names: Mapping[tuple[str, str], str]) -> Document:
    told: Document = _with_names(document, names)
    components = {
        section: {names.get((section, name), name): content for name, content in table.items()}
        for section, table in told.get("components", {}).items()
    }
    return {**told, "components": components}


def _with_names(content: Any, names: Mapping[tuple[str, str], str]) -> Any:
    if isinstance(content, list):
        return [_with_names(item, names) for item in content]
    if not isinstance(content, dict):
        return content
    return {
        key: _new_ref(value, names) if key in ("$ref", "mapping") else _with_names(value, names)
        for key, value in content.items()
    }


def _new_ref(value: Any, names: Mapping[tuple[str, str], str]) -> Any:
    if isinstance(value, dict):  # a discriminator's mapping: names -> references
        return {key: _new_ref(ref, names) for key, ref in value.items()}
    if not isinstance(value, str) or not value.startswith(_REF):
        return value
    section, _, name = value.removeprefix(_REF).partition("/")
    return f"{_REF}{section}/{names.get((section, name), name)}"


def _operations(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document.get("paths", {}).items():
        for operation in item.values():
            if isinstance(operation, dict) and "operationId" in operation:
                yield path, operation


def _with_own_operations(documents: Mapping[str, Document]) -> dict[str, Document]:
    # The same name for two addresses would make one method of two in a generated client.
    paths: dict[str, set[str]] = {}
    for document in documents.values():
        for path, operation in _operations(document):
            paths.setdefault(operation["operationId"], set()).add(path)
    made = {name: deepcopy(document) for name, document in documents.items()}
    for name, document in made.items():
        for _, operation in _operations(document):
            if len(paths[operation["operationId"]]) > 1:
                operation["operationId"] = f"{name}_{operation['operationId']}"
    return made


def _joined(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    # An address that several services share by its prefix: one operation, whose answer is one of
    # theirs.
    both = {method: dict(operation) for method, operation in first.items()}
    for method, operation in second.items():
        both[method] = _one_of(both[method], operation) if method in both else operation
    return both


def _one_of(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    ours, theirs = _answer_schema(first), _answer_schema(second)
    if ours is None or theirs is None or ours == theirs:
        return first
    known = ours.get("anyOf", [ours])
    schema = {"anyOf": [*known, *([theirs] if theirs not in known else [])]}
    media = {"application/json": {"schema": schema}}
    answers = {**first["responses"], "200": {**first["responses"]["200"], "content": media}}
    return {**first, "responses": answers}


def _answer_schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    content = operation.get("responses", {}).get("200", {}).get("content", {})
    found: dict[str, Any] | None = content.get("application/json", {}).get("schema")
    return found
