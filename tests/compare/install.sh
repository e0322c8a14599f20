#!/bin/sh
# nginx: that on PATH, else Debian's when we may install it.
set -eu

has() {
    command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]
}

has nginx && exit 0
if [ "$(id -u)" = 0 ] && has apt-get; then
    export DEBIAN_FRONTEND=noninteractive
    # a mirror may hiccup, and a machine that has just started may be installing something itself
    get="apt-get --option Acquire::Retries=5 --option DPkg::Lock::Timeout=300 --quiet"
    $get install --yes --no-install-recommends nginx-light >/dev/null 2>&1 ||
        { $get update >/dev/null 2>&1 &&
            $get install --yes --no-install-recommends nginx-light >/dev/null; }
    exit 0
fi
echo "The gateway cannot be compared with nginx: put nginx on PATH (Debian: apt install nginx-light)." >&2
exit 1
