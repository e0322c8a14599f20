"""What the financing service must know of the demo lenders: their public keys."""

import json
from pathlib import Path

from chassis.keys import public_jwk


def public_keys_file(demo_file: Path) -> Path | None:
    """Write the public halves of the lenders' keys beside `demo_file`; None when it has none."""
    clients = json.loads(demo_file.read_text(encoding="utf-8")).get("clients", {})
    keys = [
        {"lender_id": client["lender_id"], "jwk": public_jwk(client["private_key_jwk"])}
        for client in clients.values()
        if client.get("private_key_jwk") and client.get("lender_id")
    ]
    if not keys:
        return None
    file = demo_file.with_name("lender-keys.json")
    file.write_text(json.dumps(keys, indent=1), encoding="utf-8")
    return file
