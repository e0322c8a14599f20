#!/bin/sh
# Chromium and chromedriver: those on PATH, else Debian's when we may install them.
set -eu

has() {
    command -v "$1" >/dev/null 2>&1
}

if has chromedriver && { has chromium || has google-chrome || has chromium-browser || has chrome; }; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && has apt-get; then
    export DEBIAN_FRONTEND=noninteractive
    # a mirror may hiccup, and a machine that has just started may be installing something itself
    get="apt-get --option Acquire::Retries=5 --option DPkg::Lock::Timeout=300 --quiet"
    $get install --yes --no-install-recommends chromium chromium-driver >/dev/null 2>&1 ||
        { $get update >/dev/null 2>&1 &&
            $get install --yes --no-install-recommends chromium chromium-driver >/dev/null; }
    exit 0
fi
echo "The pages cannot be tried: put Chromium and the chromedriver of the same version on PATH" \
    "(Debian: apt install chromium chromium-driver)." >&2
exit 1
