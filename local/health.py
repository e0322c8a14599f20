"""`python -m local.health <port>`: exit code 0 if the process there says that it is ready."""

import http.client
import sys
from http import HTTPStatus

HOST = "127.0.0.1"


def is_ready(port: int) -> bool:
    """Whether `GET /health/ready` answers 200 within five seconds."""
    # http.client and not a friendlier client: those would ask a proxy named in the environment.
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_ready(int(sys.argv[1])))
