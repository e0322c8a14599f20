"""Each type of filing, with every leaf of its payload wrong: named, field by field, and never
repeated."""

import json
from typing import Any

import pytest

from services.registry.fields import FilingType
from services.registry.formalities import FORMALITIES
from tests.house import hostile
from tests.registry.people import a_filer, registered
from tests.town import Identity, Town, problem


def _wish(type: FilingType, leaf: Any, cooperative_id: str) -> dict[str, Any]:
    schema = FORMALITIES[type].payload.model_json_schema()
    about = {} if FORMALITIES[type].begins else {"cooperative_id": cooperative_id}
    return {"type": type.value, **about, "payload": hostile.marked(schema, leaf)}


@pytest.mark.parametrize("type", list(FilingType), ids=str)
async def test_every_leaf_is_named_and_none_is_repeated(town: Town, type: FilingType) -> None:
    filer = a_filer()
    id = (await registered(town, filer))["cooperative_id"]
    who = filer
    if FORMALITIES[type].scope == "filings:correct":
        who = Identity(scope="filings:correct", territory=["SN"])
    async with town.client("registry", who) as client:
        for name, leaf in hostile.LEAVES.items():
            body = json.dumps(_wish(type, leaf, id)).encode()
            headers = {"Content-Type": "application/json"}
            answer = await client.post("/v1/filings", content=body, headers=headers)
            assert answer.status_code in (400, 422), (name, answer.text)
            assert hostile.MARK not in answer.text, name
            assert problem(answer)["errors"]
