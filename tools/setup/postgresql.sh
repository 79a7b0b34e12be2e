#!/bin/sh
# Makes sure that PostgreSQL's programs are there: the tests start a server of their own from them.
set -eu
for initdb in /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$initdb" ] && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing PostgreSQL for the tests" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends postgresql; } >/dev/null 2>&1 && exit 0
    echo "setup: PostgreSQL cannot be installed; is the network there?" >&2
    exit 1
fi
echo "setup: the tests need PostgreSQL; run: sudo apt-get install postgresql" >&2
exit 1
