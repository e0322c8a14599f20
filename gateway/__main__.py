"""`python -m gateway`: see `--help`. `openapi` prints its own part of the contract."""

import json
import sys

from chassis.serve import main
from gateway.app import define
from gateway.contract.document import own_document

if sys.argv[1:] == ["openapi"]:  # needs neither settings nor a database
    sys.stdout.write(json.dumps(own_document(), ensure_ascii=False, indent=1, sort_keys=True))
else:
    main(define)
