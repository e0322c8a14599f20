"""Answers are kept as long as promised, and then forgotten."""

from datetime import timedelta
from uuid import uuid4

from chassis import clock
from chassis.app import _forget_answers
from tests.makers import a_filing
from tests.registry.people import a_filer, expect
from tests.town import Town


async def test_an_answer_is_kept_for_thirty_days_and_forgotten_after(town: Town) -> None:
    app, filer, key = town.apps["registry"], a_filer(), uuid4().hex
    body, headers = a_filing(), {"Idempotency-Key": key}
    async with town.client("registry", filer) as client:
        first = expect(await client.post("/v1/filings", json=body, headers=headers), 201)
        await _forget_answers(app)
        again = expect(await client.post("/v1/filings", json=body, headers=headers), 201)
        with clock.shifted(timedelta(days=32)):
            await _forget_answers(app)
        later = expect(await client.post("/v1/filings", json=body, headers=headers), 201)
    assert again["id"] == first["id"]
    assert later["id"] != first["id"]
