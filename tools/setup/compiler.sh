#!/bin/sh
# The tests also prove the compiled codec; without a compiler they prove what is there.
set -eu
command -v cc >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing a C compiler for the compiled codec" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev python3-dev; } >/dev/null 2>&1 && exit 0
fi
echo "setup: no C compiler; the compiled codec is left out (apt-get install gcc libc6-dev python3-dev)" >&2
