#!/bin/sh
# The peers' packages, in bench/.venv: the town's own environment never sees them.
set -eu
cd "$(dirname "$0")/.."

if ! [ -d "${HOME:-}" ] || ! [ -w "${HOME:-}" ]; then
    export UV_CACHE_DIR="$PWD/.venv/cache"
fi
[ -x bench/.venv/bin/python ] || .venv/bin/uv venv --quiet --python .venv/bin/python bench/.venv

sync() {
    VIRTUAL_ENV="$PWD/bench/.venv" .venv/bin/uv pip sync --quiet --compile-bytecode \
        --require-hashes "$@" bench/requirements.txt
}

sync --system-certs 2>/dev/null || sync || {
    echo "The peers of bench/requirements.txt could not be installed." >&2
    exit 1
}
