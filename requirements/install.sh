#!/bin/sh
# Make .venv hold exactly what dev.txt locks. Needs Python 3.11 or newer with venv, nothing else.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "$*" >&2
    exit 1
}

is_recent() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if is_recent "$name"; then
            echo "$name"
            return
        fi
    done
    fail "Python 3.11 or newer is needed: install it (Debian, Ubuntu: apt install python3" \
        "python3-venv), or name one with PYTHON=/path/to/python3."
}

make_venv() {
    python=$(find_python) || exit 1
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$python cannot make a virtual environment: install its venv module" \
            "(Debian, Ubuntu: apt install python3-venv)."
    echo "Making .venv with $("$python" --version); this takes up to a minute, once"
    "$python" -m venv --clear .venv || fail "$python could not make .venv in $PWD."
}

# uv's cache saves much time, but a home may be missing or belong to somebody else.
choose_cache() {
    cache=${XDG_CACHE_HOME:-${HOME:-}/.cache}/uv
    if ! [ -d "${HOME:-}" ] || ! mkdir -p "$cache" 2>/dev/null || ! [ -w "$cache" ]; then
        export UV_CACHE_DIR="$PWD/.venv/cache" PIP_NO_CACHE_DIR=1
    fi
}

# An index that hiccups is asked again, and one that is slow is waited for.
export UV_HTTP_RETRIES=8 UV_HTTP_TIMEOUT=120 PIP_RETRIES=8 PIP_DEFAULT_TIMEOUT=120

# Two terminals may begin at once in a fresh clone.
if command -v flock >/dev/null; then
    exec 9<requirements/install.sh
    flock 9
fi
is_recent .venv/bin/python || make_venv
[ -n "${UV_CACHE_DIR:-}" ] || choose_cache
wanted=$(sed -n 's/^uv==\([^ ]*\).*/uv \1/p' requirements/uv.txt)
case $(.venv/bin/uv --version 2>/dev/null) in
"$wanted" | "$wanted "*) ;;
*)
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        -r requirements/uv.txt || fail "uv could not be installed: is the package index reachable?"
    ;;
esac

# Compiled here once, because a town starts ten processes at each run.
sync() {
    VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv pip sync --quiet --compile-bytecode --require-hashes \
        "$@" requirements/dev.txt
}

# First with the machine's own certificates, which a proxy may need; then with those of uv.
sync --system-certs 2>/dev/null || sync ||
    fail "The packages of requirements/dev.txt could not be installed."
