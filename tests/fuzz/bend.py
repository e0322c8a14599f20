"""Bends what Schemathesis made up towards the town as it is: callers who may, objects that exist,
versions that are current, keys that are new, signatures that hold. What was made wrong on purpose
stays wrong; of what was made right, a part is replaced by what must succeed."""

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from schemathesis import Case
from schemathesis.core import NotSet
from schemathesis.core.parameters import ParameterLocation as At

from gateway.roles import ROLES
from gateway.routes_table import find
from tests.fuzz.crew import Crew, stranger
from tests.fuzz.recipes import Fit
from tests.fuzz.stock import Stock
from tests.house.objects import OPEN, SEES_ALL

_SIGNED = "x-jws-signature"
_TIED = {"POST /filings": ("type", "payload")}
Wrong = set[tuple[At | None, str | None]]  # what was made wrong on purpose, and where


@dataclass(frozen=True)
class Bent:
    """What became of a case."""

    role: str | None
    is_foreign: bool = False
    body: str = "none"  # generated, grafted, told
    fit: Fit | None = None


@dataclass
class Bender:
    """One for a run."""

    crew: Crew
    stock: Stock
    random: random.Random
    bent: dict[str, Bent] = field(default_factory=dict)  # by the id of the case
    wrong: Wrong = field(default_factory=set)  # in the case at hand
    count: Counter[str] = field(default_factory=Counter)
    proven: set[str] = field(default_factory=set)  # has succeeded: anything may be tried now
    visited: set[str] = field(default_factory=set)  # by a stranger
    unseen: set[str] = field(default_factory=set)  # whoever may call it sees everything

    def bend(self, case: Case[Any]) -> None:
        """Change a case before it is sent."""
        label = label_of(case)
        self.wrong = _made_wrong(case)
        fit = self.stock.of(label)
        self.count[label] += 1
        foreign = self._foreign(case) if self._is_time(label) else None
        if foreign:
            self._go_to(case, foreign)
        elif fit:
            self._go_to(case, fit)
            self._ask_as_told(case, fit)
        role = (foreign or fit or Fit(self._anybody(case))).role
        kind = self._body(case, None if foreign else fit)
        self._headers(case, role, foreign or fit)
        self.bent[case.id] = Bent(role, foreign is not None, kind, fit)

    def _is_time(self, label: str) -> bool:
        """Whether a stranger should ask now: at each seventh case, but for the first as soon as
        it can be."""
        return self.count[label] % 7 == 3 or (self.count[label] > 2 and label not in self.visited)

    # -- who, and which object

    def _foreign(self, case: Case[Any]) -> Fit | None:
        """An object of ours, asked for by a stranger; None where nobody is a stranger."""
        path, method = case.operation.path, case.operation.method.upper()
        if "{id}" not in path or (method, path) in OPEN or self._is_wrong(At.PATH):
            return None
        kind = path.partition("/{")[0].removeprefix("/v1/")
        sees_all = set() if find(path.encode()) else SEES_ALL  # of what the gateway keeps
        if (method, kind) == ("GET", "training-sessions"):
            kind = "drafts"  # once it is open, everybody sees a session
        ids = self.stock.makers.known.get(kind)
        wanted = scopes_of(case)
        roles = [role for role, held in ROLES.items() if not wanted or wanted & set(held)]
        # bank A is the one lender that has the files
        roles = [role for role in roles if role != "bank_a" and role not in sees_all]
        if not roles:
            self.unseen.add(label_of(case))
        if not ids or not roles:
            return None
        self.visited.add(label_of(case))
        return Fit(stranger(self.random.choice(roles)), {"id": self.random.choice(ids)})

    def _anybody(self, case: Case[Any]) -> str | None:
        wanted = scopes_of(case)
        return next((role for role, scopes in ROLES.items() if wanted & set(scopes)), None)

    def _go_to(self, case: Case[Any], fit: Fit) -> None:
        if fit.values and not self._is_wrong(At.PATH):
            case.path_parameters = {**case.path_parameters, **fit.values}

    def _ask_as_told(self, case: Case[Any], fit: Fit) -> None:
        if fit.query and not self._is_wrong(At.QUERY) and self._mostly(case):
            case.query = {**case.query, **fit.query}

    # -- what

    def _body(self, case: Case[Any], fit: Fit | None) -> str:
        if fit is None or fit.body is None or self._is_wrong(At.BODY):
            return "generated"
        if isinstance(fit.body, bytes):  # a file: what is made up of bytes is rarely one
            case.body, case.media_type = fit.body, "text/csv"
            return "told"
        chance = self.random.random() if label_of(case) in self.proven else 0.0
        if chance < 0.35 or not isinstance(case.body, dict):
            case.body = json.loads(json.dumps(fit.body))
            return "told"
        if chance < 0.65 and case.body:
            case.body = self._grafted(fit.body, case.body, _TIED.get(label_of(case), ()))
            return "grafted"
        return "generated"

    def _grafted(
        self, told: dict[str, Any], made: dict[str, Any], tied: tuple[str, ...]
    ) -> dict[str, Any]:
        some = self.random.sample(sorted(made), k=self.random.randint(1, min(2, len(made))))
        told = json.loads(json.dumps(told))
        if set(some) & set(tied):  # one decides what the other may be: both or neither
            told = {name: value for name, value in told.items() if name not in tied}
            some += [name for name in tied if name in made]
        return {**told, **{name: made[name] for name in some}}

    # -- with which headers

    def _headers(self, case: Case[Any], role: str | None, fit: Fit | None) -> None:
        case.headers.pop("Authorization", None)
        if role and scopes_of(case) is not None:
            case.headers["Authorization"] = f"Bearer {self.crew.token(role)}"
        if fit and self._mostly(case):
            case.headers.update(fit.headers)
        all_names = {parameter.name for parameter in case.operation.headers}
        names = {name for name in all_names if not self._is_wrong(At.HEADER, name)}
        self._key_and_version(case, role, fit, names)
        if _SIGNED in names and role and self._mostly(case):
            self._sign(case, role)

    def _key_and_version(
        self, case: Case[Any], role: str | None, fit: Fit | None, names: set[str]
    ) -> None:
        if "Idempotency-Key" in names and self._mostly(case):
            case.headers["Idempotency-Key"] = uuid4().hex
        if "If-Match" in names and fit and self._mostly(case):
            case.headers["If-Match"] = self._version(case, role)

    def _version(self, case: Case[Any], role: str | None) -> str:
        before, brace, _ = case.operation.path.partition("}")
        seen = self.crew.ask(role, "GET", f"{before}{brace}".format(**case.path_parameters))
        version: str = seen.headers.get("etag", '"1"')
        return version

    def _sign(self, case: Case[Any], role: str) -> None:
        if "private_key_jwk" not in self.crew.clients[role]:
            return
        path = case.operation.path.format(**case.path_parameters)
        try:
            raw = b"" if isinstance(case.body, NotSet) else json.dumps(case.body).encode()
        except TypeError:
            return  # bytes, which are no JSON: whatever is signed, it is not what is sent
        key = case.headers.get("Idempotency-Key", "")
        case.headers[_SIGNED] = self.crew.signature(role, path, key, raw)

    def _mostly(self, case: Case[Any]) -> bool:
        return label_of(case) not in self.proven or self.random.random() < 0.9

    def _is_wrong(self, at: At, name: str | None = None) -> bool:
        found = {of for place, of in self.wrong if place == at}
        return bool(found if name is None else found & {name, None})


def _made_wrong(case: Case[Any]) -> Wrong:
    # by what was done on purpose: Schemathesis holds some values of its own for wrong that it did
    # not mean to be (in its coverage phase a header loses its quotes)
    if case.meta is None or case.meta.generation.mode.is_positive:
        return set()
    data = case.meta.phase.data
    if data.mutations:
        return {(one.parameter_location, one.parameter) for one in data.mutations}
    if data.parameter_location:
        return {(data.parameter_location, data.parameter)}
    parts = case.meta.components.items()
    return {(at, None) for at, made in parts if made.mode.is_negative}


def label_of(case: Case[Any]) -> str:
    """An operation as the contract names it: without `/v1`."""
    label: str = case.operation.label
    return label.replace(" /v1/", " /", 1)


def scopes_of(case: Case[Any]) -> set[str]:
    """The scopes any one of which opens an operation."""
    asked = case.operation.definition.raw.get("security", [])
    return {scope for one in asked for scopes in one.values() for scope in scopes}
