"""`python -m browser`: the example application on http://127.0.0.1:5173, beside a running town."""

import sys

from browser.build import build
from browser.site import PORT, serve, settings_of
from contract.refusals import CannotJudge
from local.place import data_folder


def main() -> int:
    """Build and serve it until Ctrl-C; returns the exit code."""
    try:
        settings = settings_of(data_folder() / "demo.json")
        build()
        with serve(settings) as server:
            print(
                f"The example application is on http://127.0.0.1:{PORT}/ (Ctrl-C stops it)",
                flush=True,
            )
            server.serve_forever()
    except KeyboardInterrupt:
        pass
    except CannotJudge as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
