#!/bin/sh
# Node, npm's packages and the generator of the Python client, beside what .venv already holds.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "The contract cannot be judged: $*" >&2
    exit 1
}

if ! [ -d "${HOME:-}" ] || ! [ -w "${HOME:-}" ]; then
    export UV_CACHE_DIR="$PWD/.venv/cache" npm_config_cache="$PWD/.venv/npm"
fi
# an index that hiccups is asked again, and one that is slow is waited for
export UV_HTTP_RETRIES=8 UV_HTTP_TIMEOUT=120
export NODE_USE_SYSTEM_CA=1 # the machine's own certificates, which a proxy may need

add() {
    VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv pip install --quiet --require-hashes "$@" \
        --requirements requirements/contract.txt
}

add --system-certs 2>/dev/null || add ||
    fail "the packages of requirements/contract.txt could not be installed."
cd contract
PATH="$PWD/../.venv/bin:$PATH" npm ci --silent ||
    fail "the packages of contract/package-lock.json could not be installed."
