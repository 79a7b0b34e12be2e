#!/bin/sh
# Makes sure that Node.js 18 or newer is there: the tests run the terminal in JavaScript (docs/examples).
set -eu
is_new_enough() {
    command -v node >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' >/dev/null 2>&1
}
is_new_enough && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "setup: installing Node.js for the tests" >&2
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update && apt-get install -y --no-install-recommends nodejs; } >/dev/null 2>&1 && is_new_enough && exit 0
    echo "setup: Node.js 18 cannot be installed; is the network there?" >&2
    exit 1
fi
echo "setup: the tests need Node.js 18 or newer; run: sudo apt-get install nodejs" >&2
exit 1
