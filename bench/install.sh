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

# What stands before services elsewhere, and the load: those on PATH, else Debian's.
has() {
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

missing() {
    for one in nginx haproxy wrk; do has "$one" || echo "$one"; done
    # what compiles the data plane; without it the gateway is measured as it runs then
    has cc || echo "gcc"
}

debian() {
    apt-get install --yes --no-install-recommends --quiet $(missing | sed 's/nginx/nginx-light/') >/dev/null
}

if [ -n "$(missing)" ] && [ "$(id -u)" = 0 ] && has apt-get; then
    debian 2>/dev/null || { apt-get update --quiet >/dev/null 2>&1 && debian; } || true
fi
if [ -n "$(missing | grep -v gcc)" ]; then
    echo "The rows of the gateway cannot be measured without nginx, haproxy and wrk:" \
        "put them on PATH (Debian: apt install nginx-light haproxy wrk)." >&2
fi
