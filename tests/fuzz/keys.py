"""Fifty at once with the same key: one of them has an effect, the others its answer."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import httpx

from chassis.http import create_client
from tests.fuzz.crew import Crew
from tests.fuzz.makers import Makers, Thing
from tests.fuzz.town import RunningTown
from tests.fuzz.verdicts import Verdict

_AT_ONCE = 50
_PATIENCE = 1_000


@dataclass(frozen=True)
class Act:
    """An act that makes a thing, and the table in which things of that kind are counted."""

    service: str
    table: str
    role: str
    path: str
    wish: Callable[[Makers], Thing]


# One of each process.
ACTS = (
    Act("registry", "filing", "volunteer", "/v1/filings", Makers.registration),
    Act("training", "training_session", "training_manager", "/v1/training-sessions", Makers.plan),
    Act(
        *("financing", "application", "cooperative", "/v1/financing-applications"),
        Makers.application_wish,
    ),
    Act("gateway", "organisation", "admin", "/v1/organisations", Makers.organisation_wish),
)


@dataclass(frozen=True)
class Outcome:
    """What became of one key: distinct answers, those not told as replays, conflicts, others."""

    answers: int
    firsts: int
    waited: int
    strange: list[str]

    @property
    def is_one(self) -> bool:
        """Whether one was first, and all have its answer."""
        return self.answers == self.firsts == 1 and not self.strange


def same_keys(town: RunningTown, makers: Makers, keys: int) -> Verdict:
    """`keys` keys, fifty requests each; afterwards the things are counted."""
    rounds = [act for _ in range(keys // len(ACTS)) for act in ACTS]
    plans = [(act, act.wish(makers)) for act in rounds]
    before = asyncio.run(_counts(town))
    outcomes = asyncio.run(_race(makers.crew, plans))
    effects = sum(asyncio.run(_counts(town))) - sum(before)
    wrong = [f"\n    {outcome}" for outcome in outcomes if not outcome.is_one]
    waited = sum(outcome.waited for outcome in outcomes)
    seen = f"{len(outcomes)} keys x {_AT_ONCE}, {effects} effects, {waited} times told to wait"
    is_kept = not wrong and effects == len(outcomes)
    return Verdict("one key, one effect, one answer", seen + "".join(wrong), is_kept)


async def _counts(town: RunningTown) -> list[int]:
    found = []
    for act in ACTS:
        connection = await asyncpg.connect(town.database(act.service))
        found.append(await connection.fetchval(f"select count(*) from {act.table}"))
        await connection.close()
    return found


async def _race(crew: Crew, plans: list[tuple[Act, Thing]]) -> list[Outcome]:
    async with create_client() as client:
        return [
            # a token is good for five minutes, and all of them may take longer
            await _one_key(client, f"{crew.base}{act.path}", wish, crew.token(act.role))
            for act, wish in plans
        ]


async def _one_key(client: httpx.AsyncClient, url: str, wish: Thing, token: str) -> Outcome:
    headers = {"Idempotency-Key": uuid4().hex, "Authorization": f"Bearer {token}"}
    headers["Content-Type"] = "application/json"
    body, other = json.dumps(wish).encode(), json.dumps({**wish, "surprise": 1}).encode()
    told = await asyncio.gather(*(_insist(client, url, body, headers) for _ in range(_AT_ONCE)))
    refused, _ = await _insist(client, url, other, headers)
    last = [answer for answer, _ in told]
    strange = [f"{one.status_code} {one.text[:200]}" for one in last if one.status_code != 201]
    if refused.status_code != 422 or refused.json()["code"] != "IDEMPOTENCY_KEY_REUSED":
        strange.append(f"other body: {refused.status_code} {refused.text[:200]}")
    anew = [answer for answer in last if "idempotency-replayed" not in answer.headers]
    contents = {answer.content for answer in last}
    return Outcome(len(contents), len(anew), sum(waits for _, waits in told), strange)


async def _insist(
    client: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]
) -> tuple[httpx.Response, int]:
    """Ask until the answer is known; how often we were told to come again."""
    for waits in range(_PATIENCE):
        try:
            answer = await client.post(url, content=body, headers=headers)
        except httpx.TransportError:
            pass  # who hears nothing asks again with the same key: that is what it is for
        else:
            if not _comes_again(answer):
                return answer, waits
        await asyncio.sleep(0.02)
    raise AssertionError("it never became known")


def _comes_again(answer: httpx.Response) -> bool:
    # Somebody else is still at it; or, on a slow machine, fifty waited for longer than a second for
    # a place at the database: 503 with Retry-After, and the same key is good for the next try.
    if answer.status_code == 503:
        return "retry-after" in answer.headers
    is_conflict = answer.status_code == 409
    return is_conflict and bool(answer.json()["code"] == "REQUEST_IN_PROGRESS")
