"""The one address that callers know: it authenticates, limits and routes."""

import chassis  # noqa: F401 - what is compiled is found from now on
