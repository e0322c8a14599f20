"""Two contracts, before and after, address by address."""

from collections.abc import Iterator
from typing import Any

from contract.breaks.schemas import Shapes
from contract.breaks.values import Schema

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def breaks(old: Schema, new: Schema) -> list[str]:
    """Everything in `new` that would break somebody who relies on `old`; empty if nothing."""
    return list(dict.fromkeys(_Contracts(old, new).breaks()))


class _Contracts:
    def __init__(self, old: Schema, new: Schema) -> None:
        self.old, self.new = old, new
        self.shapes = Shapes(old, new)

    def breaks(self) -> Iterator[str]:
        if _urls(self.old) - _urls(self.new):
            yield "servers: an address is gone"
        yield from _schemes(self.old, self.new)
        for path, before in self.old["paths"].items():
            after = self.new["paths"].get(path)
            if after is None:
                yield f"{path}: removed"
                continue
            if _urls(before) != _urls(after):
                yield f"{path}: served elsewhere"
            for method in _METHODS:
                if method in before:
                    yield from self._operation(path, method, before, after)

    def _operation(self, path: str, method: str, before: Schema, after: Schema) -> Iterator[str]:
        at = f"{method.upper()} {path}"
        if method not in after:
            yield f"{at}: removed"
            return
        old, new = before[method], after[method]
        if old.get("operationId") != new.get("operationId"):
            yield f"{at}: called {new.get('operationId')}, not {old.get('operationId')}"
        yield from _security(old, new, at)
        yield from self._parameters(_parameters(before, method), _parameters(after, method), at)
        yield from self._body(old.get("requestBody"), new.get("requestBody"), at)
        yield from self._answers(old.get("responses", {}), new.get("responses", {}), at)

    def _parameters(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        for key, before in old.items():
            place = f"{at} {key}"
            after = new.get(key)
            if after is None:
                yield f"{place}: removed"
                continue
            if after.get("required") and not before.get("required"):
                yield f"{place}: required from now on"
            if any(before.get(name) != after.get(name) for name in ("style", "explode")):
                yield f"{place}: written otherwise"
            yield from self.shapes.breaks(before["schema"], after["schema"], "sent", place)
        for key in new.keys() - old.keys():
            if new[key].get("required"):
                yield f"{at} {key}: required from now on"

    def _body(self, old: Schema | None, new: Schema | None, at: str) -> Iterator[str]:
        if old is None:
            if new is not None and new.get("required"):
                yield f"{at} body: required from now on"
            return
        if new is None:
            yield f"{at} body: removed"
            return
        if new.get("required") and not old.get("required"):
            yield f"{at} body: required from now on"
        yield from self._media(old["content"], new["content"], "sent", f"{at} body")

    def _media(self, old: Schema, new: Schema, direction: Any, at: str) -> Iterator[str]:
        for kind, before in old.items():
            if kind not in new:
                yield f"{at}: no {kind} any more"
            elif "schema" in before:
                schema = new[kind].get("schema", {})
                yield from self.shapes.breaks(before["schema"], schema, direction, at)

    def _answers(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        for status, before in old.items():
            place = f"{at} {status}"
            if status not in new:
                # a refusal that is no longer listed still has the shape of every other one
                if status.startswith(("2", "3")):
                    yield f"{place}: removed"
                continue
            was = self._resolved(before, self.old)
            now = self._resolved(new[status], self.new)
            yield from self._media(was.get("content", {}), now.get("content", {}), "read", place)
            yield from self._headers(was.get("headers", {}), now.get("headers", {}), place)

    def _headers(self, old: Schema, new: Schema, at: str) -> Iterator[str]:
        for name, before in old.items():
            if name not in new:
                yield f"{at} header {name}: removed"
                continue
            was, now = self._resolved(before, self.old), self._resolved(new[name], self.new)
            if was.get("required") and not now.get("required"):
                yield f"{at} header {name}: may be absent now"
            yield from self.shapes.breaks(
                was.get("schema", {}), now.get("schema", {}), "read", f"{at} header {name}"
            )

    @staticmethod
    def _resolved(content: Schema, document: Schema) -> Schema:
        if "$ref" not in content:
            return content
        _, section, name = content["$ref"].removeprefix("#/").split("/")
        found: Schema = document["components"][section][name]
        return found


def _schemes(old: Schema, new: Schema) -> Iterator[str]:
    """Ways to get a token, and the names of what it may open."""
    before, after = (one["components"].get("securitySchemes", {}) for one in (old, new))
    for scheme, told in before.items():
        for kind, flow in told.get("flows", {}).items():
            now = after.get(scheme, {}).get("flows", {}).get(kind, {})
            for name in ("authorizationUrl", "tokenUrl", "refreshUrl"):
                if flow.get(name) != now.get(name):
                    yield f"{scheme} {kind}: {name} is {now.get(name)}, not {flow.get(name)}"
            for scope in flow.get("scopes", {}).keys() - now.get("scopes", {}).keys():
                yield f"{scheme} {kind}: no scope {scope} any more"


def _urls(content: Schema) -> set[str]:
    return {server["url"] for server in content.get("servers", ())}


def _parameters(item: Schema, method: str) -> Schema:
    listed = [*item.get("parameters", ()), *item[method].get("parameters", ())]
    return {f"{one['in']} {one['name']}": one for one in listed}


def _security(old: Schema, new: Schema, at: str) -> Iterator[str]:
    """Every way to be allowed in that worked must still work."""
    demands = new.get("security", [])
    for way in old.get("security", [{}]):
        if demands and not any(_is_enough(way, demand) for demand in demands):
            scopes = " ".join(scope for names in way.values() for scope in names)
            yield f"{at}: {scopes or ('any token' if way else 'no token')} is no longer enough"


def _is_enough(way: dict[str, list[str]], demand: dict[str, list[str]]) -> bool:
    return all(
        scheme in way and set(scopes) <= set(way[scheme]) for scheme, scopes in demand.items()
    )
