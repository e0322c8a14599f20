"""Reading a certificate as its holder and as anybody."""

import base64
import json
from typing import Any

from tests.training.stage import Stage


def payload(jwt: str) -> dict[str, Any]:
    part = jwt.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))))


async def credential(stage: Stage, certificate: dict[str, Any]) -> str:
    address = f"/v1/training-certificates/{certificate['id']}/credential"
    answer = await (await stage.group()).client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain")
    return answer.text


async def verification(stage: Stage, certificate: dict[str, Any]) -> dict[str, Any]:
    nobody = await stage.desk(None)
    return await nobody.get(f"/v1/verifications/{certificate['verification_code']}")


async def told(stage: Stage, certificate: dict[str, Any]) -> list[str]:
    rows = await stage.town.apps["training"].state.reads.fetch(
        "select type, data from event_log where aggregate = $1 order by seq",
        f"training-certificate/{certificate['id']}",
    )
    words = [(row["type"].split(".")[-2], row["data"].get("reason_code", "")) for row in rows]
    return [" ".join(word).strip() for word in words]
